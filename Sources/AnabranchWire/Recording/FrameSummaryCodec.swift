internal import AnabranchCore

/// Summaries of frames as bytes; `docs/format.md` has the layout. A frame in which nobody's words can be is its own summary.
extension FrameSummary {
  /// What stands in place of a kind before the summary of what is no whole frame.
  private enum Tag {
    static let unreadable: UInt8 = 0
    static let partial: UInt8 = 255
  }

  /// The frame that says no more than its summary; nil where there is no such frame.
  private var frame: Frame? {
    switch self {
    case .hello(let hello): .hello(hello)
    case .have(let logs): .have(logs)
    case .credit(let bytes): .credit(bytes)
    case .ping(let number): .ping(number)
    case .pong(let number): .pong(number)
    case .close(let closing): .close(closing)
    case .fork(let probe): .fork(probe)
    case .pairing(let frame): .pairing(frame)
    case .logs, .changes, .acknowledge, .words, .blob, .unreadable, .partial: nil
    }
  }

  private init?(_ frame: Frame) {
    switch frame {
    case .hello(let hello): self = .hello(hello)
    case .have(let logs): self = .have(logs)
    case .credit(let bytes): self = .credit(bytes)
    case .ping(let number): self = .ping(number)
    case .pong(let number): self = .pong(number)
    case .close(let closing): self = .close(closing)
    case .fork(let probe): self = .fork(probe)
    case .pairing(let frame): self = .pairing(frame)
    case .logs, .changes, .acknowledge, .words, .blob: return nil
    }
  }

  func write(to writer: inout ByteWriter) {
    switch self {
    case .hello, .have, .credit, .ping, .pong, .close, .fork, .pairing:
      writer.write((frame?.canonicalBytes ?? []).dropFirst(Frame.lengthBytes))
    case .logs(let logs):
      writer.write(FrameKind.logs)
      writer.write(count: logs.count)
      for log in logs { log.write(to: &writer) }
    case .changes(let batch):
      writer.write(FrameKind.changes)
      writer.write(varint: UInt64(batch.changes))
      writer.write(varint: UInt64(batch.signatures))
      writer.write(count: batch.logs.count)
      for stretch in batch.logs { stretch.write(to: &writer) }
    case .acknowledge(let logs):
      writer.write(FrameKind.acknowledge)
      writer.write(count: logs.count)
      for reach in logs {
        reach.log.write(to: &writer)
        writer.write(varint: UInt64(reach.sequence))
      }
    case .words(let words):
      writer.write(FrameKind.words)
      words.write(to: &writer)
    case .blob(let blob):
      blob.write(to: &writer)
    case .unreadable(let reason):
      writer.write(Tag.unreadable)
      writer.write(counted: reason.utf8(atMost: Limits.reasonBytesMax))
    case .partial:
      writer.write(Tag.partial)
    }
  }

  /// Reads a summary, which is all of `bytes`.
  init(_ bytes: ArraySlice<UInt8>) throws(WireError) {
    var reader = ByteReader(bytes)
    let tag = try reader.byte()
    switch FrameKind(rawValue: tag) {
    case .logs:
      self = .logs(try reader.list(max: Limits.logsMax, of: "logs", bytesEach: 2, FrameSummary.Log.init))
    case .changes:
      self = .changes(
        FrameSummary.Batch(
          changes: try reader.varint32("a number of changes"),
          signatures: try reader.varint32("a number of signatures"),
          logs: try reader.list(max: Limits.logsMax, of: "logs", bytesEach: 6, FrameSummary.Batch.Stretch.init)))
    case .acknowledge:
      self = .acknowledge(
        try reader.list(max: Limits.logsMax, of: "logs", bytesEach: 3) { (reader) throws(WireError) in
          FrameSummary.Reach(try FrameSummary.Log(&reader), sequence: try reader.varint32("a sequence"))
        })
    case .words: self = .words(try FrameSummary.Words(&reader))
    case .blobWants: self = .blob(.wants(try reader.varint32("a number of blobs")))
    case .blobOffers:
      self = .blob(
        .offers(
          try reader.varint32("a number of blobs"), bytes: try reader.varint(),
          isAnswer: try reader.varint(max: 1, "a mark") == 1))
    case .blobRequest:
      let blob = try reader.varint32("a blob's number")
      let part = try reader.varint(max: 1 << 32, "a part")
      self = .blob(.request(blob, part == 0 ? .outline : .block(UInt32(part - 1))))
    case .blobOutline:
      self = .blob(
        .outline(try reader.varint32("a blob's number"), blocks: try reader.varint32("a number of blocks")))
    case .blobBlock:
      self = .blob(
        .block(
          try reader.varint32("a blob's number"), try reader.varint32("a block's number"),
          bytes: try reader.varint32("a number of bytes")))
    case .blobLacks: self = .blob(.lacks(try reader.varint32("a blob's number")))
    case nil where tag == Tag.unreadable: self = .unreadable(try reader.text(max: Limits.reasonBytesMax, "a reason"))
    case nil where tag == Tag.partial: self = .partial
    default:
      guard let summary = FrameSummary(try Frame(Array(bytes))) else {
        throw WireError(.invalid, "expected the summary of a frame, got one of kind \(tag)", offset: bytes.startIndex)
      }
      self = summary
      return
    }
    try reader.finish("the summary of a frame")
  }
}

