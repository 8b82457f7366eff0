#!/usr/bin/env python3
"""A second client of the protocol, written from docs/format.md and docs/protocol.md alone.

It pairs, exchanges changes, verifies, lists and writes messages. Names in brackets are sections of those documents. It
takes neither blobs nor words, and shows no more than titles, messages and the text appended to them: purges, trash and
edits are kept and passed on, but not understood. Python 3.10, with the packages `noiseprotocol` and `cryptography`.
"""

import argparse
import base64
import collections
import fcntl
import hashlib
import json
import os
import pathlib
import select
import socket
import struct
import sys
import time

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from noise.connection import Keypair, NoiseConnection
from noise.exceptions import NoiseInvalidMessage

# [Limits]
FRAME_BYTES_MAX, CHANGE_BYTES_MAX, CONTENT_BYTES_MAX = 1 << 20, 1 << 19, 1 << 18
OPERATIONS_MAX, IDENTIFIERS_MAX, LOGS_MAX, REFERENCES_MAX = 1 << 13, 1 << 19, 1 << 12, 1 << 12
NAME_BYTES_MAX, REASON_BYTES_MAX, MILLISECONDS_MAX, DRIFT_MS_MAX = 256, 1024, (1 << 48) - 1, 300_000
# [Reconciling], [The encrypted stream]: bytes and numbers, then seconds.
CREDIT_MIN, CREDIT_WINDOW, CREDIT_MAX, BATCH_BYTES = FRAME_BYTES_MAX + 4, 1 << 22, (1 << 32) - 1, 1 << 18
RECORD_BYTES_MAX, TAG_BYTES, RECORDS_PER_KEY, HANDSHAKE_BYTES_MAX = 65_535, 16, 65_536, 512
CONNECT_MAX, CLOSE_MAX, GREETING_MAX, PAIRING_MAX, DONE_MAX = 10, 2, 5, 120, 45
PING_AFTER, SILENCE_MAX, DEBT_MAX = 15, 45, 300

TO_MEET, TO_PAIR = 1, 2
NAMES = dict(enumerate("hello have logs changes acknowledge credit ping pong close".split(), 1))
NAMES |= dict(enumerate("welcome request grant denial joined".split(), 32))
KINDS = {name: kind for kind, name in NAMES.items()}
DONE, SHUTDOWN, VIOLATION, VERSION, TIMEOUT, STORAGE, SPACE, OWN = range(8)
CREATE_CONVERSATION, CREATE_MESSAGE, APPEND_TEXT, WRITE_REGISTER, ENROL, RESTRICT = 1, 2, 3, 4, 21, 22
TITLE, NAME, OUTSIDER, OWNER, USER = 1, 6, 0, 3, 1
ROLES = {0: "system", 1: "user", 2: "assistant", 3: "tool"}


class Fault(Exception):
    """Something does not keep to the documents; `code` is that of the `close` which tells the other side."""

    def __init__(self, reason, code=VIOLATION):
        super().__init__(reason)
        self.code = code


def require(condition, reason, code=VIOLATION):
    if not condition:
        raise Fault(reason, code)


# ------------------------------------------------------------------------------------------------------------- Bytes


class Reader:
    """Takes primitives from bytes, and refuses every encoding that is not canonical [Primitives]."""

    def __init__(self, data):
        self.data, self.offset = data, 0

    def take(self, count):
        require(count <= len(self.data) - self.offset, "bytes are missing")
        self.offset += count
        return self.data[self.offset - count : self.offset]

    def byte(self, below=256):
        value = self.take(1)[0]
        require(value < below, "a byte out of range")
        return value

    def varint(self, below=1 << 64):
        value = shift = 0
        while (byte := self.byte()) & 0x80 and shift < 63:
            value, shift = value | (byte & 0x7F) << shift, shift + 7
        value |= byte << shift
        require(byte or not shift, "a varint that is not the shortest")
        require(value < below, "a number out of range")
        return value

    def sequence(self):
        sequence = self.varint(1 << 32)
        require(sequence, "a sequence of 0")
        return sequence

    def time(self, base):
        value = self.varint()
        milliseconds = base + ((value >> 1) ^ -(value & 1))
        require(0 <= milliseconds <= MILLISECONDS_MAX, "a time out of range")
        return milliseconds

    def list(self, read, least, limit):
        """A list of elements of at least so many bytes each; its number is checked before any is read."""
        count = self.varint(limit + 1)
        require(count * least <= len(self.data) - self.offset, "a list longer than its bytes")
        return [read() for _ in range(count)]

    def block(self, limit):
        return self.take(self.varint(limit + 1))

    def text(self, limit):
        try:
            return self.block(limit).decode()
        except UnicodeDecodeError as error:
            raise Fault("a text that is not UTF-8") from error

    def end(self):
        require(self.offset == len(self.data), "bytes left over")


def varint(value):
    return bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80]) + varint(value >> 7)


def zigzag(value):
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def block(data):
    return varint(len(data)) + data


def listing(items):
    return varint(len(items)) + b"".join(items)


def digest(domain, *parts):
    return hashlib.sha256(bytes([domain]) + b"".join(parts)).digest()


def merkle_root(leaves):
    """Neighbours in pairs, level by level; an odd one moves up as it is [Hashes]."""
    while len(leaves) > 1:
        pairs = [digest(1, *leaves[i : i + 2]) for i in range(0, len(leaves) - 1, 2)]
        leaves = pairs + leaves[2 * len(pairs) :]
    return leaves[0]


def imported(source, *path):
    """The name of an imported object: domain 5 [Hashes]."""
    return digest(5, *(block(part.encode()) for part in (source, *path)))[:16]


def read_log_header(header):
    """A log's identifier and founding hash [Logs]."""
    require((header[:1], len(header)) in ((b"\1", 49), (b"\2", 53)), "no header of a log")
    founding = digest(4, header)
    return founding[:16], founding


