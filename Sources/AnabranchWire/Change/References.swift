internal import AnabranchCore

/// The logs that a change refers to, so that a reference costs a small number instead of an identifier.
///
/// In the canonical bytes the logs of the dependencies come first, then all others, each part in ascending order.
struct LogTable: Hashable, Sendable {
  /// The change the table belongs to; its own log is not listed.
  let change: ChangeID
  /// The other logs, in the order of the canonical bytes.
  let logs: [LogID]
  private let numbers: [LogID: Int]

  init(change: ChangeID, logs: [LogID]) {
    self.change = change
    self.logs = logs
    numbers = logs.count < 2 ? [:] : Dictionary(logs.enumerated().map { ($1, $0) }, uniquingKeysWith: min)
  }

  /// The table of a change with these dependencies, whose operations refer to these logs.
  init(change: ChangeID, dependencies: [Dependency], references: Set<LogID>) {
    let first = dependencies.map(\.change.log)
    let others = references.subtracting(first).subtracting([change.log]).sorted()
    self.init(change: change, logs: first + others)
  }

  func number(of log: LogID) -> Int? {
    logs.count < 2 ? logs.firstIndex(of: log) : numbers[log]
  }
}

extension LogTable {
  /// How a reference starts: what kind it is.
  private enum Tag {
    static let imported: UInt64 = 0
    static let own: UInt64 = 1
    static let firstOther: UInt64 = 2
  }

  func write(_ reference: ObjectID, to writer: inout ByteWriter) {
    switch reference {
    case .imported(let bytes):
      writer.write(varint: Tag.imported)
      writer.write(bytes)
    case .native(let operation):
      write(operation, to: &writer)
    }
  }

  /// Writes a reference to `operation`, whose log is this change's own or listed.
  func write(_ operation: OperationID, to writer: inout ByteWriter) {
    if operation.log == change.log {
      writer.write(varint: Tag.own)
      writer.write(varint: UInt64(change.sequence &- operation.sequence))
    } else {
      guard let number = number(of: operation.log) else {
        preconditionFailure("a change lists every log it refers to")
      }
      writer.write(varint: Tag.firstOther + UInt64(number))
      writer.write(varint: UInt64(operation.sequence))
    }
    writer.write(varint: UInt64(operation.index))
  }

  func readObject(_ reader: inout ByteReader) throws(WireError) -> ObjectID {
    let tag = try reader.varint()
    if tag == Tag.imported { return .imported(try reader.bytes16()) }
    return .native(try readOperation(tag: tag, &reader))
  }

  func readOperation(_ reader: inout ByteReader) throws(WireError) -> OperationID {
    try readOperation(tag: try reader.varint(), &reader)
  }

  private func readOperation(tag: UInt64, _ reader: inout ByteReader) throws(WireError) -> OperationID {
    let start = reader.position
    let log: LogID
    let sequence: UInt32
    switch tag {
    case Tag.own:
      log = change.log
      let distance = try reader.varint32("a distance between changes")
      guard distance < change.sequence else {
        throw WireError(.invalid, "expected a reference to change 1 or later", offset: start)
      }
      sequence = change.sequence - distance
    case Tag.firstOther..<(Tag.firstOther + UInt64(logs.count)):
      log = logs[Int(tag - Tag.firstOther)]
      sequence = try reader.varint32("a sequence")
      guard sequence > 0 else {
        throw WireError(.invalid, "expected a reference to change 1 or later", offset: start)
      }
    default:
      throw WireError(.invalid, "expected a reference to one of \(logs.count) logs, got \(tag)", offset: start)
    }
    let index = UInt32(try reader.varint(max: UInt64(Limits.identifiersMax) - 1, "an index"))
    return OperationID(log: log, sequence: sequence, index: index)
  }

  func write(_ references: [OperationID], to writer: inout ByteWriter) {
    writer.write(count: references.count)
    for reference in references { write(reference, to: &writer) }
  }

  func readOperations(_ reader: inout ByteReader, _ what: String) throws(WireError) -> [OperationID] {
    let count = try reader.count(max: Limits.referencesMax, of: what, bytesEach: 3)
    var references: [OperationID] = []
    for _ in 0..<count { references.append(try readOperation(&reader)) }
    return references
  }
}
