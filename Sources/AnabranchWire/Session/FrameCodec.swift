internal import AnabranchCore

extension Frame {
  /// The newest version of the protocol this program speaks.
  public static let version: UInt16 = 1
  /// The oldest one it still speaks.
  public static let versionMin: UInt16 = 1
  /// The first bytes of a greeting: `ANBR`.
  static let magic: [UInt8] = Array("ANBR".utf8)
  /// Bytes of the length field before each frame.
  public static let lengthBytes = 4
  /// Bytes of a signature.
  static let signatureBytes = 64

  /// The frame as it goes onto the connection, its length first.
  public var canonicalBytes: [UInt8] {
    var writer = ByteWriter()
    write(to: &writer)
    var framed = ByteWriter(capacity: writer.bytes.count + Self.lengthBytes)
    framed.write(fixed: UInt32(writer.bytes.count))
    framed.write(writer.bytes)
    return framed.bytes
  }

  private func write(to writer: inout ByteWriter) {
    switch self {
    case .hello(let hello):
      writer.write(FrameKind.hello)
      hello.write(to: &writer)
    case .have(let logs):
      writer.write(FrameKind.have)
      writer.write(count: logs.count)
      for held in logs {
        writer.write(held.log.bytes)
        writer.write(varint: UInt64(held.sequence))
        writer.write(held.hash)
      }
    case .logs(let headers):
      writer.write(FrameKind.logs)
      writer.write(count: headers.count)
      for header in headers { writer.write(header.canonicalBytes) }
    case .changes(let batch):
      writer.write(FrameKind.changes)
      batch.write(to: &writer)
    case .acknowledge(let positions):
      writer.write(FrameKind.acknowledge)
      writer.write(count: positions.count)
      for position in positions { position.write(to: &writer) }
    case .credit(let bytes):
      writer.write(FrameKind.credit)
      writer.write(varint: UInt64(bytes))
    case .ping(let number):
      writer.write(FrameKind.ping)
      writer.write(varint: number)
    case .pong(let number):
      writer.write(FrameKind.pong)
      writer.write(varint: number)
    case .close(let closing):
      writer.write(FrameKind.close)
      writer.write(varint: UInt64(closing.code))
      writer.write(counted: closing.reason.utf8(atMost: Limits.reasonBytesMax))
    case .blob(let frame):
      frame.write(to: &writer)
    case .pairing(let frame):
      frame.write(to: &writer)
    case .fork(let probe):
      probe.write(to: &writer)
    case .words(let words):
      writer.write(FrameKind.words)
      words.write(to: &writer)
    }
  }

  /// Reads a frame from its bytes, the length field apart.
  public init(_ bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    let number = try reader.byte()
    switch FrameKind(rawValue: number) {
    case .hello:
      self = .hello(try Hello(&reader))
    case .have:
      self = .have(try reader.heldLogs())
    case .logs:
      var headers: [LogHeader] = []
      for _ in 0..<(try reader.count(max: Limits.logsMax, of: "log headers", bytesEach: 49)) {
        headers.append(try LogHeader(&reader))
      }
      self = .logs(headers)
    case .changes:
      self = .changes(try ChangeBatch(&reader))
    case .acknowledge:
      var positions: [LogPosition] = []
      for _ in 0..<(try reader.count(max: Limits.logsMax, of: "positions", bytesEach: 2)) {
        positions.append(try LogPosition(&reader))
      }
      self = .acknowledge(positions)
    case .credit:
      self = .credit(try reader.varint32("a credit"))
    case .ping:
      self = .ping(try reader.varint())
    case .pong:
      self = .pong(try reader.varint())
    case .close:
      let code = UInt16(try reader.varint(max: UInt64(UInt16.max), "a code"))
      self = .close(Closing(code: code, reason: try reader.text(max: Limits.reasonBytesMax, "a reason")))
    case .words:
      guard bytes.count <= Limits.wordsBytesMax else {
        throw WireError(.limit, "expected at most \(Limits.wordsBytesMax) bytes of words, got \(bytes.count)")
      }
      self = .words(try Words(&reader))
    case .fork:
      self = .fork(try ForkProbe(&reader))
    case let kind:
      if let kind, let frame = try BlobFrame(kind, &reader) {
        self = .blob(frame)
      } else if let kind, let frame = try PairingFrame(kind, &reader) {
        self = .pairing(frame)
      } else {
        throw WireError(.invalid, "expected a frame of a kind that is known, got \(number)")
      }
    }
    try reader.finish("a frame")
  }
}

