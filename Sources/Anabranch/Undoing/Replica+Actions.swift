public import AnabranchCore
public import AnabranchStore

extension Replica {
  /// A page of the list of actions.
  public struct ActionPage: Hashable, Sendable {
    /// The actions, the last one first.
    public var actions: [ActionRecord]
    /// Where the next page begins; nil where this one is the last.
    public var next: VersionVector?
  }

  /// What people did, on all devices, the last thing first; on one device's logs where `device` is given. What is
  /// dated to a time that has not come yet stands right before what it builds on.
  ///
  /// `position` is that of a page before. Text that is being written is told of once it is sealed.
  public func actions(
    of device: Digest? = nil, from position: VersionVector? = nil, limit: Int = 20
  ) throws(AnabranchError) -> ActionPage {
    try withStore { (store) throws(StoreError) in
      var place = position
      let logs = device.map { device in Set(store.heads.map(\.log).filter { store.device(of: $0) == device }) }
      let actions = try store.actions(of: logs, before: &place, limit: max(0, limit), wall: surroundings.wall())
      return ActionPage(actions: actions, next: actions.count < limit ? nil : place)
    }
  }

  /// The actions that begin with some changes, in their order; of those that begin none, nothing. O(what they did).
  public func actions(beginningWith changes: [ChangeID]) throws(AnabranchError) -> [ActionRecord] {
    try withStore { (store) throws(StoreError) in
      var actions: [ActionRecord] = []
      for change in changes { if let action = try store.action(change) { actions.append(action) } }
      return actions
    }
  }

  /// The action whose printed name is, or starts with, `text`. Throws ``AnabranchError/Code/notFound``, or
  /// ``AnabranchError/Code/ambiguous``.
  public func findAction(_ text: String) throws(AnabranchError) -> ActionRecord {
    guard let found = try withStore({ (store) throws(StoreError) in try store.actions(prefix: text) }) else {
      throw AnabranchError(
        .invalid, "expected the identifier of an action, 4 to 32 hexadecimal digits, got “\(text)”",
        remedy: "see `anabranch log` for those there are")
    }
    guard found.count < 2 else {
      let names = found.map { "\($0.actionName)" }
      throw AnabranchError(
        .ambiguous, "“\(text)” fits several: \(names.joined(separator: ", "))", remedy: "give more digits")
    }
    guard let first = found.first, let action = try withStore({ (store) throws(StoreError) in try store.action(first) })
    else {
      throw AnabranchError(
        .notFound, "there is no action \(text)", remedy: "see `anabranch log` for those there are")
    }
    return action
  }

  /// The device whose name, or the beginning of whose key or of whose log's name, is `text`. Throws ``AnabranchError/Code/notFound``, or
  /// ``AnabranchError/Code/ambiguous``.
  public func findDevice(_ text: String) throws(AnabranchError) -> Digest {
    let names = try names()
    let devices = try withStore { (store) in
      var devices: [Digest: String] = [:]
      for (log, _, _) in store.heads {
        if let device = store.device(of: log) { devices[device] = names[log] ?? devices[device] ?? "" }
      }
      return devices
    }
    let isPrefix = text.utf8.count >= 4
    // A device that was never met is shown by the beginning of its log's name.
    let writers = try withStore { (store) in
      store.heads.filter { isPrefix && "\($0.log)".hasPrefix(text.lowercased()) }.compactMap {
        store.device(of: $0.log)
      }
    }
    let fitting = devices.filter { key, name in
      !name.isEmpty && name == text || isPrefix && "\(key)".hasPrefix(text.lowercased()) || writers.contains(key)
    }.keys.sorted()
    guard let first = fitting.first else {
      throw AnabranchError(
        .notFound, "no device called “\(text)” has written here",
        remedy: "see `anabranch status` for those there are; a key, or its first digits, names one too")
    }
    guard fitting.count == 1 else {
      throw AnabranchError(
        .ambiguous, "“\(text)” fits several devices: \(fitting.map { "\($0)" }.joined(separator: ", "))",
        remedy: "give the first digits of its key")
    }
    return first
  }

  /// The last action of this device that is not undone, is no undo itself, and did anything that can be undone; nil where
  /// there is none.
  public func lastAction() throws(AnabranchError) -> ActionRecord? {
    try sealBeforeListing()
    var place: VersionVector?
    while true {
      let page = try ownActions(before: &place)
      if let found = page.first(where: { $0.stands && $0.isUndoable }) { return found }
      if page.count < Self.actionsAtOnce { return nil }
    }
  }

  /// The last thing done on this device of which `attempt` finds something to undo, and what was passed over for it.
  func undoingLast(
    _ attempt: (ChangeID) throws(AnabranchError) -> UndoSummary
  ) throws(AnabranchError) -> UndoSummary {
    try sealBeforeListing()
    var passedOver: [ObjectID] = []
    var place: VersionVector?
    while true {
      let page = try ownActions(before: &place)
      for action in page where action.stands && (action.isUndoable || action.isPurge) {
        guard action.isUndoable else {
          throw AnabranchError(
            .invalid, "the last thing done on this device, \(action.id), is a purge, which nothing undoes",
            remedy: "to undo what was done before it, name that: see `anabranch log`")
        }
        var summary = try attempt(action.first)
        summary.passedOver = passedOver
        if summary.reversed > 0 { return summary }
        passedOver.append(action.id)
      }
      guard page.count == Self.actionsAtOnce else {
        throw AnabranchError(
          .notFound,
          passedOver.isEmpty
            ? "there is nothing left to undo that was done on this device"
            : "nothing that was done on this device can still be undone: it was replaced since, or is final",
          remedy: "see `anabranch log` for what other devices did, and `anabranch undo ACTION` for what is in the way")
      }
    }
  }

  /// A page of what this device did, the last thing first; ``actionsAtOnce`` where there is more.
  ///
  /// What it did in the log that it writes now came after all that it did in others, whatever clocks said then.
  private func ownActions(before place: inout VersionVector?) throws(AnabranchError) -> [ActionRecord] {
    var next = place
    let page = try withStore { (store) throws(StoreError) in
      guard let own = store.ownLog else { return [ActionRecord]() }
      // Not all that is this device's by its key: a copy of this database may have gone on in a log that was this one's.
      let work = try store.ownWork()
      next = next ?? work
      let page = try store.actions(of: [own], before: &next, limit: Self.actionsAtOnce)
      guard page.count < Self.actionsAtOnce else { return page }
      let others = Set(work.entries.map(\.log)).subtracting([own])
      return try page + store.actions(of: others, before: &next, limit: Self.actionsAtOnce - page.count)
    }
    place = next
    return page
  }

  /// Actions that are looked at together.
  private static let actionsAtOnce = 16
}

extension ActionRecord {
  /// Whether it is neither undone nor an undo.
  fileprivate var stands: Bool { undoneBy == nil && undoes.isEmpty }

  /// Whether it purges something, so that somebody may look for it among what can be undone.
  fileprivate var isPurge: Bool { steps.contains { [.purge, .purgePast].contains($0.kind) } }
}
