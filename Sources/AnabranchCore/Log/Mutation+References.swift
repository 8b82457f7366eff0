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
    case .appendText(let append):
      append.predecessors.map(\.log)
    case .writeRegister(let write):
      write.predecessors.map(\.log)
    case .removeElement(let remove):
      remove.additions.map(\.log)
    case .trash(let trash):
      trash.seen.entries.map(\.log)
    case .createConversation, .addElement, .restore, .importConversation, .chunk, .unknown:
      []
    }
  }
}

extension CreateMessage {
  fileprivate var referencedLogs: [LogID] {
    var logs = parents.compactMap(\.log) + chunks.map(\.log)
    if case .named(let line) = line, let log = line.log { logs.append(log) }
    return logs
  }
}
