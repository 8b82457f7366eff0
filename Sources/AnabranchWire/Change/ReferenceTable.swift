internal import AnabranchCore

/// What an operation can refer to, and how: a log is a small number in the bytes instead of an identifier.
///
/// An operation refers to what stands before it in its own log, and to what its change's dependencies reach in
/// others. So whoever has the dependencies has all that is referred to, every replica gives a reference the same
/// meaning, and where a log has forked the dependency's hash tells which branch is meant.
struct ReferenceTable: Hashable, Sendable {
  /// Another log.
  struct Entry: Hashable, Sendable {
    let log: LogID
    /// The last change in it that can be referred to.
    let last: UInt32
  }

  /// The change whose operations refer; its own log is not listed.
  let change: ChangeID
  /// The other logs, in the order of the canonical bytes.
  let entries: [Entry]
  /// The first identifier of the operation that refers.
  var index = Limits.identifiersMax
  private let numbers: [LogID: Int]

  /// The table of a change whose operations refer to `entries` beside what comes before them in its log.
  init(change: ChangeID, entries: [Entry]) {
    self.change = change
    self.entries = entries
    numbers =
      entries.count < 2 ? [:] : Dictionary(entries.enumerated().map { ($1.log, $0) }, uniquingKeysWith: min)
  }

  /// The table of a change with these dependencies.
  init(change: ChangeID, dependencies: [Dependency]) {
    self.init(
      change: change, entries: dependencies.map { Entry(log: $0.change.log, last: $0.change.sequence) })
  }

  func number(of log: LogID) -> Int? {
    entries.count < 2 ? entries.firstIndex { $0.log == log } : numbers[log]
  }
}

extension ReferenceTable {
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
        preconditionFailure("a change depends on every log it refers to")
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
    case Tag.firstOther..<(Tag.firstOther + UInt64(entries.count)):
      let entry = entries[Int(tag - Tag.firstOther)]
      log = entry.log
      sequence = try reader.varint32("a sequence")
      guard 1 <= sequence, sequence <= entry.last else {
        throw WireError(
          .invalid, "expected a reference to change 1 to \(entry.last), on which the change depends, got \(sequence)",
          offset: start)
      }
    default:
      throw WireError(
        .invalid, "expected a reference to one of \(entries.count) logs, got \(tag)", offset: start)
    }
    let index = UInt32(try reader.varint(max: UInt64(Limits.identifiersMax) - 1, "an index"))
    guard log != change.log || sequence < change.sequence || index < self.index else {
      throw WireError(.invalid, "expected a reference to an earlier operation than itself", offset: start)
    }
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