extension FrameSummary.Log {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(varint: UInt64(number))
    writer.write(UInt8(log == nil ? 0 : 1))
    if let log { writer.write(log.bytes) }
  }

  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    number = try reader.varint32("a log's number")
    log = try reader.varint(max: 1, "a presence byte") == 0 ? nil : LogID(try reader.bytes16())
  }
}

extension FrameSummary.Batch.Stretch {
  fileprivate func write(to writer: inout ByteWriter) {
    log.write(to: &writer)
    for number in [first, last, changes, bytes] { writer.write(varint: UInt64(number)) }
  }

  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    log = try FrameSummary.Log(&reader)
    (first, last) = (try reader.varint32("a sequence"), try reader.varint32("a sequence"))
    (changes, bytes) = (try reader.varint32("a number of changes"), try reader.varint32("a number of bytes"))
    guard first <= last else {
      throw WireError(.invalid, "expected changes in ascending order, got \(first) to \(last)", offset: reader.position)
    }
  }
}

extension FrameSummary.Words {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(device)
    writer.write(change.log.bytes)
    writer.write(varint: UInt64(change.sequence))
    writer.write(varint: counter)
    writer.write(varint: UInt64(pieces))
    writer.write(varint: UInt64(bytes))
  }

  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    device = try reader.digest()
    change = ChangeID(log: LogID(try reader.bytes16()), sequence: try reader.varint32("a sequence"))
    counter = try reader.varint()
    (pieces, bytes) = (try reader.varint32("a number of pieces"), try reader.varint32("a number of bytes"))
  }
}

extension FrameSummary.Blob {
  fileprivate func write(to writer: inout ByteWriter) {
    let (kind, numbers): (FrameKind, [UInt64]) =
      switch self {
      case .wants(let blobs): (.blobWants, [UInt64(blobs)])
      case .offers(let blobs, let bytes, let isAnswer):
        (.blobOffers, [UInt64(blobs), bytes, isAnswer ? 1 : 0])
      case .request(let blob, .outline): (.blobRequest, [UInt64(blob), 0])
      case .request(let blob, .block(let index)): (.blobRequest, [UInt64(blob), UInt64(index) + 1])
      case .outline(let blob, let blocks): (.blobOutline, [UInt64(blob), UInt64(blocks)])
      case .block(let blob, let index, let bytes):
        (.blobBlock, [UInt64(blob), UInt64(index), UInt64(bytes)])
      case .lacks(let blob): (.blobLacks, [UInt64(blob)])
      }
    writer.write(kind)
    for number in numbers { writer.write(varint: number) }
  }
}

extension ByteReader {
  /// As many elements as stand before them.
  fileprivate mutating func list<Element>(
    max limit: Int, of what: String, bytesEach: Int, _ element: (inout ByteReader) throws(WireError) -> Element
  ) throws(WireError) -> [Element] {
    var elements: [Element] = []
    for _ in 0..<(try count(max: limit, of: what, bytesEach: bytesEach)) { elements.append(try element(&self)) }
    return elements
  }
}
