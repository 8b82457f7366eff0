extension ObjectID {
  /// The operation that made it; nil for an imported object.
  public var operation: OperationID? {
    guard case .native(let operation) = self else { return nil }
    return operation
  }
}

extension Draft {
  /// Passes each operation that it refers to: each must be in the past of the change it becomes part of.
  public func forEachReference(_ body: (OperationID) -> Void) {
    if let operation = target?.operation { body(operation) }
    mutation.forEachReference(body)
  }
}

extension Operation {
  /// Passes each operation that it rests on: its object, its place, what it continues, replaces or takes back. Where it counts,
  /// so do these, whoever wrote them. Receipts, read markers and the names of undone actions only mention others.
  public func forEachBasis(_ body: (OperationID) -> Void) {
    switch mutation {
    case .receipt, .markRead, .undo: return
    default: break
    }
    if let operation = envelope.target?.operation { body(operation) }
    mutation.forEachReference(body)
  }
}

extension Mutation {
  /// The operations that hold the beginning of its content, in order.
  public var chunks: [OperationID] {
    switch self {
    case .createMessage(let message): message.chunks
    case .importMessage(let source): source.base.chunks
    case .importConversation(let source): source.chunks
    case .purgePast(let purge): purge.chunks
    default: []
    }
  }

  /// How many scalars of a text it inserts: for a message, those of its body. Nil where it inserts none.
  public var scalarCount: Int? {
    switch self {
    case .createMessage(let message): Int(message.length)
    case .importMessage(let source): Int(source.base.length)
    case .appendText(let append): Int(append.length)
    case .editText(let edit): edit.edits.insertedCount
    default: nil
    }
  }

  /// Passes each operation that its structure refers to, in no particular order.
  func forEachReference(_ body: (OperationID) -> Void) {
    switch self {
    case .createMessage(let message): message.forEachReference(body)
    case .importMessage(let source): source.base.forEachReference(body)
    case .importConversation(let source): source.chunks.forEach(body)
    case .appendText(let append): append.predecessors.forEach(body)
    case .editText(let edit): edit.predecessors.forEach(body)
    case .writeRegister(let write): write.predecessors.forEach(body)
    case .removeElement(let remove): remove.additions.forEach(body)
    case .receipt(let receipt): receipt.purges.forEach(body)
    case .purgePast(let purge):
      body(purge.operation)
      purge.chunks.forEach(body)
    case .markRead(let mark): mark.messages.forEach(body)
    case .withdraw(let withdraw): withdraw.operations.forEach(body)
    case .reinstate(let reinstate): reinstate.withdrawals.forEach(body)
    case .regainText(let regain):
      body(regain.operation)
      for origin in regain.origins { if let operation = origin.operation { body(operation) } }
    case .undo(let undo): undo.actions.forEach(body)
    case .createConversation, .addElement, .trash, .restore, .chunk, .purge, .unknown, .enrol, .restrict, .adopt:
      break
    }
  }

  /// The heads of logs that it names: what changes the roster does.
  public var namedHeads: [Dependency] {
    switch self {
    case .restrict(let restrict): restrict.last
    case .adopt(let adopt): adopt.heads
    default: []
    }
  }

  /// What the lists in its structure take at most, in bytes.
  var listedBytesMax: Int {
    switch self {
    case .createMessage(let message): return message.listedBytesMax
    case .importMessage(let source): return source.base.listedBytesMax
    default:
      var bytes = 0
      forEachReference { _ in bytes += Self.operationBytesMax }
      if case .regainText(let regain) = self { bytes += regain.origins.count * Self.editBytesMax }
      if case .purgePast(let purge) = self { bytes += purge.runs.count * Self.editBytesMax }
      if case .editText(let edit) = self { bytes += edit.edits.count * Self.editBytesMax }
      if case .restrict(let restrict) = self { bytes += restrict.last.count * Self.headBytesMax }
      if case .adopt(let adopt) = self { bytes += adopt.heads.count * Self.headBytesMax }
      return bytes
    }
  }

  /// A reference to an operation: a log's number of two bytes, a sequence of five, an index of three.
  fileprivate static let operationBytesMax = 10
  /// An edit: its count and kind, and the way to its position, of five bytes each.
  static let editBytesMax = 10
  /// The head of a log: its name, a sequence of five, half a hash.
  fileprivate static let headBytesMax = 37
  /// A reference to an imported object: a tag and its sixteen bytes.
  fileprivate static let objectBytesMax = 17
}

extension CreateMessage {
  fileprivate func forEachReference(_ body: (OperationID) -> Void) {
    for parent in parents {
      if let operation = parent.operation { body(operation) }
    }
    chunks.forEach(body)
    if case .named(let line) = line, let operation = line.operation { body(operation) }
  }

  fileprivate var listedBytesMax: Int {
    parents.count * Mutation.objectBytesMax + chunks.count * Mutation.operationBytesMax
  }
}
