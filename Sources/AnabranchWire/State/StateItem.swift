public import AnabranchCore

/// One item of what a history amounts to; the state hash is the sum over all of them.
///
/// An item has structure and hashes of content, never content: a replica that has not fetched, or no longer has,
/// a message's words still agrees with the others. `docs/format.md` lists the bytes.
public enum StateItem: Hashable, Sendable {
  /// A conversation that somebody started here.
  case conversation(ObjectID, created: Int64)
  /// What shows of a source's word on a conversation: the newest import's.
  case source(ObjectID, ImportConversation, content: Digest)
  /// A message. For an imported one, the newest import's structure and content.
  case message(ObjectID, of: ObjectID, CreateMessage, updated: Int64?, content: Digest)
  /// Text at the end of a message.
  case append(OperationID, to: ObjectID, AppendText, time: HybridTime, content: Digest)
  /// Edits of a text.
  case edit(OperationID, of: ObjectID, EditText, time: HybridTime, content: Digest)
  /// A value that nobody has replaced.
  case register(ObjectID, RegisterKind, OperationID, time: HybridTime, content: Digest)
  /// An addition that nobody has undone.
  case element(ObjectID, SetKind, OperationID, content: Digest)
  /// A deletion, with what its writer had seen.
  case deletion(ObjectID, Deletion)
  /// The last thing that each log did to a conversation, messages apart; it decides what a deletion hides.
  case activity(ObjectID, OperationID)
  /// A purge.
  case purge(ObjectID, OperationID)
  /// A purge of what was deleted from what an operation said.
  case purgePast(OperationID, in: ObjectID, PurgePast, content: Digest)
  /// The last message of a log that was read in a conversation.
  case read(ObjectID, OperationID)
  /// A withdrawal that stands, with what its writer had seen.
  case withdrawal(ObjectID, Withdrawal)
  /// The end of withdrawals.
  case reinstatement(ObjectID, OperationID)

  /// The fingerprint of a set with this item alone. O(bytes).
  public var hash: StateHash {
    var writer = ByteWriter(capacity: 192)
    write(to: &writer)
    return StateHash(Hashing.hash(.state, writer.bytes[...]))
  }

  private func write(to writer: inout ByteWriter) {
    switch self {
    case .conversation(let id, let created):
      writer.write(1, id)
      writer.write(zigzag: created)
    case .source(let id, let source, let content):
      writer.write(2, id)
      writer.write(optional: source.created)
      writer.write(optional: source.updated)
      writer.write(references: source.chunks)
      writer.write(content)
    case .message(let id, let conversation, let message, let updated, let content):
      writer.write(3, id)
      writer.write(absolute: conversation)
      writer.write(message)
      writer.write(optional: updated)
      writer.write(content)
    case .append(let id, let message, let append, let time, let content):
      writer.write(4, .native(id))
      writer.write(absolute: message)
      writer.write(references: append.predecessors)
      writer.write(varint: UInt64(append.position))
      writer.write(varint: UInt64(append.length))
      writer.write(fixed: time.rawValue)
      writer.write(content)
    case .register(let id, let register, let write, let time, let content):
      writer.write(5, id)
      writer.write(varint: UInt64(register.rawValue))
      writer.write(absolute: .native(write))
      writer.write(fixed: time.rawValue)
      writer.write(content)
    case .element(let id, let set, let addition, let content):
      writer.write(6, id)
      writer.write(varint: UInt64(set.rawValue))
      writer.write(absolute: .native(addition))
      writer.write(content)
    case .deletion(let id, let deletion):
      writer.write(7, id)
      writer.write(absolute: .native(deletion.operation))
      writer.write(deletion.seen)
    case .activity(let id, let operation):
      writer.write(8, id)
      writer.write(absolute: .native(operation))
    case .edit(let id, let object, let edit, let time, let content):
      writer.write(9, .native(id))
      writer.write(absolute: object)
      writer.write(varint: UInt64(edit.text.rawValue))
      writer.write(references: edit.predecessors)
      writer.write(edit.edits)
      writer.write(fixed: time.rawValue)
      writer.write(content)
    case .purge(let id, let operation):
      writer.write(10, id)
      writer.write(absolute: .native(operation))
    case .purgePast(let id, let object, let purge, let content):
      writer.write(12, .native(id))
      writer.write(absolute: object)
      writer.write(absolute: .native(purge.operation))
      writer.write(count: purge.runs.count)
      for run in purge.runs { writer.write(varint: UInt64(run)) }
      writer.write(references: purge.chunks)
      writer.write(content)
    case .read(let id, let message):
      writer.write(11, id)
      writer.write(absolute: .native(message))
    case .withdrawal(let id, let withdrawal):
      writer.write(13, id)
      writer.write(absolute: .native(withdrawal.operation))
      writer.write(references: withdrawal.operations)
      writer.write(withdrawal.seen)
    case .reinstatement(let id, let operation):
      writer.write(14, id)
      writer.write(absolute: .native(operation))
    }
  }
}

extension StateHash {
  /// The hash of a state at this version's semantics level, given the sum over its items.
  public static func state(items: StateHash) -> Digest {
    var writer = ByteWriter()
    writer.write(varint: UInt64(SemanticsLevel.current))
    writer.write(items.digest)
    return Hashing.hash(.total, writer.bytes[...])
  }

  /// The hash of a vector with its heads: equal across versions, for replicas that hold the same changes.
  public static func log(heads: [(log: LogID, head: LogHead)]) -> Digest {
    var writer = ByteWriter()
    for (log, head) in heads.sorted(by: { $0.log < $1.log }) {
      writer.write(log.bytes)
      writer.write(fixed: head.sequence)
      writer.write(head.hash)
    }
    return Hashing.hash(.heads, writer.bytes[...])
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ kind: UInt8, _ id: ObjectID) {
    write(kind)
    write(absolute: id)
  }

  fileprivate mutating func write(_ seen: VersionVector) {
    write(count: seen.count)
    for (log, sequence) in seen.entries {
      write(log.bytes)
      write(varint: UInt64(sequence))
    }
  }

  fileprivate mutating func write(optional value: Int64?) {
    write(UInt8(value == nil ? 0 : 1))
    if let value { write(zigzag: value) }
  }

  fileprivate mutating func write(_ message: CreateMessage) {
    write(message.role.rawValue)
    switch message.line {
    case .continued: write(UInt8(0))
    case .started: write(UInt8(1))
    case .named(let line):
      write(UInt8(2))
      write(absolute: line)
    }
    write(zigzag: message.created)
    write(count: message.parents.count)
    for parent in message.parents { write(absolute: parent) }
    write(varint: UInt64(message.length))
    write(references: message.chunks)
  }
}
