internal import AnabranchCore
internal import GRDB

/// What was done to objects, and what of it was taken back.
extension ContentReader {
  /// The operation of that name; nil where it is not held.
  func held(_ name: OperationID) throws -> HeldOperation? {
    try logs.key(of: name).flatMap { try operation($0) }
  }

  /// Whether an operation that is held has no effect, because its device might not do it.
  func isUncounted(_ name: OperationID) throws -> Bool {
    try logs.key(of: name).map { try db.isUncounted($0) } ?? false
  }

  /// The withdrawals that stand of what was done to an object.
  func withdrawals(of object: ObjectKey) throws -> [Withdrawal] {
    try db.withdrawals(of: object).compactMap { try operation($0).flatMap(Withdrawal.init) }
  }

  /// The same in the order of their times, so that of several that take one thing back all replicas name the same.
  func withdrawalsInOrder(of object: ObjectKey) throws -> [Withdrawal] {
    try db.withdrawals(of: object).compactMap { try operation($0) }.inOrderOfTime.compactMap(Withdrawal.init)
  }

  /// All that is taken back of what was done to an object.
  func taken(from object: ObjectKey) throws -> Set<OperationID> {
    Set(try withdrawals(of: object).flatMap(\.operations))
  }

  /// Whether all that made a message is taken back, and nothing was done to it that those had not seen who did so. What ends
  /// a withdrawal has been done to it too, so that another one, made in the meantime, does not stand in its way.
  func isTakenBack(_ row: MessageRow, in conversation: ObjectKey) throws -> Bool {
    try Withdrawal.hide(
      withdrawals(of: row.key), bases: bases(of: row, in: conversation).map(\.id), activity: activity(of: row))
  }

  /// What was done to a message and keeps it from being hidden by who had not seen it.
  func activity(of row: MessageRow) throws -> [OperationID] {
    try (db.edits(of: .body, of: row.key) + filesAttached(to: row.key) + db.reinstatements(of: row.key)).map {
      try logs.operation(of: $0)
    }
  }

  /// What attached files to a message and is not taken back: who detaches one again has done something to the message too.
  private func filesAttached(to message: ObjectKey) throws -> [OperationKey] {
    let taken = try taken(from: message)
    let detached = try db.unshown(of: message).filter { key in
      guard let held = try operation(key), case .addElement(let add) = held.operation.mutation else { return false }
      return add.set == .attachments && !taken.contains(held.id)
    }
    return try db.additions(.attachments, of: message) + detached
  }

  /// Whether all imports of a conversation are taken back, and nothing was done to it, messages apart, that those had not
  /// seen who did so. False for one that was never imported.
  func isTakenBack(_ row: ConversationRow) throws -> Bool {
    guard let shown = row.source else { return false }
    return try Withdrawal.hide(
      withdrawals(of: row.key), bases: sources(of: row.key, shown).map(\.id),
      activity: try row.activity.map { try logs.operation(of: $0) })
  }

  /// What made a message, or imported it into a conversation; what shows comes first.
  func bases(of row: MessageRow, in conversation: ObjectKey) throws -> [HeldOperation] {
    guard let origin = row.origin else { return try operation(row.definition).map { [$0] } ?? [] }
    return try ([origin] + db.unshown(of: row.key)).compactMap { try operation($0) }.filter { held in
      guard case .importMessage = held.operation.mutation, let target = held.operation.envelope.target else {
        return false
      }
      return try db.key(of: target, logs) == conversation
    }
  }

  /// The imports of a conversation, of which `shown` shows and comes first.
  func sources(of conversation: ObjectKey, _ shown: OperationKey) throws -> [HeldOperation] {
    try ([shown] + db.unshown(of: conversation)).compactMap { try operation($0) }.filter { held in
      if case .importConversation = held.operation.mutation { true } else { false }
    }
  }

  /// All writes to a register.
  func operations(on register: RegisterKind, of object: ObjectKey) throws -> [HeldOperation] {
    let shown = try db.register(register, of: object, logs).live.map { try logs.heldKey(of: $0.operation) }
    return try (shown + db.unshown(of: object)).compactMap { try operation($0) }.filter { held in
      guard case .writeRegister(let write) = held.operation.mutation else { return false }
      return write.register == register
    }
  }

  /// All writes to a register, as it weighs them.
  func writes(to register: RegisterKind, of object: ObjectKey) throws -> [MultiValueRegister.Replacing] {
    try operations(on: register, of: object).compactMap(MultiValueRegister.Replacing.init)
  }

  /// By operation on a text of `object`, where what it inserted was before, if an undo brought it again.
  func regained(by operations: [OperationID], on object: ObjectID) throws -> [OperationID: [TextOrigin]] {
    var regained: [OperationID: [TextOrigin]] = [:]
    for operation in operations {
      guard let key = logs.key(of: operation) else { continue }
      let first = try db.keys("SELECT operation FROM regained WHERE edit = ? ORDER BY operation", key.rawValue)
        .compactMap { try self.operation($0) }.first { $0.operation.envelope.target == object }
      guard let first, case .regainText(let regain) = first.operation.mutation else { continue }
      regained[operation] = regain.origins
    }
    return regained
  }

  /// Where what operations on a text of `object` inserted was before, as far as undos brought it again, and where that was before, and
  /// so on. O(operations).
  func lineage(of operations: [OperationID], on object: ObjectID) throws -> [OperationID: [TextOrigin]] {
    guard try db.hasRegained() else { return [:] }
    var lineage: [OperationID: [TextOrigin]] = [:]
    var (waiting, asked) = (operations, Set(operations))
    while !waiting.isEmpty {
      let found = try regained(by: waiting, on: object)
      lineage.merge(found) { first, _ in first }
      waiting = Set(found.values.joined().compactMap(\.operation)).subtracting(asked).sorted()
      asked.formUnion(waiting)
    }
    return lineage
  }

  /// All removals from a set.
  func removals(from set: SetKind, of object: ObjectKey) throws -> [HeldOperation] {
    try db.unshown(of: object).compactMap { try operation($0) }.filter { held in
      guard case .removeElement(let remove) = held.operation.mutation else { return false }
      return remove.set == set
    }
  }
}

extension [HeldOperation] {
  /// What was done first comes first, by the clocks of those who did it: on all replicas the same.
  var inOrderOfTime: [HeldOperation] {
    sorted { ($0.change.time, $0.id) < ($1.change.time, $1.id) }
  }
}

extension Withdrawal {
  /// The withdrawal that an operation is; nil for any other.
  init?(_ held: HeldOperation) {
    guard case .withdraw(let withdraw) = held.operation.mutation else { return nil }
    self.init(operation: held.id, seen: held.change.seen, operations: withdraw.operations)
  }
}

extension MultiValueRegister.Replacing {
  /// The write that an operation is; nil for any other.
  init?(_ held: HeldOperation) {
    guard case .writeRegister(let write) = held.operation.mutation else { return nil }
    self.init(.init(operation: held.id, time: held.change.time), predecessors: write.predecessors)
  }
}