extension Hello {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(Frame.magic)
    writer.write(varint: UInt64(version))
    writer.write(varint: UInt64(versionMin))
    writer.write(space)
    writer.write(device)
    writer.write(log.bytes)
    writer.write(counted: Array(name.utf8))
    writer.write(varint: UInt64(semanticsLevel))
    writer.write(varint: features.rawValue)
    writer.write(varint: UInt64(credit))
  }

  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    guard try reader.take(Frame.magic.count).elementsEqual(Frame.magic) else {
      throw WireError(.invalid, "expected a greeting that starts with ANBR")
    }
    version = UInt16(try reader.varint(max: UInt64(UInt16.max), "a version"))
    versionMin = UInt16(try reader.varint(max: UInt64(UInt16.max), "a version"))
    space = try reader.bytes16()
    device = try reader.digest()
    log = LogID(try reader.bytes16())
    name = try reader.text(max: Limits.nameBytesMax, "a name")
    semanticsLevel = try reader.varint32("a level")
    features = Features(rawValue: try reader.varint())
    credit = try reader.varint32("a credit")
  }
}

extension LogPosition {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(varint: UInt64(log))
    writer.write(varint: UInt64(sequence))
  }

  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    log = UInt32(try reader.varint(max: UInt64(Limits.logsMax) - 1, "a log's number"))
    sequence = try reader.varint32("a sequence")
    guard sequence > 0 else {
      throw WireError(.invalid, "expected a sequence of 1 or more", offset: reader.position)
    }
  }
}

extension ChangeBatch {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(count: runs.count)
    for run in runs {
      run.first.write(to: &writer)
      writer.write(count: run.changes.count)
      for change in run.changes { writer.write(counted: change) }
    }
    writer.write(count: signatures.count)
    for signature in signatures {
      signature.at.write(to: &writer)
      writer.write(signature.signature)
    }
  }

  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    runs = []
    for _ in 0..<(try reader.count(max: Limits.frameBytesMax, of: "runs", bytesEach: 4)) {
      let first = try LogPosition(&reader)
      var changes: [[UInt8]] = []
      for _ in 0..<(try reader.count(max: Limits.frameBytesMax, of: "changes")) {
        changes.append(Array(try reader.counted(max: Limits.changeBytesMax, "a change")))
      }
      guard !changes.isEmpty, UInt64(first.sequence) + UInt64(changes.count) - 1 <= UInt64(UInt32.max) else {
        throw WireError(.invalid, "expected a run of 1 to 2³² changes", offset: reader.position)
      }
      runs.append(Run(first: first, changes: changes))
    }
    signatures = []
    for _ in 0..<(try reader.count(max: Limits.logsMax, of: "signatures", bytesEach: 2 + Frame.signatureBytes)) {
      signatures.append(
        Signature(at: try LogPosition(&reader), signature: Array(try reader.take(Frame.signatureBytes))))
    }
  }
}

extension ByteReader {
  fileprivate mutating func heldLogs() throws(WireError) -> [HeldLog] {
    var logs: [HeldLog] = []
    for _ in 0..<(try count(max: Limits.logsMax, of: "logs", bytesEach: 2 * Bytes16.count + 1)) {
      let held = HeldLog(
        log: LogID(try bytes16()), sequence: try varint32("a sequence"), hash: try bytes16())
      guard held.sequence > 0, logs.last.map({ $0.log < held.log }) ?? true else {
        throw WireError(.nonCanonical, "expected logs in ascending order, each held from 1 on", offset: position)
      }
      logs.append(held)
    }
    return logs
  }
}
