public import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Why something counts that its device might not do: something that counts was built on it.
public struct Need: Hashable, Sendable {
  /// What its device might do; nil for one that nobody ever let in.
  public var role: MemberRole?
  /// The first that was built on it by a device that might do that; else, of what counts for the like reason, the first. Nil where
  /// that is not found among what was done to the same thing.
  public var by: OperationID?
  /// The first change of the action which that belongs to.
  public var action: ChangeID?
}

extension ContentReader {
  /// Of those of some operations that count though their devices might not do them, why. O(operations) where there are none, else what
  /// was done to their objects, and the messages of the conversations that hold these.
  func needs(of operations: [OperationID]) throws -> [OperationID: Need] {
    let kept = try operations.filter { logs.role(of: $0.change) != .owner }.compactMap { try held($0) }.filter(isKept)
    guard !kept.isEmpty else { return [:] }
    let names = Set(kept.map(\.id))
    var builders: [OperationID: (isByRight: Bool, held: HeldOperation)] = [:]
    for key in try done(toObjectsOf: kept) {
      guard let held = try operation(key), try !db.isUncounted(key) else { continue }
      var basis: Set<OperationID> = []
      held.operation.forEachBasis { if $0 != held.id, names.contains($0) { basis.insert($0) } }
      let isByRight = isByRight(held)
      for one in basis {
        guard let other = builders[one] else {
          builders[one] = (isByRight, held)
          continue
        }
        let isFirst = (held.change.time, held.id) < (other.held.change.time, other.held.id)
        if isByRight == other.isByRight ? isFirst : isByRight { builders[one] = (isByRight, held) }
      }
    }
    let needs = kept.map { held in
      let builder = builders[held.id]?.held
      return Need(
        role: role(ofUncounted: held.id.change), by: builder?.id,
        action: builder.map { ChangeID(log: $0.id.log, sequence: $0.change.action) })
    }
    return Dictionary(zip(kept.map(\.id), needs)) { first, _ in first }
  }

  private func isByRight(_ held: HeldOperation) -> Bool {
    logs.allows(held.operation, of: held.id.change, as: logs.role(of: held.id.change))
  }

  /// Whether an operation counts only since something was built on it. Chunks go with what they are part of.
  private func isKept(_ held: HeldOperation) throws -> Bool {
    try held.operation.mutation != .chunk && !isByRight(held) && !isUncounted(held.id)
  }

  /// What was done to the objects of some operations, and to what they made, as far as it may name them; in the order of the keys.
  private func done(toObjectsOf operations: [HeldOperation]) throws -> [OperationKey] {
    var (made, holders): (Set<ObjectKey>, Set<ObjectKey>) = ([], [])
    for held in operations {
      if let key = logs.key(of: held.id)?.rawValue { made.insert(key) }
      if let target = try held.operation.envelope.target.flatMap({ try db.key(of: $0, logs) }) {
        holders.insert(target)
      }
    }
    var keys: Set<OperationKey> = []
    for object in made.union(holders).sorted() {
      keys.formUnion(try db.operations(on: object))
      for last in try db.activity(of: object, logs) { if let key = logs.key(of: last) { keys.insert(key) } }
      for table in MessageRow.Table.allCases {
        for row in try MessageRow.fetchAll(db, conversation: object, from: table) {
          let named = row.parents + (row.line.map { [$0] } ?? []) + [object]
          if !made.isDisjoint(with: named) { keys.insert(row.definition) }
        }
      }
    }
    return keys.sorted()
  }
}

extension Database {
  /// What the views list of what was done to an object, messages of a conversation apart.
  fileprivate func operations(on object: ObjectKey) throws -> [OperationKey] {
    var keys: [OperationKey] = []
    for table in ["edit", "register", "element", "unshown", "withdrawal", "reinstatement", "purge"] {
      keys += try self.keys("SELECT operation FROM \(table) WHERE object = ?", object)
    }
    return try keys + self.keys("SELECT purge FROM redaction WHERE object = ?", object)
      + self.keys("SELECT operation FROM deletion WHERE conversation = ?", object)
  }
}
