extension ObjectID {
  /// The log of the operation that made it; nil for an imported object.
  public var log: LogID? {
    guard case .native(let operation) = self else { return nil }
    return operation.log
  }
}

extension Mutation {
  /// The logs that its structure refers to, in no particular order.
  public var referencedLogs: [LogID] {
    switch self {
    case .createMessage(let message):
      message.referencedLogs
    case .importMessage(let source):
      source.base.referencedLogs
    case .importConversation(let source):
      source.chunks.map(\.log)
    case .appendText(let append):
      append.predecessors.map(\.log)
    case .writeRegister(let write):
      write.predecessors.map(\.log)
    case .removeElement(let remove):
      remove.additions.map(\.log)
    case .trash(let trash):
      trash.seen.entries.map(\.log)
    case .createConversation, .addElement, .restore, .chunk, .unknown:
      []
    }
  }
}

extension Mutation {
  /// What the lists in its structure take at most, in bytes.
  var listedBytesMax: Int {
    switch self {
    case .createMessage(let message):
      message.parents.count * Self.objectBytesMax + message.chunks.count * Self.operationBytesMax
    case .importMessage(let source):
      source.base.parents.count * Self.objectBytesMax + source.base.chunks.count * Self.operationBytesMax
    case .importConversation(let source):
      source.chunks.count * Self.operationBytesMax
    case .appendText(let append):
      append.predecessors.count * Self.operationBytesMax
    case .writeRegister(let write):
      write.predecessors.count * Self.operationBytesMax
    case .removeElement(let remove):
      remove.additions.count * Self.operationBytesMax
    case .trash(let trash):
      trash.seen.count * Self.operationBytesMax
    case .createConversation, .addElement, .restore, .chunk, .unknown:
      0
    }
  }

  /// A reference to an operation: a log's number of two bytes, a sequence of five, an index of three.
  private static let operationBytesMax = 10
  /// A reference to an imported object: a tag and its sixteen bytes.
  private static let objectBytesMax = 17
}

extension CreateMessage {
  fileprivate var referencedLogs: [LogID] {
    var logs = parents.compactMap(\.log) + chunks.map(\.log)
    if case .named(let line) = line, let log = line.log { logs.append(log) }
    return logs
  }
}
