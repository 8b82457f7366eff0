extension ObjectID {
  /// The operation that made it; nil for an imported object.
  public var operation: OperationID? {
    guard case .native(let operation) = self else { return nil }
    return operation
  }
}

extension Draft {
  /// The operations that it refers to: each must be in the past of the change it becomes part of.
  public var references: [OperationID] {
    mutation.references + (target?.operation.map { [$0] } ?? [])
  }
}

extension Mutation {
  /// The operations that its structure refers to, in no particular order.
  var references: [OperationID] {
    switch self {
    case .createMessage(let message):
      message.references
    case .importMessage(let source):
      source.base.references
    case .importConversation(let source):
      source.chunks
    case .appendText(let append):
      append.predecessors
    case .writeRegister(let write):
      write.predecessors
    case .removeElement(let remove):
      remove.additions
    case .createConversation, .addElement, .trash, .restore, .chunk, .unknown:
      []
    }
  }

  /// What the lists in its structure take at most, in bytes.
  var listedBytesMax: Int {
    switch self {
    case .createMessage(let message):
      message.listedBytesMax
    case .importMessage(let source):
      source.base.listedBytesMax
    default:
      references.count * Self.operationBytesMax
    }
  }

  /// A reference to an operation: a log's number of two bytes, a sequence of five, an index of three.
  fileprivate static let operationBytesMax = 10
  /// A reference to an imported object: a tag and its sixteen bytes.
  fileprivate static let objectBytesMax = 17
}

extension CreateMessage {
  fileprivate var references: [OperationID] {
    var operations = parents.compactMap(\.operation) + chunks
    if case .named(let line) = line, let operation = line.operation { operations.append(operation) }
    return operations
  }

  fileprivate var listedBytesMax: Int {
    parents.count * Mutation.objectBytesMax + chunks.count * Mutation.operationBytesMax
  }
}
