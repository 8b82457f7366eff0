internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// What does not count, because its writer may not do it: it is in the log, and in no view.
///
/// An operation counts where the rights of its change allow it, or where one that counts rests on it: so what honest devices
/// built on what was written after a removal stays, with what it needs. That is a property of the set of changes and the
/// roster alone, whatever came first; what rests on nothing that was set aside is applied in causal order, and an operation
/// that counts later than others always before those that name it.
extension ViewWriter {
  /// Keeps an operation out of the views. What it says is still taken where its object is purged.
  func setAside(_ operation: Operation, _ id: OperationID, _ logs: LogState) throws {
    let key = try logs.heldKey(of: id)
    var objects: [ObjectKey] = []
    if let target = operation.envelope.target {
      let object = try self.key(of: target, logs: logs)
      objects = [object] + (object < 0 ? [] : try db.conversations(of: object, logs))
      if operation.envelope.content.bytes != nil { try noteIfPurged(operation, of: target, logs) }
    }
    for object in objects.isEmpty ? [key.rawValue] : objects {
      try db.run("INSERT OR REPLACE INTO uncounted(operation, object) VALUES(?, ?)") { values in
        values.add(key.rawValue)
        values.add(object)
      }
    }
    hasUncounted = true
  }

  /// Applies what `operation`, which counts, rests on and was set aside.
  func bringAlong(basisOf operation: Operation, _ logs: LogState) throws {
    let isAny = try hasUncounted ?? db.hasUncounted()
    hasUncounted = isAny
    guard isAny else { return }
    try count(uncounted(basisOf: operation, logs), logs)
  }

  /// Applies what was set aside of a log and counts by its rights now. O(what was set aside of it).
  func reconsider(_ ordinal: Int, _ logs: LogState) throws {
    var counting: [OperationKey] = []
    for key in try db.uncounted(ofOrdinal: ordinal) {
      let held = try db.operation(key, logs)
      let role = logs.role(of: held.id.change)
      if logs.allows(held.operation, of: held.id.change, as: role) { counting.append(key) }
    }
    try count(counting, logs)
  }

  /// Applies operations that were set aside, each after what it rests on.
  private func count(_ keys: [OperationKey], _ logs: LogState) throws {
    var waiting = Array(keys.reversed())
    while let key = waiting.last {
      guard try db.isUncounted(key) else {
        waiting.removeLast()
        continue
      }
      let held = try db.operation(key, logs)
      let basis = try uncounted(basisOf: held.operation, logs)
      guard basis.isEmpty else {
        waiting += basis
        continue
      }
      waiting.removeLast()
      try db.run("DELETE FROM uncounted WHERE operation = ?") { $0.add(key.rawValue) }
      try apply(held.operation, id: held.id, of: held.change, logs: logs)
      try finishTextsIfMany(logs: logs)
    }
  }

  private func uncounted(basisOf operation: Operation, _ logs: LogState) throws -> [OperationKey] {
    var keys: [OperationKey] = []
    operation.forEachBasis { name in
      if let key = logs.key(of: name) { keys.append(key) }
    }
    return try keys.filter(db.isUncounted)
  }
}

extension Database {
  /// Whether anything that is held does not count.
  func hasUncounted() throws -> Bool {
    try first("SELECT 1 FROM uncounted LIMIT 1") { _ in
    } _: { _ in
      true
    } ?? false
  }

  /// Whether an operation does not count.
  func isUncounted(_ key: OperationKey) throws -> Bool {
    try first("SELECT 1 FROM uncounted WHERE operation = ? LIMIT 1") {
      $0.add(key.rawValue)
    } _: { _ in
      true
    } ?? false
  }

  /// What was set aside of what was done to an object, in the order of the keys.
  func uncounted(on object: ObjectKey) throws -> [OperationKey] {
    try keys("SELECT operation FROM uncounted WHERE object = ? ORDER BY operation", object)
  }

  /// What was set aside of a log, in the order of the keys.
  func uncounted(ofOrdinal ordinal: Int) throws -> [OperationKey] {
    try uncounted(in: OperationKey.range(ofOrdinal: ordinal))
  }

  /// What was set aside of some operations that follow each other, in the order of the keys.
  func uncounted(in range: ClosedRange<Int64>) throws -> [OperationKey] {
    try all("SELECT DISTINCT operation FROM uncounted WHERE operation BETWEEN ? AND ? ORDER BY operation") {
      values in
      values.add(range.lowerBound)
      values.add(range.upperBound)
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }
}

extension LogState {
  /// What a held change may do, in a log that is known.
  func role(of change: ChangeID) -> MemberRole {
    ordinal(of: change.log).map { membership.rights[$0].role(at: change.sequence) } ?? .outsider
  }
}