def is_signed(header, log, sequence, hashed, signature):
    """Whether the author of a log signed it up to a change: domain 7 [Signatures]."""
    if header[:1] != b"\1":
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(header[1:33])
        key.verify(signature, signed_hash(log, sequence, hashed))
    except (InvalidSignature, ValueError):
        return False
    return True


def signed_hash(log, sequence, hashed):
    return digest(7, log, struct.pack(">I", sequence), hashed)


Operation = collections.namedtuple("Operation", "kind identity target span structure content leaf")


class Change:
    """A change, read strictly; the `identity` of an operation is its name, (log, sequence, index) [Changes]."""

    def __init__(self, data, log, sequence):
        require(len(data) <= CHANGE_BYTES_MAX, "a change that is too long")
        self.data, self.log, self.sequence = data, log, sequence
        reader = Reader(data)
        require(reader.byte() == 1, "a change of another layout")
        self.time = int.from_bytes(reader.take(8), "big")
        self.milliseconds = self.time >> 16
        reader.time(self.milliseconds)  # what the wall clock showed
        require(reader.varint() < sequence, "an action that began before its log")
        self.dependencies = reader.list(lambda: (reader.take(16), reader.sequence(), reader.take(16)), 33, LOGS_MAX)
        logs = [other for other, _, _ in self.dependencies]
        require(logs == sorted(set(logs) - {log}), "dependencies that do not ascend, or one on the own log")
        self.header = data[: reader.offset]
        self._index = 0
        self.operations = reader.list(lambda: self._read_operation(reader), 5, OPERATIONS_MAX)
        require(self.operations, "a change without operations")
        reader.end()

    def _read_operation(self, reader):
        """Its leaf covers the envelope up to the structure, then its content's hash [Operations]."""
        start, identity = reader.offset, (self.log, self.sequence, self._index)
        kind = reader.varint()
        target = self.read_reference(reader, self._index) if reader.byte(below=2) else None
        span = reader.varint()
        self._index += span
        require(span and self._index <= IDENTIFIERS_MAX, "a span out of range")
        structure = reader.block(CHANGE_BYTES_MAX)
        envelope, mark, content, content_hash = reader.data[start : reader.offset], reader.byte(below=3), None, b""
        if mark == 1:
            salt, content = reader.take(16), reader.block(CONTENT_BYTES_MAX)
            content_hash = digest(2, salt, content)
        elif mark == 2:
            content_hash = reader.take(32)
        leaf = digest(0, envelope, bytes([mark > 0]), content_hash)
        return Operation(kind, identity, target, span, structure, content, leaf)

    def read_reference(self, reader, below):
        """An operation's name, or the id16 of an imported object [References]."""
        table = reader.varint(len(self.dependencies) + 2)
        if table == 0:
            return reader.take(16)
        if table == 1:
            log, sequence = self.log, self.sequence - reader.varint(self.sequence)
        else:
            log, last, _ = self.dependencies[table - 2]
            sequence = reader.sequence()
            require(sequence <= last, "a reference beyond a dependency")
        here = (log, sequence) == (self.log, self.sequence)
        return log, sequence, reader.varint(below if here else IDENTIFIERS_MAX)

    def read_references(self, reader, below):
        return reader.list(lambda: self.read_reference(reader, below), 3, REFERENCES_MAX)

    def hash(self, previous):
        """[The hash of a change], on top of the one before it in its log."""
        count, root = len(self.operations), merkle_root([operation.leaf for operation in self.operations])
        parts = struct.pack(">II", self.sequence, len(self.header)), self.header, struct.pack(">I", count), root
        return digest(3, previous, *parts)


# ------------------------------------------------------------------------------------------------------ What is held


