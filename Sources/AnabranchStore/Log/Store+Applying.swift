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
    let before = state
    let insertion = views(db).insertChange
    var isRosterTold = (hasNewLogs || !state.branches.isEmpty) && state.membership.space != nil
    for sealed in changes where try state.keep(sealed, wall: wall, in: db, insertion) { isRosterTold = true }
    if isRosterTold {
      try state.readRoster(db)
      guard try followRights(since: before, db, state) else { return false }
    }
    let views = views(db)
    for sealed in changes {
      try views.apply(sealed.change, logs: state)
      if sealed.change.id.log == state.own { unsignedBytes += sealed.bytes.count }
    }
    if unsignedBytes >= Self.unsignedBytesMax { try signOwnLog(db, &state) }
    return true
  }

  /// Has the views follow what the logs that were there `before` may do now. What they may do in addition is applied; where
  /// something counts no more, the views are built anew from all that is held, and false is returned: O(history), each time a
  /// removal, or a lower role, leaves out what has come here already.
  func followRights(since before: LogState, _ db: Database, _ state: LogState) throws -> Bool {
    let (were, are) = (before.membership, state.membership)
    guard were.counting != are.counting || were.exempt != are.exempt else { return true }
    var grown: [Int] = []
    for (ordinal, record) in before.records.enumerated() where record.head.sequence > 0 {
      let (old, new, last) = (were.rights[ordinal], are.rights[ordinal], record.head.sequence)
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
