#!/usr/bin/env python3
"""A second client of the protocol, written from its documents alone; no line of it knows the Swift sources.

It pairs, exchanges changes, verifies and writes messages. Names in brackets are sections of docs/format.md and
docs/protocol.md. It takes neither blobs nor words, knows no purges, and shows of a conversation only its title, its
messages and the text appended to them. It needs Python 3.10 with the packages `noiseprotocol` and `cryptography`.
"""

import argparse
import base64
import collections
import fcntl
import hashlib
import heapq
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
# [Reconciling] and [Limits of the connection]: bytes, then seconds.
CREDIT_MIN, CREDIT_WINDOW, CREDIT_MAX, BATCH_BYTES = FRAME_BYTES_MAX + 4, 1 << 22, (1 << 32) - 1, 1 << 18
GREETING_MAX, PAIRING_MAX, PING_AFTER, SILENCE_MAX, DEBT_MAX, DONE_MAX = 5, 120, 15, 45, 300, 45
CONNECT_MAX, CLOSE_MAX = 10, 2
# [Records]: the last 16 bytes are the tag.
RECORD_BYTES_MAX, RECORDS_PER_KEY, TAG_BYTES, HANDSHAKE_BYTES_MAX = 65_535, 65_536, 16, 512

TO_MEET, TO_PAIR = 1, 2
HELLO, HAVE, LOGS, CHANGES, ACKNOWLEDGE, CREDIT, PING, PONG, CLOSE, WORDS = range(1, 11)
WELCOME, REQUEST, GRANT, DENIAL, JOINED = range(32, 37)
DONE, SHUTDOWN, VIOLATION, VERSION, TIMEOUT, STORAGE, SPACE, OWN = range(8)
CREATE_CONVERSATION, CREATE_MESSAGE, APPEND_TEXT, WRITE_REGISTER, ENROL, RESTRICT = 1, 2, 3, 4, 21, 22
REGISTER_TITLE, REGISTER_NAME, OWNER, ROLES = 1, 6, 3, {0: "system", 1: "user", 2: "assistant", 3: "tool"}


class Fault(Exception):
    """What was read does not keep to the documents; `code` is that of the `close` which says so."""

    def __init__(self, reason, code=VIOLATION):
        super().__init__(reason)
        self.code = code


def require(condition, reason, code=VIOLATION):
    if not condition:
        raise Fault(reason, code)


# ---------------------------------------------------------------------------------------------- [Primitives], [Hashes]


class Reader:
    """Takes primitives from bytes; whatever has another encoding is refused [Primitives]."""

    def __init__(self, data):
        self.data, self.offset = data, 0

    @property
    def left(self):
        return len(self.data) - self.offset

    def take(self, count):
        require(count <= self.left, "bytes are missing")
        self.offset += count
        return self.data[self.offset - count : self.offset]

    def byte(self):
        return self.take(1)[0]

    def varint(self, below=1 << 64):
        value = shift = 0
        byte = 0x80
        while byte & 0x80:
            require(shift < 70, "a varint of more than 64 bits")
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
        require(byte or shift == 7, "a varint that is not the shortest")
        require(value < below, "a number out of range")
        return value

    def sequence(self):
        sequence = self.varint(1 << 32)
        require(sequence, "a sequence of 0")
        return sequence

    def time(self, base):
        """Milliseconds since 1970, told as a distance from those of a hybrid time."""
        value = self.varint()
        milliseconds = base + ((value >> 1) ^ -(value & 1))
        require(0 <= milliseconds <= MILLISECONDS_MAX, "a time out of range")
        return milliseconds

    def count(self, least, limit):
        """The number of a list's elements, of at least so many bytes each."""
        count = self.varint(limit + 1)
        require(count * least <= self.left, "a list longer than its bytes")
        return count

    def block(self, limit):
        return self.take(self.count(1, limit))

    def text(self, limit):
        try:
            return self.block(limit).decode()
        except UnicodeDecodeError as error:
            raise Fault("a text that is not UTF-8") from error

    def optional(self, read):
        mark = self.byte()
        require(mark < 2, "an optional that is neither there nor absent")
        return read() if mark else None

    def end(self):
        require(self.left == 0, "bytes left over")


def varint(value):
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(data) + bytes([value])


def zigzag(value):
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def block(data):
    return varint(len(data)) + data


def digest(domain, *parts):
    return hashlib.sha256(bytes([domain]) + b"".join(parts)).digest()


def merkle_root(leaves):
    """As in RFC 6962: an odd hash moves up as it is [Hashes]."""
    while len(leaves) > 1:
        pairs = [digest(1, *leaves[i : i + 2]) for i in range(0, len(leaves) - 1, 2)]
        leaves = pairs + leaves[len(pairs) * 2 :]
    return leaves[0] if leaves else bytes(32)


def imported(source, *path):
    """The name of an imported object [Hashes, domain 5]."""
    return digest(5, *(block(part.encode()) for part in (source, *path)))[:16]


# ----------------------------------------------------------------------------------------------- [Logs] and [Changes]


def read_log_header(header):
    """The log's identifier and founding hash [Logs]."""
    require((header[:1], len(header)) in ((b"\1", 49), (b"\2", 53)), "no header of a log")
    founding = digest(4, header)
    return founding[:16], founding


Operation = collections.namedtuple("Operation", "kind identity target span structure content leaf")


