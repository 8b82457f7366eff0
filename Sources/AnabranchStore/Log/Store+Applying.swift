internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// The step from the log to the views.
extension Store {
  /// Keeps sealed changes, in causal order, and applies them, also where they, or logs that are new, change who may do what.
  /// Returns false where all views were built anew for that.
  @discardableResult
  func apply(
    _ changes: [SealedChange], wall: Int64, hasNewLogs: Bool = false, _ db: Database, _ state: inout LogState
  ) throws -> Bool {
    let insertion = views(db).insertChange
    var isRosterTold = (hasNewLogs || !state.branches.isEmpty) && state.membership.space != nil
    // By their indices, so that none is copied.
    for index in changes.indices where try state.keep(changes[index], wall: wall, in: db, insertion) {
      isRosterTold = true
    }
    if isRosterTold {
      let (before, ends) = (state.membership, state.ends(before: changes))
      try state.readRoster(db)
      guard try followRights(since: before, upTo: ends, db, state) else { return false }
    }
    let views = views(db)
    for index in changes.indices {
      try views.apply(changes[index].change, logs: state)
      if changes[index].change.id.log == state.own { unsignedBytes += changes[index].bytes.count }
    }
    if unsignedBytes >= Self.unsignedBytesMax { try signOwnLog(db, &state) }
    return true
  }

  /// Has the views follow what the logs may do now, which held changes up to `ends`, by ordinal, while `were` was so. What they may do
  /// in addition is applied; where something counts no more, the views are built anew from all that is held, and false is returned:
  /// O(history), each time a removal, or a lower role, leaves out what has come here already.
  func followRights(
    since were: Membership, upTo ends: [UInt32], _ db: Database, _ state: LogState
  ) throws -> Bool {
    let are = state.membership
    guard were.counting != are.counting || were.exempt != are.exempt else { return true }
    var grown: [Int] = []
    for (ordinal, last) in ends.enumerated() where last > 0 {
      let (old, new) = (were.rights[ordinal], are.rights[ordinal])
      guard !new.fallsShort(of: old, upTo: last) else {
        try rebuildViews(db, state)
        return false
      }
      if old.fallsShort(of: new, upTo: last) { grown.append(ordinal) }
    }
    for ordinal in grown { try views(db).reconsider(ordinal, state) }
    return true
  }
}

extension LogState {
  /// How far each log was held, by ordinal, before `changes`, which are held now.
  fileprivate func ends(before changes: [SealedChange]) -> [UInt32] {
    var ends = self.ends
    for sealed in changes.reversed() {
      if let ordinal = ordinal(of: sealed.change.id.log) { ends[ordinal] = sealed.change.id.sequence - 1 }
    }
    return ends
  }
}
