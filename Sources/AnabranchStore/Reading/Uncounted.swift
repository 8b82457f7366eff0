public import AnabranchCore
internal import GRDB

/// What of a change, or of an action, has no effect, because its device might not do it.
public struct Uncounted: Hashable, Sendable {
  /// The operations, in order; pieces of contents apart.
  public var operations: [OperationID]
  /// Whether that is all that was done.
  public var isAll: Bool
  /// What its device might do; nil for one that nobody ever let in.
  public var role: MemberRole?
}

extension ContentReader {
  /// What of the change at `key` has no effect; nil where all of it counts. O(1) then, else O(its operations).
  func uncounted(at key: ChangeKey) throws -> Uncounted? {
    guard try !db.uncounted(in: OperationKey.range(of: key)).isEmpty, let change = try change(key) else { return nil }
    return try uncounted(in: [change])
  }

  /// What of some changes of one log has no effect; nil where all of them count. O(their operations).
  func uncounted(in changes: [Change]) throws -> Uncounted? {
    let done = changes.flatMap(\.deeds)
    let idle = try done.filter { id in try logs.key(of: id).map(db.isUncounted) ?? false }
    guard let last = idle.last else { return nil }
    return Uncounted(
      operations: idle, isAll: idle.count == done.count, role: role(ofUncounted: last.change))
  }

  /// What the device of a change that has no effect might do; nil for one that nobody ever let in.
  func role(ofUncounted change: ChangeID) -> MemberRole? {
    let isKnown = logs.device(of: change.log).map(logs.membership.counting.knows) ?? false
    return isKnown ? logs.role(of: change) : nil
  }
}

extension Change {
  /// Its operations, without the pieces of contents.
  fileprivate var deeds: [OperationID] {
    operations.filter { $0.mutation != .chunk }.map {
      OperationID(log: id.log, sequence: id.sequence, index: $0.index)
    }
  }
}
