#!/usr/bin/env python3
"""The other side of a Noise session, by the PyPI package noiseprotocol, for tests of ours against it.

    noise_peer.py ROLE PATTERN      speaks as `initiator` or `responder` over standard input and output, all in hexadecimal
    noise_peer.py vectors           prints the vectors that stand in Tests/AnabranchNoiseTests/NoiseVectors.swift
    noise_peer.py stream            prints those of the encrypted stream, as docs/protocol.md has it; they stand there too

Keys are fixed, so that each run is the same: the initiator's static secret is 32 bytes of 0x11, its ephemeral one of 0x22, the
responder's 0x33 and 0x44, and the secret that both know 0x55. The prologue is "anabranch test". Each message of a handshake
brings `payload N` along, N counted from 0. Afterwards each side sends three messages, in turn, the initiator first:
`message N`. For the stream, the device keys' secrets are 32 bytes of 0x61 for who dials and 0x62 for who answers, and the space
is the bytes 0 to 15.
"""
import sys

from noise.connection import Keypair, NoiseConnection

PROLOGUE = b"anabranch test"
SECRETS = {"initiator": (b"\x11" * 32, b"\x22" * 32), "responder": (b"\x33" * 32, b"\x44" * 32)}
PSK = b"\x55" * 32
MESSAGES = {"XX": 3, "XXpsk3": 3, "IK": 2}


def public(secret):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    key = X25519PrivateKey.from_private_bytes(secret).public_key()
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def side(role, pattern, prologue=PROLOGUE):
    noise = NoiseConnection.from_name(f"Noise_{pattern}_25519_ChaChaPoly_SHA256".encode())
    noise.set_as_initiator() if role == "initiator" else noise.set_as_responder()
    static, ephemeral = SECRETS[role]
    noise.set_keypair_from_private_bytes(Keypair.STATIC, static)
    noise.set_keypair_from_private_bytes(Keypair.EPHEMERAL, ephemeral)
    if pattern == "IK" and role == "initiator":
        noise.set_keypair_from_public_bytes(Keypair.REMOTE_STATIC, public(SECRETS["responder"][0]))
    if "psk" in pattern:
        noise.set_psks(PSK)
    noise.set_prologue(prologue)
    noise.start_handshake()
    return noise


def vectors():
    for pattern, count in MESSAGES.items():
        sides = [side("initiator", pattern), side("responder", pattern)]
        print(f"pattern {pattern}")
        for number in range(count):
            message = bytes(sides[number % 2].write_message(f"payload {number}".encode()))
            assert bytes(sides[1 - number % 2].read_message(message)) == f"payload {number}".encode()
            print(f"handshake {message.hex()}")
        print(f"hash {bytes(sides[0].get_handshake_hash()).hex()}")
        for number in range(6):
            message = bytes(sides[number % 2].encrypt(f"message {number}".encode()))
            assert bytes(sides[1 - number % 2].decrypt(message)) == f"message {number}".encode()
            print(f"transport {message.hex()}")


def certificate(secret, static):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    key = Ed25519PrivateKey.from_private_bytes(secret)
    device = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return device + key.sign(b"anabranch session key v1" + public(static))


def framed(message):
    return len(message).to_bytes(2, "big") + bytes(message)


def stream():
    for name, purpose, pattern, space in [("meeting", 1, "XX", bytes(range(16))), ("pairing", 2, "XXpsk3", b"")]:
        opening = b"ANBR" + bytes([1, purpose])
        sides = [side(role, pattern, opening + space) for role in ("initiator", "responder")]
        payloads = [b"", certificate(b"\x62" * 32, b"\x33" * 32), certificate(b"\x61" * 32, b"\x11" * 32)]
        print(f"stream {name}")
        for number, payload in enumerate(payloads):
            message = framed(sides[number % 2].write_message(payload))
            assert bytes(sides[1 - number % 2].read_message(message[2:])) == payload
            print(f"handshake {((opening if number == 0 else b'') + message).hex()}")
        print(f"hash {bytes(sides[0].get_handshake_hash()).hex()}")
        for number in range(2):
            print(f"record {framed(sides[number % 2].encrypt(f'message {number}'.encode())).hex()}")
        # The 65,536th record is the last one under its key.
        for _ in range(2, 65537):
            sides[0].encrypt(b"")
        sides[0].noise_protocol.cipher_state_encrypt.rekey()
        print(f"record {framed(sides[0].encrypt(b'message 65536')).hex()}")


def speak(role, pattern):
    noise = side(role, pattern)
    mine = 0 if role == "initiator" else 1

    def send(message):
        print(bytes(message).hex(), flush=True)

    def receive():
        return bytes.fromhex(sys.stdin.readline().strip())

    for number in range(MESSAGES[pattern]):
        if number % 2 == mine:
            send(noise.write_message(f"payload {number}".encode()))
        else:
            assert bytes(noise.read_message(receive())) == f"payload {number}".encode(), "another payload"
    for number in range(6):
        if number % 2 == mine:
            send(noise.encrypt(f"message {number}".encode()))
        else:
            assert bytes(noise.decrypt(receive())) == f"message {number}".encode(), "another message"
    print(bytes(noise.get_handshake_hash()).hex(), flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["vectors"]:
        vectors()
    elif sys.argv[1:] == ["stream"]:
        stream()
    else:
        speak(*sys.argv[1:])