class Replica:
    """A folder with `device.key`, `replica.json` (name, space, own log) and `history`, to which everything is appended.

    `history` is a sequence of records: u32 of what follows, id16 of the log, u32 sequence, hash, bytes; with sequence 0
    the bytes are the log's header, and the hash is the founding one; with a sequence that came before, they are the
    author's signature there. So it stands in causal order, one fsync makes a batch durable, and a record that is torn at
    the end was never acknowledged. Another device's log ends each batch where it is signed.
    """

    RECORD = struct.Struct(">I16sI32s")

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.history = open(self.folder / "history", "a+b")
        fcntl.flock(self.history, fcntl.LOCK_EX | fcntl.LOCK_NB)
        secret = self._read("device.key") or self._write("device.key", os.urandom(32))
        self.key = Ed25519PrivateKey.from_private_bytes(secret)
        self.device = self.key.public_key().public_bytes_raw()
        self.settings = json.loads(self._read("replica.json") or b"null")
        self.headers, self.hashes, self.changes = {}, {}, {}  # by log, by log, by log and sequence in causal order
        self.signatures = {}  # by log and sequence
        self._new, self._durable = bytearray(), 0

    def _read(self, name):
        return (self.folder / name).read_bytes() if (self.folder / name).exists() else None

    def _write(self, name, data):
        """Replaces a small file, durably."""
        beside = self.folder / (name + ".new")
        with open(beside, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self.folder / name)
        return data

    def settle(self, name, space, let_in_by):
        """Notes durably to which space this device belongs, and who let it in [Pairing]."""
        known = self.settings or {"space": space.hex(), "header": (b"\1" + self.device + os.urandom(16)).hex()}
        require(known["space"] == space.hex(), "this folder has another history, and `adopt` is not implemented")
        self.settings = known | {"name": name, "letInBy": let_in_by.hex()}
        self._write("replica.json", json.dumps(self.settings).encode())

    def setting(self, name):
        return bytes.fromhex(self.settings[name])

    @property
    def own_log(self):
        return read_log_header(self.setting("header"))[0]

    def load(self, repair=True):
        """Reads `history` and checks headers, chains and dependencies; to repair is to cut off a torn record's bytes."""
        self.history.seek(0)
        data, offset = self.history.read(), 0
        while len(data) - offset >= self.RECORD.size:
            length, log, sequence, hashed = self.RECORD.unpack_from(data, offset)
            start, end = offset + self.RECORD.size, offset + 4 + length
            require(start <= end <= start + CHANGE_BYTES_MAX, "a record's length out of range")
            if end > len(data):
                break
            self._check(log, sequence, hashed, data[start:end])
            offset = end
        require(repair or offset == len(data), "a torn record")
        self.history.truncate(offset)
        self._new, self._durable = bytearray(), len(self.changes)

    def _check(self, log, sequence, hashed, data):
        if sequence == 0:
            require(read_log_header(data) == (log, hashed), "a header that does not found its log")
            self.announce(data)
            return
        if log in self.headers and 0 < sequence <= self.last(log):
            require(self.hash_at(log, sequence) == hashed, "a signature of something else")
            require(is_signed(self.headers[log], log, sequence, hashed, data), "a signature that is not the author's")
            self.keep(log, sequence, data)
            return
        require(log in self.headers and sequence == self.last(log) + 1, "a change that is not its log's next")
        change = Change(data, log, sequence)
        for other, number, half in change.dependencies:
            require((self.hash_at(other, number) or b"")[:16] == half, "a dependency that is not held with that hash")
        require(change.hash(self.hashes[log][-1]) == hashed, "a change that does not fit its log's chain")
        self.admit(change, hashed)

    def announce(self, header):
        """Takes the header of a log, new or not; gives its identifier."""
        log, founding = read_log_header(header)
        if log not in self.headers:
            require(len(self.headers) < LOGS_MAX, "too many logs")
            self.headers[log], self.hashes[log] = header, [founding]
            self._new += self.RECORD.pack(self.RECORD.size - 4 + len(header), log, 0, founding) + header
        return log

    def admit(self, change, hashed):
        """Takes a change that fits; it is durable after `commit`."""
        self.hashes[change.log].append(hashed)
        self.changes[change.log, change.sequence] = change
        length = self.RECORD.size - 4 + len(change.data)
        self._new += self.RECORD.pack(length, change.log, change.sequence, hashed) + change.data

    def keep(self, log, sequence, signature):
        """Takes the author's signature at a change that is held."""
        if (log, sequence) in self.signatures:
            return
        self.signatures[log, sequence] = signature
        length = self.RECORD.size - 4 + len(signature)
        self._new += self.RECORD.pack(length, log, sequence, self.hash_at(log, sequence)) + signature

    def signature(self, log, sequence):
        """The signature at a change: of its own logs it makes one; of others there may be none."""
        if self.headers[log][1:33] == self.device:
            return self.key.sign(signed_hash(log, sequence, self.hash_at(log, sequence)))
        return self.signatures.get((log, sequence))

    def provable(self, log):
        """How far a log can be passed on [Signatures]."""
        if self.headers[log][1:33] == self.device:
            return self.last(log)
        return max((sequence for other, sequence in self.signatures if other == log), default=0)

    def commit(self):
        """Makes durable what was taken; gives how many changes have become so."""
        self.history.write(self._new)
        self.history.flush()
        os.fsync(self.history.fileno())
        self._new.clear()
        before, self._durable = self._durable, len(self.changes)
        return self._durable - before

    def last(self, log):
        return len(self.hashes[log]) - 1 if log in self.hashes else 0

    def hash_at(self, log, sequence):
        return self.hashes[log][sequence] if 0 < sequence <= self.last(log) else None

    def heads(self):
        return {log: self.last(log) for log in sorted(self.headers) if self.last(log)}

    def write(self, kind, target, structure, content, named=()):
        """Seals a change of one operation in this device's log, after everything held; gives its identity.

        `structure` is given a function that encodes references to what is `named`, and the hybrid time's milliseconds.
        """
        log = self.announce(self.setting("header"))
        sequence, clock, needed = self.last(log) + 1, self._next_time(), self._frontier(log, (target, *named))
        dependencies = [other + varint(last) + self.hash_at(other, last)[:16] for other, last in needed.items()]

        def refer(named):
            if isinstance(named, bytes):
                return b"\0" + named
            if named[0] == log:
                return varint(1) + varint(sequence - named[1]) + varint(named[2])
            return varint(2 + list(needed).index(named[0])) + varint(named[1]) + varint(named[2])

        header = struct.pack(">BQ", 1, clock) + zigzag(now_ms() - (clock >> 16)) + varint(0) + listing(dependencies)
        operation = varint(kind) + b"\1" + refer(target) + varint(1) + block(structure(refer, clock >> 16))
        operation += b"\1" + os.urandom(16) + block(content)
        change = Change(header + listing([operation]), log, sequence)
        self.admit(change, change.hash(self.hashes[log][-1]))
        self.commit()
        return change.operations[0].identity

    def _next_time(self):
        """A hybrid time after all that were seen, as far as they are to be believed [Limits: driftMsMax]."""
        bound = now_ms() + DRIFT_MS_MAX
        seen = (c.time for c in self.changes.values() if c.log == self.own_log or c.milliseconds <= bound)
        return max(now_ms() << 16, 1 + max(seen, default=0))

    def _frontier(self, log, named):
        """The heads of other logs but those in another head's past, unless something named is in their log [Changes].

        A head lies there where some change depends on it: nothing in its own log comes after it.
        """
        heads = self.heads()
        seen = {dependency[:2] for change in self.changes.values() for dependency in change.dependencies}
        left_out = {head[0] for head in heads.items() if head in seen} - {identity[0] for identity in named} | {log}
        return {other: last for other, last in heads.items() if other not in left_out}

    def meets(self, device):
        """Whether this replica has sessions with a device [Who is let in].

        Simpler than [The roster]: each `enrol` in the space counts, and so does each `restrict`, whoever wrote it.
        """
        enrolled, removed = set(), set()
        for operation in (operation for change in self.changes.values() for operation in change.operations):
            space, key, role = operation.structure[:16], operation.structure[16:48], operation.structure[48:49]
            if operation.kind in (ENROL, RESTRICT) and space == self.setting("space"):
                (removed if role == bytes([OUTSIDER]) else enrolled).add(key)
        # Once this device's own enrolment has come, who let it in counts as anybody does.
        let_in_by = set() if self.device in enrolled else {self.setting("letInBy")}
        return device in (enrolled | let_in_by) - removed


