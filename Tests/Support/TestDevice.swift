public import AnabranchCore
public import AnabranchWire

/// A device of a story that is told by hand: it writes what it is told, after what it is told.
public struct TestDevice: Sendable {
  /// The log it writes.
  public let log: LogID
  private var head: LogHead
  /// The last change it was shown of each other log.
  private var seen: [LogID: Dependency] = [:]

  /// The device of that number, at the beginning of its log.
  public init(_ number: UInt64) {
    let header = LogHeader.device(
      key: Digest(head: Bytes16(high: 0, low: number), tail: Bytes16(high: 0, low: 0)),
      nonce: Bytes16(high: 0, low: 0))
    log = header.log
    head = LogHead(sequence: 0, hash: header.foundingHash)
  }

  /// Writes a change of `drafts` at `time`, by somebody who has seen `news`, and what was shown before.
  public mutating func write(_ drafts: Draft..., at time: UInt64, after news: SealedChange...) -> SealedChange {
    for sealed in news where sealed.change.id.log != log {
      seen[sealed.change.id.log] = Dependency(change: sealed.change.id, hash: sealed.hash.head)
    }
    let id = ChangeID(log: log, sequence: head.sequence + 1)
    var open = OpenChange(
      id: id, time: HybridTime(milliseconds: Int64(time), counter: 0), wall: Int64(time), action: id.sequence)
    for draft in drafts { _ = open.append(draft) }
    let sealed = SealedChange(
      sealing: open, context: SealedChange.Context(id: id, previous: head.hash),
      dependencies: Array(seen.values))
    head = LogHead(sequence: id.sequence, hash: sealed.hash)
    return sealed
  }

  /// The operation at `index` of the change it writes next.
  public func next(_ index: UInt32 = 0) -> OperationID {
    OperationID(log: log, sequence: head.sequence + 1, index: index)
  }
}

extension Draft {
  /// The start of a conversation.
  public static func start(created: Int64) -> Draft {
    Draft(
      kind: .createConversation, target: nil,
      mutation: .createConversation(CreateConversation(created: created)))
  }

  /// A message that says `text`.
  public static func say(
    _ text: String, in conversation: ObjectID, after parents: [ObjectID] = [],
    line: LinePlacement = .continued,
    role: Role = .user, created: Int64 = 0, chunks: [OperationID] = []
  ) -> Draft {
    let body = MessageContent(text: text)
    let message = CreateMessage(
      parents: parents, line: line, role: role, created: created, length: UInt32(text.unicodeScalars.count),
      chunks: chunks)
    return Draft(
      kind: .createMessage, target: conversation, mutation: .createMessage(message),
      content: .present(salt: Bytes16(high: 0, low: 0), bytes: body.canonicalBytes[...]))
  }

  /// A write to a register.
  public static func write(
    _ text: String, to register: RegisterKind, of object: ObjectID, replacing predecessors: [OperationID] = []
  ) -> Draft {
    Draft(
      kind: .writeRegister, target: object,
      mutation: .writeRegister(WriteRegister(register: register, predecessors: predecessors)),
      content: .present(salt: Bytes16(high: 0, low: 0), bytes: Array(text.utf8)[...]))
  }

  /// A tag for a conversation.
  public static func tag(_ text: String, on conversation: ObjectID) -> Draft {
    Draft(
      kind: .addElement, target: conversation, mutation: .addElement(AddElement(set: .tags)),
      content: .present(salt: Bytes16(high: 0, low: 0), bytes: Array(text.utf8)[...]))
  }

  /// The removal of tags.
  public static func untag(_ additions: [OperationID], from conversation: ObjectID) -> Draft {
    Draft(
      kind: .removeElement, target: conversation,
      mutation: .removeElement(RemoveElement(set: .tags, additions: additions)))
  }

  /// A deletion of what its writer had seen.
  public static func trash(_ conversation: ObjectID) -> Draft {
    Draft(kind: .trash, target: conversation, mutation: .trash)
  }

  /// What a source says of a conversation.
  public static func imported(
    _ conversation: ObjectID, title: String?, updated: Int64?, created: Int64? = nil
  ) -> Draft {
    Draft(
      kind: .importConversation, target: conversation,
      mutation: .importConversation(ImportConversation(created: created, updated: updated)),
      content: .present(
        salt: Bytes16(high: 0, low: 0), bytes: ConversationContent(title: title).canonicalBytes[...]))
  }

  /// What a source says of a message.
  public static func imported(
    _ message: Bytes16, in conversation: ObjectID, text: String, updated: Int64?,
    after parents: [ObjectID] = []
  ) -> Draft {
    let base = CreateMessage(
      parents: parents, line: .continued, role: .user, created: 1, length: UInt32(text.unicodeScalars.count))
    return Draft(
      kind: .importMessage, target: conversation,
      mutation: .importMessage(ImportMessage(message: message, updated: updated, base: base)),
      content: .present(
        salt: Bytes16(high: 0, low: 0), bytes: MessageContent(text: text).canonicalBytes[...]))
  }
}