class Change:
    """A change, read strictly; an operation's name, `identity`, is (log, sequence, index) [Changes]."""

    def __init__(self, data, log, sequence):
        require(len(data) <= CHANGE_BYTES_MAX, "a change that is too long")
        self.data, self.log, self.sequence = data, log, sequence
        reader = Reader(data)
        require(reader.byte() == 1, "a change of a layout that is not known")
        self.time = int.from_bytes(reader.take(8), "big")
        reader.time(self.milliseconds)  # what the wall clock showed
        require(reader.varint() < sequence, "an action that began before its log")
        dependency = lambda: (reader.take(16), reader.sequence(), reader.take(16))
        self.dependencies = [dependency() for _ in range(reader.count(33, LOGS_MAX))]
        logs = [log for log, _, _ in self.dependencies]
        require(logs == sorted(set(logs)) and log not in logs, "dependencies that do not ascend, or name their own log")
        self.header = data[: reader.offset]
        self.operations = self._read_operations(reader)
        reader.end()

    @property
    def milliseconds(self):
        return self.time >> 16

    def _read_operations(self, reader):
        operations, index = [], 0
        count = reader.count(5, OPERATIONS_MAX)
        require(count, "a change without operations")
        for _ in range(count):
            operations.append(self._read_operation(reader, index))
            index += operations[-1].span
            require(index <= IDENTIFIERS_MAX, "too many identifiers")
        return operations

    def _read_operation(self, reader, index):
        """An envelope [Operations]; the leaf covers it up to the structure, then the content's hash."""
        start = reader.offset
        kind = reader.varint()
        target = reader.optional(lambda: self.read_reference(reader, index))
        span = reader.varint()
        require(span, "an operation without an identifier")
        structure = reader.block(CHANGE_BYTES_MAX)
        envelope = reader.data[start : reader.offset]
        mark, content, content_hash = reader.byte(), None, b""
        require(mark < 3, "a mark of a content that is not known")
        if mark == 1:
            salt, content = reader.take(16), reader.block(CONTENT_BYTES_MAX)
            content_hash = digest(2, salt, content)
        elif mark == 2:
            content_hash = reader.take(32)
        leaf = digest(0, envelope, bytes([mark > 0]), content_hash)
        return Operation(kind, (self.log, self.sequence, index), target, span, structure, content, leaf)

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
        same = (log, sequence) == (self.log, self.sequence)
        return log, sequence, reader.varint(below if same else IDENTIFIERS_MAX)

    def hash(self, previous):
        """[The hash of a change], given that of the one before it."""
        numbers = struct.pack(">II", self.sequence, len(self.header))
        root = merkle_root([operation.leaf for operation in self.operations])
        return digest(3, previous, numbers, self.header, struct.pack(">I", len(self.operations)), root)


# ------------------------------------------------------------------------------------------------------- What is held