def now_ms():
    return time.time_ns() // 1_000_000


# ---------------------------------------------------------------------------------------------- The encrypted stream


class Stream:
    """A connection that this side dialled: handshake, records, frames [The encrypted stream], [Frames]."""

    def __init__(self, address, replica, purpose, space=b"", secret=None, meets=lambda device: True):
        self.socket = socket.create_connection(address, timeout=CONNECT_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.heard, self.ended = time.monotonic(), False
        self.incoming, self.plain, self.outgoing = bytearray(), bytearray(), bytearray()
        opening = b"ANBR" + bytes([1, purpose])
        self.noise = NoiseConnection.from_name(b"Noise_XX%s_25519_ChaChaPoly_SHA256" % (b"psk3" if secret else b""))
        static = HKDF(hashes.SHA256(), 32, None, b"anabranch static key v1").derive(replica.key.private_bytes_raw())
        self.noise.set_keypair_from_private_bytes(Keypair.STATIC, static)
        self.noise.set_as_initiator()
        self.noise.set_prologue(opening + space)
        if secret:
            self.noise.set_psks(psk=secret)
        self._shake_hands(opening, replica, meets)
        self.socket.setblocking(False)

    def _shake_hands(self, opening, replica, meets):
        deadline = time.monotonic() + GREETING_MAX
        self.noise.start_handshake()
        state, signed = self.noise.noise_protocol.handshake_state, b"anabranch session key v1"
        first = self.noise.write_message()
        self.socket.sendall(opening + struct.pack(">H", len(first)) + first)
        length = int.from_bytes(self._exactly(2, deadline), "big")
        require(0 < length <= HANDSHAKE_BYTES_MAX, "a message of the handshake whose length is out of range")
        certificate = bytes(self.noise.read_message(self._exactly(length, deadline)))
        require(len(certificate) == 96, "no certificate")
        self.device = certificate[:32]
        try:
            key = Ed25519PublicKey.from_public_bytes(self.device)
            key.verify(certificate[32:], signed + state.rs.public_bytes)
        except InvalidSignature as error:
            raise Fault("a certificate that is not valid") from error
        require(meets(self.device), "a device answered that does not belong to this history")
        third = self.noise.write_message(replica.device + replica.key.sign(signed + state.s.public_bytes))
        self.socket.sendall(struct.pack(">H", len(third)) + third)

    def _exactly(self, count, deadline):
        data = b""
        while len(data) < count:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            part = self.socket.recv(count - len(data))
            require(part, "the other side closed the connection during the handshake")
            data += part
        return data

    def send(self, name, fields=b""):
        frame, step = struct.pack(">IB", len(fields) + 1, KINDS[name]) + fields, RECORD_BYTES_MAX - TAG_BYTES
        for start in range(0, len(frame), step):
            record = self.noise.encrypt(frame[start : start + step])
            self.outgoing += struct.pack(">H", len(record)) + record
            if self.noise.noise_protocol.cipher_state_encrypt.n % RECORDS_PER_KEY == 0:
                self.noise.rekey_outbound_cipher()

    def pump(self, wait):
        """Waits, at most so many seconds; writes what is to be written, and reads what came."""
        writing = [self.socket] if self.outgoing else []
        readable, writable, _ = select.select([self.socket], writing, [], max(0, wait))
        if writable:
            del self.outgoing[: self.socket.send(self.outgoing)]
        if readable:
            data = self.socket.recv(1 << 18)
            self.ended, self.heard = not data, time.monotonic()
            self.incoming += data
            self._open_records()

    def _open_records(self):
        while len(self.incoming) >= 2:
            end = 2 + int.from_bytes(self.incoming[:2], "big")
            require(end > 2 + TAG_BYTES, "a record's length out of range")
            if len(self.incoming) < end:
                return
            self.plain += self.noise.decrypt(bytes(self.incoming[2:end]))
            del self.incoming[:end]
            if self.noise.noise_protocol.cipher_state_decrypt.n % RECORDS_PER_KEY == 0:
                self.noise.rekey_inbound_cipher()

    def frame(self):
        """The next frame that is here whole: its name, its fields, its cost; else None."""
        if len(self.plain) < 4:
            return None
        end = 4 + int.from_bytes(self.plain[:4], "big")
        require(5 <= end <= 4 + FRAME_BYTES_MAX, "a frame's length out of range")
        if len(self.plain) < end:
            return None
        name, fields = NAMES.get(self.plain[4], f"kind {self.plain[4]}"), bytes(self.plain[5:end])
        del self.plain[:end]
        return name, Reader(fields), end

    def expect(self, names, seconds):
        """The next frame, which must be one of these and come in time [Pairing]."""
        deadline = time.monotonic() + seconds
        while (frame := self.frame()) is None:
            require(not self.ended and time.monotonic() < deadline, f"no {' or '.join(names)} came")
            self.pump(deadline - time.monotonic())
        require(frame[0] in names, f"{frame[0]} while pairing")
        return frame[:2]

    def finish(self):
        """Writes what is left, ends this direction, and reads on until the other side has ended its own."""
        deadline, open_here = time.monotonic() + CLOSE_MAX, True
        while not self.ended and time.monotonic() < deadline:
            if open_here and not self.outgoing:
                self.socket.shutdown(socket.SHUT_WR)
                open_here = False
            self.pump(deadline - time.monotonic())
        self.socket.close()


# --------------------------------------------------------------------------------------------------------- A session


class Session:
    """One side of a session, in exchange mode [The states of one side]."""

    TAKEN = {
        "greeting": {"hello", "close"},
        "meeting": {"have", "close"},
        "reconciling": {"logs", "changes", "acknowledge", "credit", "ping", "pong", "close"},
        "parting": {"acknowledge", "close"},
    }

    def __init__(self, stream, replica):
        self.stream, self.replica, self.stage, self.problem = stream, replica, "greeting", None
        self.since = self.progress = time.monotonic()
        self.pings = self.received = self.pushed = self.credit = self.owed = 0
        self.granted, self.said_all, self.heard_all = CREDIT_WINDOW, False, False
        self.peer, self.theirs, self.waiting = None, {}, collections.deque()
        self.their_logs, self.my_logs = [], []  # in the order in which either side announced them
        self.settled, self.came, self.sent, self.acknowledged, self.excluded = {}, {}, {}, {}, {}

    def run(self):
        """Exchanges everything; gives a summary."""
        try:
            self._greet()
            while self.stage != "ended":
                self.stream.pump(0.5)
                self._take_frames()
                self._push()
                self._part()
                self._watch_the_clock()
        except Fault as fault:
            self._end(str(fault), fault.code)
        self.stream.finish()
        return self._summary()

    def _greet(self):
        replica = self.replica
        heads = [(log, n) for log in replica.heads() if (n := replica.provable(log))]
        hello = b"ANBR" + varint(1) + varint(1) + replica.setting("space") + replica.device + replica.own_log
        hello += block(replica.settings["name"].encode()) + varint(1) + varint(0) + varint(CREDIT_WINDOW)
        self.stream.send("hello", hello)
        self.stream.send("have", listing([log + varint(n) + replica.hash_at(log, n)[:16] for log, n in heads]))

    def _take_frames(self):
        while self.stage != "ended" and (frame := self.stream.frame()):
            name, reader, cost = frame
            if name in self.TAKEN[self.stage]:
                getattr(self, "_take_" + name)(reader, cost)
                reader.end()
                self.progress = self.progress if name in ("ping", "pong") else time.monotonic()
            else:
                require(self.stage == "parting", f"{name} while {self.stage}")
        if self.stream.ended and self.stage != "ended":
            self._end("the connection broke")

    def _take_hello(self, reader, _):
        """The checks stand in the order of [Greeting and meeting]."""
        require(reader.take(4) == b"ANBR", "no hello")
        newest, oldest = reader.varint(1 << 16), reader.varint(1 << 16)
        space, device, _ = reader.take(16), reader.take(32), reader.take(16)
        self.peer, _, _ = reader.text(NAME_BYTES_MAX), reader.varint(), reader.varint()
        self.credit = reader.varint(CREDIT_MAX + 1)
        require(device == self.stream.device, "a hello of another device than the certificate's")
        require(oldest <= 1 <= newest, "no version that both sides speak", VERSION)
        require(space == self.replica.setting("space"), "another history", SPACE)
        require(device != self.replica.device, "both sides are the same device", OWN)
        require(self.credit >= CREDIT_MIN, "credit for less than one frame")
        self.stage = "meeting"

    def _take_have(self, reader, _):
        """What the peer holds is settled; as far as it is held here, its hashes are compared [Forked logs]."""
        logs = reader.list(lambda: (reader.take(16), (reader.sequence(), reader.take(16))), 33, LOGS_MAX)
        self.theirs = dict(logs)
        require(logs == sorted(self.theirs.items()), "logs that do not ascend")
        for log, (sequence, half) in logs:
            self.settled[log] = sequence
            if (self.replica.hash_at(log, sequence) or half)[:16] != half:
                self._exclude(log, sequence)
        provable = {log: self.replica.provable(log) for log in self.replica.headers}
        self.waiting.extend(c for c in self.replica.changes.values() if c.sequence <= provable[c.log])
        self.stage = "reconciling"

    def _take_logs(self, reader, _):
        def read_header():
            mark = reader.byte()
            return bytes([mark]) + reader.take(52 if mark == 2 else 48)

        for header in reader.list(read_header, 49, LOGS_MAX):
            log = self.replica.announce(header)
            require(log not in self.their_logs, "a log that was announced before")
            self.their_logs.append(log)

    def _take_changes(self, reader, cost):
        """A batch: it is stored, then acknowledged, then paid for [Reconciling]."""
        require(cost <= self.granted, "changes beyond the credit")
        self.granted, self.owed, durable = self.granted - cost, self.owed + cost, {}
        read_change = lambda: reader.block(CHANGE_BYTES_MAX)
        read_run = lambda: (*self._position(reader, self.their_logs), reader.list(read_change, 2, FRAME_BYTES_MAX))
        read_signature = lambda: (*self._position(reader, self.their_logs), reader.take(64))
        runs = reader.list(read_run, 5, FRAME_BYTES_MAX)
        signatures = reader.list(read_signature, 66, FRAME_BYTES_MAX)
        reader.end()
        chains = {}
        for run in runs:
            self._take_run(*run, durable, chains)
        self._take_signatures(signatures, chains)
        if not runs:
            require(not self.heard_all, "said twice that everything was sent")
            self.heard_all = True
        self.received += self._store()
        if durable:
            numbered = [varint(self.their_logs.index(log)) + varint(last) for log, last in durable.items()]
            self.stream.send("acknowledge", listing(numbered))
        if self.owed >= CREDIT_WINDOW // 4:
            self.stream.send("credit", varint(self.owed))
            self.granted, self.owed = self.granted + self.owed, 0

    def _store(self):
        try:
            return self.replica.commit()
        except OSError as error:
            raise Fault(f"cannot store: {error}", STORAGE) from error

    def _position(self, reader, logs):
        number = reader.varint(LOGS_MAX)
        require(number < len(logs), "a log that was not announced")
        return logs[number], reader.sequence()

    def _take_signatures(self, signatures, chains):
        """One for each log of the batch, at the last change of it, what is excluded included [Signatures]."""
        named = [(log, sequence) for log, sequence, _ in signatures]
        require(sorted(named) == sorted((log, n) for log, (n, _) in chains.items()), "signatures elsewhere than expected")
        for log, sequence, signature in signatures:
            hashed = chains[log][1]
            require(is_signed(self.replica.headers[log], log, sequence, hashed, signature), "a log its author did not sign")
            if self.replica.hash_at(log, sequence) == hashed:
                self.replica.keep(log, sequence, signature)

    def _take_run(self, log, first, changes, durable, chains):
        came = self.came.get(log, 0)
        require(changes and came < first <= max(came, self.replica.last(log)) + 1, "a run that does not follow")
        for sequence, data in enumerate(changes, first):
            self.came[log] = sequence
            change, (before, previous) = Change(data, log, sequence), chains.get(log, (0, None))
            previous = previous if before == sequence - 1 and before else self.replica.hashes[log][sequence - 1]
            chains[log] = sequence, change.hash(previous)
            if not self._is_excluded(log, sequence) and self._take_change(change):
                durable[log] = sequence

    def _take_change(self, change):
        """Whether a change fits, and is held now; where it does not, its log is excluded from there on."""
        log, sequence, replica = change.log, change.sequence, self.replica
        for other, number, half in change.dependencies:
            hashed = replica.hash_at(other, number)
            require(hashed or self._is_excluded(other, number), "a dependency that is not held")
            if hashed and hashed[:16] != half:
                self._exclude(other, number)
        if self._builds_on_excluded(change):
            return False
        hashed, held = change.hash(replica.hashes[log][sequence - 1]), replica.hash_at(log, sequence)
        told, half = self.theirs.get(log, (0, b""))
        if held not in (None, hashed) or (told == sequence and half != hashed[:16]):
            self._exclude(log, sequence)
            return False
        if not held:
            replica.admit(change, hashed)
        self.settled[log] = max(sequence, self.settled.get(log, 0))
        return True

    def _exclude(self, log, sequence):
        self.excluded[log] = min(sequence, self.excluded.get(log, sequence))

    def _is_excluded(self, log, sequence):
        return log in self.excluded and sequence >= self.excluded[log]

    def _builds_on_excluded(self, change):
        """Whether a change is excluded, or depends on one that is; then so is its log from there on [Forked logs]."""
        names = [(change.log, change.sequence), *(dependency[:2] for dependency in change.dependencies)]
        excluded = any(self._is_excluded(*name) for name in names)
        if excluded:
            self._exclude(change.log, change.sequence)
        return excluded

    def _take_acknowledge(self, reader, _):
        for log, sequence in reader.list(lambda: self._position(reader, self.my_logs), 2, LOGS_MAX):
            require(sequence <= self.sent.get(log, 0), "an acknowledgement of what was not sent")
            self.acknowledged[log] = max(sequence, self.acknowledged.get(log, 0))

    def _take_credit(self, reader, _):
        more = reader.varint()
        require(more and self.credit + more <= CREDIT_MAX, "a credit out of range")
        self.credit += more

    def _take_ping(self, reader, _):
        self.stream.send("pong", varint(reader.varint()))

    def _take_pong(self, reader, _):
        reader.varint()

    def _take_close(self, reader, _):
        code, reason = reader.varint(1 << 16), reader.text(REASON_BYTES_MAX)
        if code not in (DONE, SHUTDOWN):
            self.stage, self.problem = "ended", f"the other side closed: {reason} (code {code})"
        elif self.stage == "parting" or self.said_all and self.heard_all:
            self._end()
        else:
            self._end("the other side ended before everything was exchanged", DONE)

    def _push(self):
        """Sends what is not settled, as far as the credit goes, then says that this was all [Reconciling]."""
        while self.stage == "reconciling" and not self.said_all and len(self.stream.outgoing) < 2 * BATCH_BYTES:
            batch = self._next_batch()
            self._announce(batch)
            fields = self._encode(batch)
            if 5 + len(fields) > self.credit:
                self.waiting.extendleft(reversed(batch))
                return
            self.credit -= 5 + len(fields)
            self.stream.send("changes", fields)
            for change in batch:
                self.settled[change.log] = self.sent[change.log] = change.sequence
            self.pushed += len(batch)
            self.said_all = not batch

    def _next_batch(self):
        """Changes that the peer lacks, in causal order, without those that are excluded, up to where all are signed."""
        batch, size, unsigned = [], 0, {}
        while self.waiting and (not batch or unsigned or size + len(self.waiting[0].data) <= BATCH_BYTES):
            change = self.waiting.popleft()
            if change.sequence > self.settled.get(change.log, 0) and not self._builds_on_excluded(change):
                batch.append(change)
                size += len(change.data)
                if self.replica.signature(change.log, change.sequence):
                    unsigned.pop(change.log, None)
                else:
                    unsigned.setdefault(change.log, change.sequence)
        if unsigned:
            # What proves it is excluded, so it is, too; and all is looked at again.
            for log, sequence in unsigned.items():
                self._exclude(log, sequence)
            self.waiting.extendleft(reversed(batch))
            return self._next_batch()
        return batch

    def _announce(self, batch):
        new = [log for log in dict.fromkeys(change.log for change in batch) if log not in self.my_logs]
        self.my_logs += new
        if new:
            self.stream.send("logs", listing([self.replica.headers[log] for log in new]))

    def _encode(self, batch):
        """The fields of `changes`: each change as a run of its own, and for each log a signature at its last one."""
        position = lambda change: varint(self.my_logs.index(change.log)) + varint(change.sequence)
        last = sorted({change.log: change for change in batch}.values(), key=lambda c: self.my_logs.index(c.log))
        signed = [position(change) + self.replica.signature(change.log, change.sequence) for change in last]
        return listing([position(change) + listing([block(change.data)]) for change in batch]) + listing(signed)

    def _part(self):
        """Both said that they sent everything, and what came is durable and acknowledged [Parting]."""
        if self.stage == "reconciling" and self.said_all and self.heard_all:
            self.stream.send("close", varint(DONE) + block(b""))
            self.stage, self.since = "parting", time.monotonic()

    def _end(self, problem=None, code=DONE):
        """Ends the session, with a `close` unless it was sent already."""
        if self.stage != "parting" and not self.stream.ended:
            self.stream.send("close", varint(code) + block((problem if code else "").encode()[:REASON_BYTES_MAX]))
        self.stage, self.problem = "ended", problem

    def _watch_the_clock(self):
        """Deadlines and [Signs of life]."""
        now = time.monotonic()
        quiet, due = now - self.stream.heard, now - self.since
        if self.stage == "parting" and due > DONE_MAX:
            self._end("the other side did not close in time")
        elif self.stage in ("greeting", "meeting"):
            require(due < GREETING_MAX, "no greeting in time", TIMEOUT)
        elif self.stage == "reconciling":
            require(quiet < SILENCE_MAX, "no sign of life", TIMEOUT)
            require(self.heard_all or now - self.progress < DEBT_MAX, "what is owed did not come", TIMEOUT)
            self.pings = min(self.pings, int(quiet // PING_AFTER))
            if quiet >= PING_AFTER * (self.pings + 1):
                self.pings += 1
                self.stream.send("ping", varint(self.pings))

    def _summary(self):
        """What either side left out counts as told in [Forked logs]."""
        ahead = {log for log, (last, _) in self.theirs.items() if self.replica.last(log) < last}
        unheard = {log for log, last in self.sent.items() if self.acknowledged.get(log, 0) < last}
        left_out = sorted(log.hex() for log in ahead | unheard | set(self.excluded))
        summary = {"peer": self.peer, "received": self.received, "sent": self.pushed, "leftOut": left_out}
        return summary | ({"problem": self.problem} if self.problem else {})


def pair(replica, code, name):
    """Comes into a space by a code, then exchanges everything on the same connection [Pairing]."""
    require(0 < len(name.encode()) <= NAME_BYTES_MAX, "a name that is too long")
    secret, address = read_code(code)
    stream = Stream(address, replica, TO_PAIR, secret=secret)
    _, reader = stream.expect(["welcome"], GREETING_MAX)
    host, offered = reader.text(NAME_BYTES_MAX), reader.byte(below=OWNER + 1)
    reader.end()
    require(host.strip() and len(host.splitlines()) == 1 and offered != OUTSIDER, "a name in one line, and a role")
    print(f"asking {host}; our fingerprint: {replica.device[:8].hex(' ', 2)}", file=sys.stderr)
    stream.send("request", block(name.encode()))
    answer, reader = stream.expect(["grant", "denial"], PAIRING_MAX)
    if answer == "denial":
        raise Fault("not let in: " + reader.text(REASON_BYTES_MAX))
    space, role = reader.take(16), reader.byte(below=OWNER + 1)
    reader.end()
    replica.settle(name, space, stream.device)
    if not replica.last(replica.own_log):
        device = imported("anabranch", "device", replica.device.hex())
        replica.write(WRITE_REGISTER, device, lambda *_: varint(NAME) + listing([]), name.encode())
    stream.send("joined")
    return Session(stream, replica).run()


def read_code(code):
    """The secret of a code, and the first of its addresses [Pairing]."""
    letters, _, addresses = code.partition("@")
    try:
        data = base64.b32decode("".join(letters.replace("-", " ").split()).upper())
    except ValueError as error:
        raise Fault("a code has 56 letters and digits") from error
    check = hashlib.sha256(b"anabranch pairing code v1" + data[1:33]).digest()[:2]
    require((data[:1], data[33:]) == (b"\1", check), "no code, or a slip in it")
    return data[1:33], read_address(addresses.split(",")[0])


def read_address(text):
    host, _, port = text.rpartition(":")
    require(host and port.isdecimal(), "an address is HOST:PORT")
    return host.strip("[]"), int(port)


# ------------------------------------------------------------------------------------------------- What changes mean


Message = collections.namedtuple("Message", "identity role line created parents text")


class Conversations:
    """What the operations that are understood make of the history [Kinds]; all others have no effect here."""

    def __init__(self, replica):
        self.titles, self.messages, self.contents = {}, {}, {}  # by conversation, by conversation, by operation
        takers = {CREATE_CONVERSATION: self._create, CREATE_MESSAGE: self._say}
        takers |= {APPEND_TEXT: self._append, WRITE_REGISTER: self._write_register}
        for change in replica.changes.values():
            for operation in change.operations:
                self.contents[operation.identity] = operation.content
                if operation.kind in takers:
                    try:
                        takers[operation.kind](operation, change, Reader(operation.structure), operation.identity[2])
                    except (Fault, UnicodeDecodeError):
                        pass  # not canonical for its kind: kept, and without effect [Operations]

    def _create(self, operation, change, reader, index):
        reader.time(change.milliseconds)
        reader.end()
        self.titles[operation.identity], self.messages[operation.identity] = {}, {}

    def _say(self, operation, change, reader, index):
        """[A message]; a line is named by the message that began it, the first one by the conversation."""
        role, mark = reader.byte(), reader.byte(below=3)
        line = change.read_reference(reader, index) if mark == 2 else operation.identity
        created = reader.time(change.milliseconds)
        parents = change.read_references(reader, index)
        reader.varint(1 << 32)
        contents = [*map(self.contents.get, change.read_references(reader, index)), operation.content]
        reader.end()
        text = None if None in contents else read_record(b"".join(contents))[1].decode()
        among = self.messages.get(operation.target, {})
        if mark == 0:
            line = among[parents[0]].line if parents and parents[0] in among else operation.target
        among[operation.identity] = Message(operation.identity, role, line, created, parents, text)

    def _append(self, operation, change, reader, index):
        change.read_references(reader, index)
        position, length = reader.varint(1 << 32), reader.varint(CONTENT_BYTES_MAX + 1)
        reader.end()
        for among in self.messages.values():
            message, text = among.get(operation.target), (operation.content or b"").decode()
            if message and message.text is not None and len(text) == length:
                text = message.text[:position] + text + message.text[position:]
                among[message.identity] = message._replace(text=text)

    def _write_register(self, operation, change, reader, index):
        register, replaced = reader.varint(), change.read_references(reader, index)
        reader.end()
        if register == TITLE and operation.target in self.titles and operation.content is not None:
            title = change.time, change.log, operation.content.decode()
            old = self.titles[operation.target].items()
            self.titles[operation.target] = {w: t for w, t in old if w not in replaced} | {operation.identity: title}

    def find(self, text):
        found = [conversation for conversation in self.titles if printed(conversation) == text]
        require(found, "no such conversation")
        return found[0]

    def reading(self, conversation):
        """The messages by their creation; where clocks ran apart, the linear reading of the glossary is another."""
        messages = self.messages[conversation].values()
        return sorted(messages, key=lambda message: (message.created, printed(message.identity)))

    def tips(self, conversation):
        """What the next message follows: the tips of the line of the last one."""
        reading = self.reading(conversation)
        answered = {parent for message in reading for parent in message.parents}
        tips = [message for message in reading if message.identity not in answered]
        return [tip.identity for tip in tips if tip.line == tips[-1].line]

    def listed(self, conversation):
        """Of titles that nobody replaced the one with the later hybrid time, then the greater log."""
        title = max(self.titles[conversation].values(), default=(0, b"", None))[2]
        messages = [
            {
                "id": printed(message.identity),
                "role": ROLES.get(message.role, message.role),
                "text": message.text,
                "parents": [printed(parent) for parent in message.parents],
            }
            for message in self.reading(conversation)
        ]
        return {"id": printed(conversation), "title": title, "messages": messages}


def read_record(data):
    """[Contents of several fields]"""
    reader, record = Reader(data), {}
    while reader.offset < len(data):
        tag = reader.varint()
        require(tag > max(record, default=0), "tags that do not ascend")
        record[tag] = reader.block(len(data))
    require(1 in record, "a message without a text")
    return record


def printed(identity):
    """[Printed identifiers]"""
    if isinstance(identity, bytes):
        return identity.hex()
    log, sequence, index = identity
    mixed = int(f"{sequence:032b}"[::-1], 2) << 24 | index
    return (mixed ^ int.from_bytes(log[9:], "big")).to_bytes(7, "big").hex() + log[:9].hex()


# ------------------------------------------------------------------------------------------------------ Command line


def verify(replica):
    result = {"ok": True}
    try:
        replica.load(repair=False)
    except Fault as fault:
        result = {"ok": False, "problem": str(fault)}
    return {"logs": len(replica.heads()), "changes": len(replica.changes)} | result


def say(replica, conversations, conversation, text):
    """Writes a message of the user's, in the line of its first parent [A message]."""
    parents, said = conversations.tips(conversation), now_ms()

    def structure(refer, clock):
        named = listing([refer(parent) for parent in parents])
        return bytes([USER, 0]) + zigzag(said - clock) + named + varint(len(text)) + listing([])

    identity = replica.write(CREATE_MESSAGE, conversation, structure, varint(1) + block(text.encode()), parents)
    return {"message": printed(identity)}


def run(arguments):
    replica = Replica(arguments.state)
    if arguments.command == "verify":
        return verify(replica)
    replica.load()
    if arguments.command == "pair":
        return pair(replica, arguments.code, arguments.name)
    require(replica.settings, "this device belongs to no history yet: pair first")
    if arguments.command == "sync":
        address, space = read_address(arguments.address), replica.setting("space")
        return Session(Stream(address, replica, TO_MEET, space, meets=replica.meets), replica).run()
    conversations = Conversations(replica)
    if arguments.command == "list":
        return [conversations.listed(conversation) for conversation in conversations.titles]
    return say(replica, conversations, conversations.find(arguments.conversation), arguments.text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--state", required=True, metavar="FOLDER")
    commands = parser.add_subparsers(dest="command", required=True)
    pairing = commands.add_parser("pair")
    pairing.add_argument("code")
    pairing.add_argument("--name", required=True)
    commands.add_parser("sync").add_argument("address", metavar="HOST:PORT")
    commands.add_parser("verify")
    commands.add_parser("list")
    saying = commands.add_parser("say")
    saying.add_argument("conversation")
    saying.add_argument("text")
    os.umask(0o077)
    try:
        result = run(parser.parse_args())
    except (Fault, OSError, ValueError, InvalidTag, NoiseInvalidMessage) as error:
        result = {"problem": str(error) or type(error).__name__}
    print(json.dumps(result, ensure_ascii=False))
    sys.exit(1 if "problem" in result else 0)


if __name__ == "__main__":
    main()