class Replica:
    """A folder: the device's key, `replica.json` with the space, and `history`, to which everything is appended.

    `history` is a sequence of records: u32 of what follows, id16 of the log, u32 sequence, hash, bytes. With sequence 0
    the bytes are a log's header and the hash is the founding one. So it stands in causal order, a batch is durable by
    one fsync, and a record torn at the end is one that was never acknowledged.
    """

    RECORD = struct.Struct(">I16sI32s")

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.history = open(self.folder / "history", "a+b")
        fcntl.flock(self.history, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.key = Ed25519PrivateKey.from_private_bytes(self._secret())
        self.device = self.key.public_key().public_bytes_raw()
        self.headers, self.hashes, self.changes = {}, {}, []
        self._by_name, self._uncommitted = {}, bytearray()
        settings = self.folder / "replica.json"
        self.settings = json.loads(settings.read_text()) if settings.exists() else None

    def _secret(self):
        path = self.folder / "device.key"
        if not path.exists():
            self._write_durably(path, os.urandom(32))
        return path.read_bytes()

    def _write_durably(self, path, data):
        beside = path.with_suffix(".new")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def found(self, name, space, let_in_by):
        """Notes durably that this device belongs to a space, and by whom it was let in [Pairing]."""
        if self.settings:
            require(self.space == space, "this folder holds another history, and `adopt` is not implemented")
            self.settings |= {"letInBy": let_in_by.hex()}
        else:
            header = b"\1" + self.device + os.urandom(16)
            self.settings = {"name": name, "space": space.hex(), "letInBy": let_in_by.hex(), "header": header.hex()}
        self._write_durably(self.folder / "replica.json", json.dumps(self.settings).encode())

    space = property(lambda self: bytes.fromhex(self.settings["space"]))
    own_header = property(lambda self: bytes.fromhex(self.settings["header"]))
    own_log = property(lambda self: read_log_header(self.own_header)[0])

    def load(self):
        """Reads and checks all of `history`: headers, chains, dependencies. What is torn at the end is cut off."""
        self.history.seek(0)
        data, offset = self.history.read(), 0
        while len(data) - offset >= self.RECORD.size:
            length, log, sequence, stored = self.RECORD.unpack_from(data, offset)
            if offset + 4 + length > len(data):
                break
            self._replay(log, sequence, stored, data[offset + self.RECORD.size : offset + 4 + length])
            offset += 4 + length
        self.history.truncate(offset)
        self._uncommitted.clear()

    def _replay(self, log, sequence, stored, data):
        if sequence == 0:
            require(read_log_header(data) == (log, stored), "a header that does not found its log")
            return self.announce(data)
        require(log in self.headers and sequence == self.last(log) + 1, "a change that is not the next of its log")
        change = Change(data, log, sequence)
        for other, number, half in change.dependencies:
            held = self.hash_at(other, number)
            require(held and held[:16] == half, "a dependency that is not held with that hash")
        require(change.hash(self.hashes[log][-1]) == stored, "a change that does not fit its log's chain")
        self.admit(change, stored)

    def announce(self, header):
        """Takes a log's header; gives the log's identifier."""
        log, founding = read_log_header(header)
        if log not in self.headers:
            require(len(self.headers) < LOGS_MAX, "too many logs")
            self.headers[log], self.hashes[log] = header, [founding]
            self._remember(log, 0, founding, header)
        return log

    def admit(self, change, chained):
        """Takes a change that fits; it is durable after `commit`."""
        self.hashes[change.log].append(chained)
        self.changes.append(change)
        self._by_name[change.log, change.sequence] = change
        self._remember(change.log, change.sequence, chained, change.data)

    def _remember(self, log, sequence, hashed, data):
        self._uncommitted += self.RECORD.pack(self.RECORD.size - 4 + len(data), log, sequence, hashed) + data

    def commit(self):
        if self._uncommitted:
            self.history.write(self._uncommitted)
            self.history.flush()
            os.fsync(self.history.fileno())
            self._uncommitted.clear()

    def last(self, log):
        return len(self.hashes.get(log, [b""])) - 1

    def hash_at(self, log, sequence):
        return self.hashes[log][sequence] if 0 < sequence <= self.last(log) else None

    def heads(self):
        """Of each log that has changes the last sequence, logs ascending."""
        return {log: self.last(log) for log in sorted(self.headers) if self.last(log)}

    def write(self, kind, target, structure, content):
        """Seals a change of one operation in this device's log, after everything held.

        `structure` is given a function that encodes a reference, and the milliseconds of the hybrid time.
        """
        log, sequence, clock = self.own_log, self.last(self.own_log) + 1, self._next_time()
        dependencies = [(other, last, self.hash_at(other, last)) for other, last in self._frontier(target)]
        logs = [other for other, _, _ in dependencies]

        def refer(named):
            if isinstance(named, bytes):
                return b"\0" + named
            back = named[0] == log
            table, number = (1, sequence - named[1]) if back else (2 + logs.index(named[0]), named[1])
            return varint(table) + varint(number) + varint(named[2])

        data = struct.pack(">BQ", 1, clock) + zigzag(now_ms() - (clock >> 16)) + varint(0) + varint(len(dependencies))
        data += b"".join(other + varint(last) + hashed[:16] for other, last, hashed in dependencies)
        data += varint(1) + varint(kind) + b"\1" + refer(target) + varint(1) + block(structure(refer, clock >> 16))
        change = Change(data + b"\1" + os.urandom(16) + block(content), log, sequence)
        self.announce(self.own_header)
        self.admit(change, change.hash(self.hashes[log][-1]))
        self.commit()
        return change.operations[0].identity

    def _next_time(self):
        """A hybrid time after all that was seen, as far as that is to be believed [Limits, driftMsMax]."""
        bound = now_ms() + DRIFT_MS_MAX
        seen = [c.time for c in self.changes if c.log == self.own_log or c.milliseconds <= bound]
        return max(now_ms() << 16, max(seen, default=0) + 1)

    def _frontier(self, target):
        """The heads of other logs, without those in another head's past unless their log holds the target [Changes]."""
        heads = self.heads()
        pasts = {log: self._past(log, last) for log, last in heads.items()}
        covered = lambda log: any(pasts[other].get(log, 0) >= heads[log] for other in heads if other != log)
        needed = None if isinstance(target, bytes) else target[0]
        return [(log, heads[log]) for log in heads if log != self.own_log and (log == needed or not covered(log))]

    def _past(self, log, sequence):
        """The vector of all that a change builds on."""
        vector, stack = {}, [(log, sequence)]
        while stack:
            log, sequence = stack.pop()
            for number in range(vector.get(log, 0) + 1, sequence + 1):
                stack += [dependency[:2] for dependency in self._by_name[log, number].dependencies]
            vector[log] = max(sequence, vector.get(log, 0))
        return vector


def now_ms():
    return time.time_ns() // 1_000_000


class Roster:
    """Which role the space's devices have [The roster]; not worked out is what each change may do."""

    def __init__(self, replica):
        self.replica, self.enrolments, self.cuts = replica, [], {}
        mine = [entry for entry in self._entries() if entry["space"] == replica.space]
        self.mentioned = {entry["device"] for entry in mine}
        waiting = []
        for entry in [entry for entry in mine if entry["writer"] is None]:
            self._apply(entry, waiting)
        while turn := next((device for device in waiting if self._let_in(device)), None):
            waiting.remove(turn)
            self.mentioned.add(turn)
            for entry in [entry for entry in mine if entry["writer"] == turn]:
                if self.role(turn, *entry["at"]) == OWNER:
                    self._apply(entry, waiting)

    def _entries(self):
        """All operations on the roster, by log, sequence and index; the recovery key's have no writer."""
        for change in sorted(self.replica.changes, key=lambda change: (change.log, change.sequence)):
            for operation in change.operations:
                if operation.kind in (ENROL, RESTRICT) and not operation.target:
                    try:
                        yield self._entry(change, operation)
                    except Fault:
                        pass  # not canonical for its kind, or with a word that does not count: passed over

    def _entry(self, change, operation):
        reader, heads = Reader(operation.structure), None
        space, device, role = reader.take(16), reader.take(32), reader.byte()
        require(role <= 3 and (role if operation.kind == ENROL else role < 3), "a role that is not known")
        if operation.kind == RESTRICT:
            head = lambda: (reader.take(16), reader.sequence(), reader.take(16))[:2]
            heads = [head() for _ in range(reader.count(33, LOGS_MAX))]
            require(heads == sorted(dict(heads).items()), "heads that do not ascend")
        said = operation.structure[: reader.offset]
        word = reader.optional(lambda: (reader.take(32), reader.take(64)))
        reader.end()
        if word:
            require(digest(12, word[0])[:16] == space, "a word of another key")
            verify_signature(word[0], word[1], digest(13, varint(operation.kind), said))
        writer = None if word else self._device_of(change.log)
        at = (change.log, change.sequence)
        return {"space": space, "device": device, "role": role, "heads": heads, "writer": writer, "at": at}

    def _device_of(self, log):
        """The device whose key founded a log, or the log that it branched from."""
        header = self.replica.headers.get(log, b"")
        return self._device_of(header[1:17]) if header[:1] == b"\2" else header[1:33]

    def _apply(self, entry, waiting):
        if entry["heads"] is None:
            self.enrolments.append(entry)
            if entry["device"] not in waiting:
                waiting.append(entry["device"])
            return
        cuts = self.cuts.get(entry["device"], {})
        merged = dict(cuts.get(entry["role"], {}))
        for log, last in entry["heads"]:
            merged[log] = max(last, merged.get(log, 0))
        self.cuts[entry["device"]] = cuts | {entry["role"]: merged}
        if entry["writer"] and not self._let_in(entry["writer"]):
            self.cuts[entry["device"]] = cuts  # it would undo how its own writer was let in

    def _let_in(self, device, asked=()):
        """The greatest role in which something lets a device in; 0 for none."""
        asked = (*asked, device)
        stands = lambda e: e["writer"] is None or self.role(e["writer"], *e["at"], asked) == OWNER
        given = (e for e in self.enrolments if e["device"] == device and e["writer"] not in asked)
        return max((entry["role"] for entry in given if stands(entry)), default=0)

    def role(self, device, log=None, sequence=0, asked=()):
        """A device's role at a change, or in the end."""
        cuts = self.cuts.get(device, {}).items()
        left = [role for role, heads in cuts if log is None or sequence > heads.get(log, 0)]
        return min([self._let_in(device, asked), *left])

    def meets(self, device):
        """Whether a session with a device may begin [Who is let in]."""
        let_in_by = bytes.fromhex(self.replica.settings["letInBy"])
        return self.role(device) > 0 or (device == let_in_by and device not in self.mentioned)


def verify_signature(key, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature as error:
        raise Fault("a signature that does not verify") from error


# --------------------------------------------------------------------------------------------- [The encrypted stream]


class Stream:
    """A connection that this side dialled: handshake, records, frames [The encrypted stream], [Frames]."""

    def __init__(self, address, replica, purpose, space=b"", secret=None, meets=lambda device: True):
        self.socket = socket.create_connection(address, timeout=CONNECT_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.heard, self.ended = time.monotonic(), False
        self.incoming, self.plain, self.outgoing = bytearray(), bytearray(), bytearray()
        opening = b"ANBR" + bytes([1, purpose])
        self.noise = self._begin(replica, opening + space, secret)
        self._handshake(opening, replica, meets)
        self.socket.setblocking(False)

    @staticmethod
    def _begin(replica, prologue, secret):
        name = "XXpsk3" if secret else "XX"
        noise = NoiseConnection.from_name(f"Noise_{name}_25519_ChaChaPoly_SHA256".encode())
        static = HKDF(hashes.SHA256(), 32, None, b"anabranch static key v1").derive(replica.key.private_bytes_raw())
        noise.set_as_initiator()
        noise.set_prologue(prologue)
        noise.set_keypair_from_private_bytes(Keypair.STATIC, static)
        if secret:
            noise.set_psks(psk=secret)
        noise.start_handshake()
        return noise

    def _handshake(self, opening, replica, meets):
        deadline = time.monotonic() + GREETING_MAX
        first = self.noise.write_message()
        state = self.noise.noise_protocol.handshake_state
        self.socket.sendall(opening + struct.pack(">H", len(first)) + first)
        length = int.from_bytes(self._exactly(2, deadline), "big")
        if length == 0:
            why = {1: "speaks no such version of the stream", 2: "takes no connections for that purpose"}
            raise Fault("the other side " + why.get(self._exactly(1, deadline)[0], "refuses"))
        require(length <= HANDSHAKE_BYTES_MAX, "a message of the handshake that is too long")
        certificate = bytes(self.noise.read_message(self._exactly(length, deadline)))
        require(len(certificate) == 96, "no certificate")
        self.device = certificate[:32]
        signed = b"anabranch session key v1"
        verify_signature(self.device, certificate[32:], signed + state.rs.public_bytes)
        require(meets(self.device), "a device answers that does not belong to this history")
        signature = replica.key.sign(signed + state.s.public_bytes)
        third = self.noise.write_message(replica.device + signature)
        self.socket.sendall(struct.pack(">H", len(third)) + third)

    def _exactly(self, count, deadline):
        data = b""
        while len(data) < count:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            part = self.socket.recv(count - len(data))
            require(part, "the other side closed the connection during the handshake")
            data += part
        return data

    def send(self, kind, fields=b""):
        frame = struct.pack(">IB", len(fields) + 1, kind) + fields
        step = RECORD_BYTES_MAX - TAG_BYTES
        for start in range(0, len(frame), step):
            record = self.noise.encrypt(frame[start : start + step])
            self.outgoing += struct.pack(">H", len(record)) + record
            if self.noise.noise_protocol.cipher_state_encrypt.n % RECORDS_PER_KEY == 0:
                self.noise.rekey_outbound_cipher()

    def pump(self, wait):
        """Waits, at most so many seconds; writes what waits to be written, and reads what came."""
        writing = [self.socket] if self.outgoing else []
        readable, writable, _ = select.select([self.socket], writing, [], max(0, wait))
        if writable:
            del self.outgoing[: self.socket.send(self.outgoing)]
        if readable:
            data = self.socket.recv(1 << 18)
            self.ended = not data
            self.heard = time.monotonic()
            self.incoming += data
            self._open_records()

    def _open_records(self):
        while len(self.incoming) >= 2:
            length = int.from_bytes(self.incoming[:2], "big")
            require(length > TAG_BYTES, "a record without content")
            if len(self.incoming) < 2 + length:
                return
            self.plain += self.noise.decrypt(bytes(self.incoming[2 : 2 + length]))
            del self.incoming[: 2 + length]
            if self.noise.noise_protocol.cipher_state_decrypt.n % RECORDS_PER_KEY == 0:
                self.noise.rekey_inbound_cipher()

    def frame(self):
        """The next frame that came whole: its kind, its fields, its cost; else None [Frames]."""
        if len(self.plain) < 4:
            return None
        end = 4 + int.from_bytes(self.plain[:4], "big")
        require(5 <= end <= 4 + FRAME_BYTES_MAX, "a frame's length out of range")
        if len(self.plain) < end:
            return None
        kind, fields = self.plain[4], bytes(self.plain[5:end])
        del self.plain[:end]
        return kind, Reader(fields), end

    def expect(self, kinds, seconds):
        """The next frame, which must be of one of these kinds and come in time [Pairing]."""
        deadline = time.monotonic() + seconds
        while (frame := self.frame()) is None:
            require(not self.ended, "the other side closed the connection")
            require(time.monotonic() < deadline, "the other side did not answer in time")
            self.pump(deadline - time.monotonic())
        require(frame[0] in kinds, f"a frame of kind {frame[0]} while pairing")
        return frame[:2]

    def finish(self):
        """Writes what is left, ends this direction, and reads on until the other has ended."""
        deadline, ending = time.monotonic() + CLOSE_MAX, False
        while not self.ended and time.monotonic() < deadline:
            if not self.outgoing and not ending:
                self.socket.shutdown(socket.SHUT_WR)
                ending = True
            self.pump(deadline - time.monotonic())
        self.socket.close()


# ---------------------------------------------------------------------------------------------------------- A session


class Session:
    """One side of a session, in exchange mode [The states of one side]."""

    TAKEN = {
        "greeting": {HELLO, CLOSE},
        "meeting": {HAVE, CLOSE},
        "reconciling": {LOGS, CHANGES, ACKNOWLEDGE, CREDIT, PING, PONG, CLOSE},
        "parting": {ACKNOWLEDGE, CLOSE},
    }

    def __init__(self, stream, replica):
        self.stream, self.replica = stream, replica
        self.stage, self.since, self.progress, self.pings = "greeting", time.monotonic(), time.monotonic(), 0
        self.peer, self.theirs, self.waiting = None, {}, collections.deque()
        self.their_logs, self.my_logs = [], []  # in the numbers of a side
        self.settled, self.came, self.sent, self.acknowledged, self.excluded = {}, {}, {}, {}, {}
        self.credit, self.granted, self.owed = 0, CREDIT_WINDOW, 0
        self.said_all = self.heard_all = False
        self.received, self.pushed, self.problem = 0, 0, None

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
            self._close(fault.code, str(fault))
            self.problem = str(fault)
        self.stream.finish()
        return self._summary()

    def _greet(self):
        replica = self.replica
        hello = b"ANBR" + varint(1) + varint(1) + replica.space + replica.device + replica.own_log
        hello += block(replica.settings["name"].encode()) + varint(1) + varint(0) + varint(CREDIT_WINDOW)
        self.stream.send(HELLO, hello)
        heads = replica.heads().items()
        have = (log + varint(last) + replica.hash_at(log, last)[:16] for log, last in heads)
        self.stream.send(HAVE, varint(len(heads)) + b"".join(have))

    def _take_frames(self):
        while self.stage != "ended" and (frame := self.stream.frame()):
            kind, reader, cost = frame
            if kind in self.TAKEN[self.stage]:
                self._take(kind, reader, cost)
            elif self.stage != "parting":
                raise Fault(f"a frame of kind {kind} while {self.stage}")
        if self.stream.ended and self.stage != "ended":
            self.stage, self.problem = "ended", "the connection broke"

    def _take(self, kind, reader, cost):
        if kind == CHANGES:
            self._take_changes(reader, cost)
        else:
            takers = {HELLO: self._take_hello, HAVE: self._take_have, LOGS: self._take_logs, CLOSE: self._take_close}
            takers |= {ACKNOWLEDGE: self._take_acknowledge, CREDIT: self._take_credit}
            takers |= {PING: self._take_ping, PONG: Reader.varint}
            takers[kind](reader)
            reader.end()
        if kind not in (PING, PONG):
            self.progress = time.monotonic()

    def _take_hello(self, reader):
        """[Greeting and meeting]; what is not as it must be is told in the order of the document."""
        require(reader.take(4) == b"ANBR", "no hello")
        newest, oldest = reader.varint(1 << 16), reader.varint(1 << 16)
        space, device, _ = reader.take(16), reader.take(32), reader.take(16)
        self.peer = reader.text(NAME_BYTES_MAX)
        reader.varint(), reader.varint()  # the semantics level and the features change nothing here
        self.credit = reader.varint(CREDIT_MAX + 1)
        require(device == self.stream.device, "a hello of another device than the certificate's")
        require(oldest <= 1 <= newest, "no version that both sides speak", VERSION)
        require(space == self.replica.space, "another history", SPACE)
        require(device != self.replica.device, "both sides are the same device", OWN)
        require(self.credit >= CREDIT_MIN, "too little credit for one frame")
        self.stage = "meeting"

    def _take_have(self, reader):
        """What the peer holds is settled, and compared as far as it is held here [Forked logs]."""
        entry = lambda: (reader.take(16), (reader.sequence(), reader.take(16)))
        logs = [entry() for _ in range(reader.count(33, LOGS_MAX))]
        self.theirs = dict(logs)
        require(logs == sorted(self.theirs.items()), "logs that do not ascend")
        for log, (sequence, half) in logs:
            self.settled[log] = sequence
            held = self.replica.hash_at(log, sequence)
            if held and held[:16] != half:
                self._exclude(log, sequence)
        self.waiting.extend(change for change in self.replica.changes if not self._is_settled(change))
        self.stage = "reconciling"

    def _take_logs(self, reader):
        for _ in range(reader.count(49, LOGS_MAX)):
            mark = reader.byte()
            log = self.replica.announce(bytes([mark]) + reader.take(52 if mark == 2 else 48))
            require(log not in self.their_logs, "a log that was announced before")
            self.their_logs.append(log)

    def _take_changes(self, reader, cost):
        """A batch: stored whole, then acknowledged, then paid for [Reconciling]."""
        require(cost <= self.granted, "changes beyond the credit")
        self.granted, self.owed, durable = self.granted - cost, self.owed + cost, {}
        runs = reader.count(5, FRAME_BYTES_MAX)
        for _ in range(runs):
            self._take_run(reader, durable)
        signatures = reader.count(66, FRAME_BYTES_MAX)
        for _ in range(signatures):
            self._position(reader, self.their_logs)
            reader.take(64)
        reader.end()
        if not runs and not signatures:
            require(not self.heard_all, "said twice that everything was sent")
            self.heard_all = True
        self._store()
        positions = (varint(self.their_logs.index(log)) + varint(last) for log, last in durable.items())
        if durable:
            self.stream.send(ACKNOWLEDGE, varint(len(durable)) + b"".join(positions))
        if self.owed >= CREDIT_WINDOW // 4:
            self.stream.send(CREDIT, varint(self.owed))
            self.granted, self.owed = self.granted + self.owed, 0

    def _store(self):
        try:
            self.replica.commit()
        except OSError as error:
            raise Fault(f"cannot store: {error}", STORAGE) from error

    def _position(self, reader, logs):
        number = reader.varint(LOGS_MAX)
        require(number < len(logs), "a log that was not announced")
        return logs[number], reader.sequence()

    def _take_run(self, reader, durable):
        log, first = self._position(reader, self.their_logs)
        received = self.came.get(log, 0)
        require(received < first <= max(received, self.replica.last(log)) + 1, "a run that does not follow")
        count = reader.count(2, FRAME_BYTES_MAX)
        require(count, "a run without changes")
        for sequence in range(first, first + count):
            data = reader.block(CHANGE_BYTES_MAX)
            self.came[log] = sequence
            if self._take_change(data, log, sequence):
                durable[log] = sequence

    def _take_change(self, data, log, sequence):
        """Whether a change fits and is held now; else its log is excluded from there on."""
        if self._is_excluded(log, sequence):
            return False
        change = Change(data, log, sequence)
        for other, number, half in change.dependencies:
            held = self.replica.hash_at(other, number)
            require(held or self._is_excluded(other, number), "a dependency that is not held")
            if held and held[:16] != half:
                self._exclude(other, number)
        if self._builds_on_excluded(change):
            return False
        chained, held = change.hash(self.replica.hashes[log][sequence - 1]), self.replica.hash_at(log, sequence)
        told, half = self.theirs.get(log, (0, b""))
        if held not in (None, chained) or (told == sequence and half != chained[:16]):
            self._exclude(log, sequence)
            return False
        if not held:
            self.replica.admit(change, chained)
            self.received += 1
        self.settled[log] = max(sequence, self.settled.get(log, 0))
        return True

    def _exclude(self, log, sequence):
        self.excluded[log] = min(sequence, self.excluded.get(log, sequence))

    def _is_excluded(self, log, sequence):
        return log in self.excluded and sequence >= self.excluded[log]

    def _builds_on_excluded(self, change):
        """Whether a change is excluded, or depends on one that is; then so is its log from there on."""
        names = [(change.log, change.sequence), *(dependency[:2] for dependency in change.dependencies)]
        if not any(self._is_excluded(*name) for name in names):
            return False
        self._exclude(change.log, change.sequence)
        return True

    def _is_settled(self, change):
        return change.sequence <= self.settled.get(change.log, 0)

    def _take_acknowledge(self, reader):
        for _ in range(reader.count(2, LOGS_MAX)):
            log, sequence = self._position(reader, self.my_logs)
            require(sequence <= self.sent.get(log, 0), "an acknowledgement of what was not sent")
            self.acknowledged[log] = max(sequence, self.acknowledged.get(log, 0))

    def _take_credit(self, reader):
        more = reader.varint(CREDIT_MAX + 1)
        require(more and self.credit + more <= CREDIT_MAX, "a credit out of range")
        self.credit += more

    def _take_ping(self, reader):
        self.stream.send(PONG, varint(reader.varint()))

    def _take_close(self, reader):
        code, reason = reader.varint(1 << 16), reader.text(REASON_BYTES_MAX)
        if code not in (DONE, SHUTDOWN):
            self.problem = f"the other side closed: {reason} ({code})"
        elif self.stage != "parting":
            if not (self.said_all and self.heard_all):
                self.problem = "the other side ended before everything was exchanged"
            self.stream.send(CLOSE, varint(DONE) + block(b""))
        self.stage = "ended"

    def _push(self):
        """Sends what is not settled as far as credit allows, then says that this was all [Reconciling]."""
        while self.stage == "reconciling" and not self.said_all and len(self.stream.outgoing) < 2 * BATCH_BYTES:
            batch = self._next_batch()
            self._announce(batch)
            fields = self._encode(batch)
            if 5 + len(fields) > self.credit:
                return self.waiting.extendleft(reversed(batch))
            self.credit -= 5 + len(fields)
            self.stream.send(CHANGES, fields)
            for change in batch:
                self.settled[change.log] = self.sent[change.log] = change.sequence
            self.pushed += len(batch)
            self.said_all = not batch

    def _next_batch(self):
        """Changes that the peer lacks, in causal order, leaving out what is excluded."""
        batch, size = [], 0
        while self.waiting and (not batch or size + len(self.waiting[0].data) <= BATCH_BYTES):
            change = self.waiting.popleft()
            if not self._is_settled(change) and not self._builds_on_excluded(change):
                batch.append(change)
                size += len(change.data)
        return batch

    def _announce(self, batch):
        """Sends the headers of logs that are going to be named for the first time."""
        new = [log for log in dict.fromkeys(change.log for change in batch) if log not in self.my_logs]
        self.my_logs += new
        if new:
            self.stream.send(LOGS, varint(len(new)) + b"".join(self.replica.headers[log] for log in new))

    def _encode(self, batch):
        """The fields of `changes`: runs of consecutive changes, and no signatures."""
        runs = []
        for change in batch:
            if runs and (runs[-1][-1].log, runs[-1][-1].sequence + 1) == (change.log, change.sequence):
                runs[-1].append(change)
            else:
                runs.append([change])
        data = varint(len(runs))
        for run in runs:
            data += varint(self.my_logs.index(run[0].log)) + varint(run[0].sequence) + varint(len(run))
            data += b"".join(block(change.data) for change in run)
        return data + varint(0)

    def _part(self):
        """[Parting]: both have said that they sent everything, and what came is durable and acknowledged."""
        if self.stage == "reconciling" and self.said_all and self.heard_all:
            self.stream.send(CLOSE, varint(DONE) + block(b""))
            self.stage, self.since = "parting", time.monotonic()

    def _close(self, code, reason):
        if self.stage != "parting":
            self.stream.send(CLOSE, varint(code) + block(reason.encode()[:REASON_BYTES_MAX]))
        self.stage = "ended"

    def _watch_the_clock(self):
        """Deadlines and signs of life."""
        now = time.monotonic()
        quiet = now - self.stream.heard
        if self.stage == "parting":
            if now - self.since > DONE_MAX:
                self.stage, self.problem = "ended", "the other side did not close in time"
            return
        if self.stage in ("greeting", "meeting"):
            require(now - self.since < GREETING_MAX, "no greeting in time", TIMEOUT)
        require(quiet < SILENCE_MAX, "no sign of life", TIMEOUT)
        require(self.heard_all or now - self.progress < DEBT_MAX, "nothing of what is owed came", TIMEOUT)
        self.pings = 0 if quiet < PING_AFTER else self.pings
        if quiet >= PING_AFTER * (self.pings + 1):
            self.pings += 1
            self.stream.send(PING, varint(self.pings))

    def _summary(self):
        ahead = {log for log, (last, _) in self.theirs.items() if self.replica.last(log) < last}
        unheard = {log for log, last in self.sent.items() if self.acknowledged.get(log, 0) < last}
        left_out = sorted(log.hex() for log in ahead | unheard | set(self.excluded))
        summary = {"peer": self.peer, "received": self.received, "sent": self.pushed, "leftOut": left_out}
        return summary | ({"problem": self.problem} if self.problem else {})


def pair(replica, code, name):
    """Comes into a space by a code, then exchanges everything on the same connection [Pairing]."""
    secret, address = read_code(code)
    stream = Stream(address, replica, TO_PAIR, secret=secret)
    _, reader = stream.expect({WELCOME}, GREETING_MAX)
    reader.text(NAME_BYTES_MAX), reader.end()
    print("fingerprint of this device:", replica.device[:8].hex(" ", 2), file=sys.stderr)
    stream.send(REQUEST, block(name.encode()))
    kind, reader = stream.expect({GRANT, DENIAL}, PAIRING_MAX)
    if kind == DENIAL:
        raise Fault("not let in: " + reader.text(REASON_BYTES_MAX))
    space, role = reader.take(16), reader.byte()
    reader.end()
    require(1 <= role <= OWNER, "a role that is not known")
    replica.found(name, space, stream.device)
    if replica.last(replica.own_log) == 0:
        thing = imported("anabranch", "device", replica.device.hex())
        replica.write(WRITE_REGISTER, thing, lambda *_: varint(REGISTER_NAME) + varint(0), name.encode())
    stream.send(JOINED)
    return Session(stream, replica).run()


def read_code(code):
    """The secret of a code, and the first address where to dial [Pairing]."""
    letters, _, addresses = code.partition("@")
    try:
        data = base64.b32decode("".join(letters.replace("-", "").split()).upper())
    except ValueError as error:
        raise Fault("a code is 56 letters and digits") from error
    require(len(data) == 35 and data[0] == 1, "no code, or one of a newer version")
    check = hashlib.sha256(b"anabranch pairing code v1" + data[1:33]).digest()[:2]
    require(data[33:] == check, "the code has a slip in it")
    return data[1:33], read_address(addresses.split(",")[0])


def read_address(text):
    host, _, port = text.rpartition(":")
    require(host and port.isdecimal(), "an address is HOST:PORT")
    return host.strip("[]"), int(port)


# -------------------------------------------------------------------------------------------------- What changes mean


class Message:
    def __init__(self, identity, structure, change):
        """[A message]; a line is named by the message that began it."""
        self.identity, self.text = identity, None
        self.role, line = structure.byte(), structure.byte()
        require(line < 3, "a line of another kind")
        named = change.read_reference(structure, identity[2]) if line == 2 else identity
        self.created = structure.time(change.milliseconds)
        self.parents = read_references(structure, change, identity)
        self.line = named if line or not self.parents else None  # None: that of the first parent
        structure.varint(1 << 32)
        self.chunks = read_references(structure, change, identity)
        structure.end()


def read_references(reader, change, identity):
    return [change.read_reference(reader, identity[2]) for _ in range(reader.count(3, REFERENCES_MAX))]


def read_record(data):
    """The fields of a record by their tags [Contents of several fields]."""
    reader, fields = Reader(data), {}
    while reader.left:
        tag = reader.varint()
        require(tag > max(fields, default=0), "tags that do not ascend")
        fields[tag] = reader.block(CONTENT_BYTES_MAX)
    return fields


class Conversation:
    def __init__(self, identity):
        self.identity, self.messages, self.titles = identity, {}, {}

    @property
    def title(self):
        """Of the writes that none replaced the one with the later hybrid time, then the greater log [conflict]."""
        return max(self.titles.values(), default=(0, b"", None))[2]

    def tips(self):
        """The tips of the line that is read last: what the next message follows."""
        parents = {parent for message in self.messages.values() for parent in message.parents}
        tips = [message for message in self.reading() if message.identity not in parents]
        return [tip.identity for tip in tips if self.line(tip) == self.line(tips[-1])]

    def line(self, message):
        while message.line is None and message.parents[0] in self.messages:
            message = self.messages[message.parents[0]]
        return message.line

    def reading(self):
        """The linear reading: whole runs, parents first, by creation and name of their first message [glossary]."""
        children, missing, ready = collections.defaultdict(list), {}, []
        for identity, message in self.messages.items():
            known = {parent for parent in message.parents if parent in self.messages}
            missing[identity] = len(known)
            for parent in known:
                children[parent].append(message)
        self._make_ready(ready, (m for m in self.messages.values() if not missing[m.identity]))
        while ready:
            message = heapq.heappop(ready)[2]
            while message:
                yield message
                follow = children[message.identity]
                for child in follow:
                    missing[child.identity] -= 1
                runs_on = len(follow) == 1 and len(follow[0].parents) == 1
                if not runs_on:
                    self._make_ready(ready, (child for child in follow if not missing[child.identity]))
                message = follow[0] if runs_on else None

    @staticmethod
    def _make_ready(ready, messages):
        for message in messages:
            heapq.heappush(ready, (message.created, printed(message.identity), message))


class Conversations:
    """What the operations that are understood make of the history; others have no effect here [Kinds]."""

    def __init__(self, replica):
        self.all, self.messages, self.contents = {}, {}, {}
        takers = {CREATE_CONVERSATION: self._create, CREATE_MESSAGE: self._say}
        takers |= {APPEND_TEXT: self._append, WRITE_REGISTER: self._write_register}
        for change in replica.changes:
            for operation in change.operations:
                self.contents[operation.identity] = operation.content
                try:
                    if operation.kind in takers:
                        takers[operation.kind](change, operation, Reader(operation.structure))
                except (Fault, UnicodeDecodeError):
                    pass  # not canonical for its kind: kept, and without effect

    def _create(self, change, operation, structure):
        structure.time(change.milliseconds)
        structure.end()
        self.all[operation.identity] = Conversation(operation.identity)

    def _say(self, change, operation, structure):
        message = Message(operation.identity, structure, change)
        pieces = [self.contents.get(chunk) for chunk in message.chunks] + [operation.content]
        if None not in pieces:
            message.text = read_record(b"".join(pieces)).get(1, b"").decode()
        if operation.target in self.all:
            self.all[operation.target].messages[message.identity] = self.messages[message.identity] = message

    def _append(self, change, operation, structure):
        read_references(structure, change, operation.identity)
        position, length = structure.varint(1 << 32), structure.varint(CONTENT_BYTES_MAX + 1)
        structure.end()
        message = self.messages.get(operation.target)
        if message and message.text is not None and operation.content is not None:
            text = operation.content.decode()
            require(len(text) == length, "a text of another length")
            message.text = message.text[:position] + text + message.text[position:]

    def _write_register(self, change, operation, structure):
        register, replaced = structure.varint(), read_references(structure, change, operation.identity)
        structure.end()
        conversation = self.all.get(operation.target)
        if conversation and register == REGISTER_TITLE and operation.content is not None:
            for write in replaced:
                conversation.titles.pop(write, None)
            conversation.titles[operation.identity] = (change.time, change.log, operation.content.decode())

    def find(self, text):
        found = [conversation for identity, conversation in self.all.items() if printed(identity) == text]
        require(found, "no such conversation")
        return found[0]


def printed(identity):
    """[Printed identifiers]"""
    if isinstance(identity, bytes):
        return identity.hex()
    log, sequence, index = identity
    mixed = int(f"{sequence:032b}"[::-1], 2) << 24 | index
    return (mixed ^ int.from_bytes(log[9:16], "big")).to_bytes(7, "big").hex() + log[:9].hex()


def listed(conversation):
    messages = [
        {"id": printed(m.identity), "role": ROLES.get(m.role, m.role), "text": m.text, "parents": [*map(printed, m.parents)]}
        for m in conversation.reading()
    ]
    return {"id": printed(conversation.identity), "title": conversation.title, "messages": messages}


def say(replica, conversation, text):
    """Writes a message of the user's after the tips of the conversation's last line [A message]."""
    parents, role = conversation.tips(), b"\1"

    def structure(refer, milliseconds):
        line = varint(0 if parents else 1)
        return role + line + zigzag(now_ms() - milliseconds) + refer_all(refer, parents) + varint(len(text)) + varint(0)

    return replica.write(CREATE_MESSAGE, conversation.identity, structure, varint(1) + block(text.encode()))


def refer_all(refer, parents):
    return varint(len(parents)) + b"".join(map(refer, parents))


# ------------------------------------------------------------------------------------------------------- Command line


def verify(replica):
    result = {"logs": 0, "changes": 0, "ok": True}
    try:
        replica.load()
    except Fault as fault:
        result |= {"ok": False, "problem": str(fault)}
    return result | {"logs": len(replica.heads()), "changes": len(replica.changes)}


def run(arguments):
    replica = Replica(arguments.state)
    if arguments.command == "verify":
        return verify(replica)
    replica.load()
    if arguments.command == "pair":
        return pair(replica, arguments.code, arguments.name)
    require(replica.settings, "this device belongs to no history yet: pair first")
    if arguments.command == "sync":
        meets = Roster(replica).meets
        stream = Stream(read_address(arguments.address), replica, TO_MEET, space=replica.space, meets=meets)
        return Session(stream, replica).run()
    conversations = Conversations(replica)
    if arguments.command == "list":
        return [listed(conversation) for conversation in conversations.all.values()]
    return {"message": printed(say(replica, conversations.find(arguments.conversation), arguments.text))}


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
    try:
        result = run(parser.parse_args())
    except (Fault, OSError, InvalidTag, NoiseInvalidMessage) as error:
        result = {"problem": str(error) or type(error).__name__}
    print(json.dumps(result))
    sys.exit(1 if "problem" in result else 0)


if __name__ == "__main__":
    main()
