public import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire

extension Replica {
  /// Undoes an action, an import too, on all devices: by new changes, which can be undone in turn.
  ///
  /// Only what still stands is taken back. What others wrote since stays, and is named in what is returned; so is what
  /// nothing takes back: purges, receipts, how far somebody has read. All of it is one action. Throws
  /// ``AnabranchError/Code/notFound`` where there is no such action, and ``AnabranchError/Code/exists`` where it is undone
  /// already. Where nothing of it stands, nothing is written.
  @discardableResult
  public func undo(_ action: ActionRecord) throws(AnabranchError) -> UndoSummary {
    try checkStands(action)
    return try undo([action.first])
  }

  /// What ``undo(_:)`` would do. Changes nothing.
  public func undoPreview(_ action: ActionRecord) throws(AnabranchError) -> UndoSummary {
    try checkStands(action)
    return try preview([action.first])
  }

  /// Undoes the last thing done on this device of which anything stands; undos are passed over, and undone by name.
  ///
  /// ``UndoSummary/passedOver`` says what was done later and of which nothing stands. Throws
  /// ``AnabranchError/Code/notFound`` where there is nothing left, and ``AnabranchError/Code/invalid`` where the last thing
  /// is a purge: nobody is to wonder what else was undone in its place.
  @discardableResult
  public func undoLast() throws(AnabranchError) -> UndoSummary {
    try undoingLast { (action) throws(AnabranchError) in try undo([action]) }
  }

  /// What ``undoLast()`` would do. Changes nothing.
  public func undoLastPreview() throws(AnabranchError) -> UndoSummary {
    try undoingLast { (action) throws(AnabranchError) in try preview([action]) }
  }

  /// Undoes everything that a device did from one of its actions on, which came with a merge: as one action.
  ///
  /// In other logs of the same device, what it did at that time or later. Throws ``AnabranchError/Code/invalid`` where the
  /// action is another device's.
  @discardableResult
  public func undo(from device: Digest, since action: ActionRecord) throws(AnabranchError) -> UndoSummary {
    try undo(standing(of: device, since: action))
  }

  /// What ``undo(from:since:)`` would do. Changes nothing.
  public func undoPreview(from device: Digest, since action: ActionRecord) throws(AnabranchError) -> UndoSummary {
    try preview(standing(of: device, since: action))
  }

  private func checkStands(_ action: ActionRecord) throws(AnabranchError) {
    let found = try withStore { (store) throws(StoreError) in try store.action(action.first) }
    guard let found else {
      throw AnabranchError(
        .notFound, "there is no action \(action.id)", remedy: "see `anabranch log` for those there are")
    }
    guard let other = found.undoneBy else { return }
    let name = other.actionName
    throw AnabranchError(
      .exists, "\(action.id) is undone already, by \(name)", remedy: "`anabranch undo \(name)` takes that back")
  }

  /// The actions of a device, from one on, that are not undone; the last one first.
  private func standing(of device: Digest, since action: ActionRecord) throws(AnabranchError) -> [ChangeID] {
    try sealBeforeListing()
    let logs = try withStore { (store) in Set(store.heads.map(\.log).filter { store.device(of: $0) == device }) }
    guard logs.contains(action.first.log) else {
      throw AnabranchError(
        .invalid, "expected an action of that device, and \(action.id) is another's",
        remedy: "see `anabranch log --device` for those of one device")
    }
    return try withStore { (store) throws(StoreError) in
      let first = try store.action(action.first) ?? action
      var found: [ActionRecord] = []
      var place: VersionVector?
      while true {
        let page = try store.actions(of: logs, before: &place, limit: Self.actionsAtOnce)
        for one in page {
          let isWithin =
            one.first.log == first.first.log
            ? one.first.sequence >= first.first.sequence : one.time >= first.time
          if isWithin { found.append(one) }
        }
        guard page.count == Self.actionsAtOnce, let last = page.last, last.time >= first.time else {
          // What undid only actions that are taken back themselves stays: it says the same.
          let all = Set(found.map(\.first))
          return found.filter { $0.undoneBy == nil && ($0.undoes.isEmpty || !all.isSuperset(of: $0.undoes)) }
            .map(\.first)
        }
      }
    }
  }

  /// Actions that are looked at together.
  private static let actionsAtOnce = 64

  private func preview(_ actions: [ChangeID]) throws(AnabranchError) -> UndoSummary {
    try sealBeforeListing()
    let plan = try withStore { (store) throws(StoreError) in try store.undoPlan(of: actions) }
    return UndoSummary(plan, by: nil)
  }

  private func undo(_ actions: [ChangeID]) throws(AnabranchError) -> UndoSummary {
    let (plan, name) = try write { (writer, store) throws(StoreError) in
      let plan = try store.undoPlan(of: actions)
      guard !plan.steps.isEmpty, let log = store.ownLog, let sequence = store.nextSequence else {
        return (plan, ObjectID?.none)
      }
      for start in stride(from: 0, to: plan.actions.count, by: Limits.referencesMax) {
        let named = Array(plan.actions[start..<min(start + Limits.referencesMax, plan.actions.count)])
        try writer.add(Draft(kind: .undo, target: nil, mutation: .undo(UndoActions(actions: named))))
      }
      for step in plan.steps { try writer.add(step) }
      _ = try writer.flush()
      let first = store.action ?? sequence
      return (plan, ChangeID(log: log, sequence: first).actionName)
    }
    if name != nil { notify(plan.conversations) }
    return UndoSummary(plan, by: name)
  }

  /// Seals what is open, where this replica writes, so that it counts as done.
  func sealBeforeListing() throws(AnabranchError) {
    if (try? deviceKey()) != nil { try sealOpenChange() }
  }
}

extension DraftWriter {
  /// Adds what a step of an undo writes.
  fileprivate mutating func add(_ step: UndoPlan.Step) throws(StoreError) {
    switch step {
    case .draft(let kind, let target, let mutation):
      try add(Draft(kind: kind, target: target, mutation: mutation))
    case .edit(let text, let object, let edits, var seen, var origins):
      for piece in edits.pieces(bytesMax: OpenChange.bytesMax, editsMax: Limits.referencesMax) {
        let edit = EditText(text: text, predecessors: seen, edits: piece.edits)
        let content: Content = piece.inserted.isEmpty ? .none : content(Array(piece.inserted.utf8))
        try add(Draft(kind: .editText, target: object, mutation: .editText(edit), content: content))
        // The next piece goes on from this one.
        guard let name = try flush().last else { continue }
        seen = [name]
        let own = origins.removeFirst(scalars: piece.edits.insertedCount)
        guard !own.isEmpty, own.count <= Limits.referencesMax else { continue }
        let regain = RegainText(operation: name, origins: own)
        try add(Draft(kind: .regainText, target: object, mutation: .regainText(regain)))
      }
    }
  }
}

extension [TextOrigin] {
  /// Takes the first `count` scalars off, and returns where they were.
  fileprivate mutating func removeFirst(scalars count: Int) -> [TextOrigin] {
    var taken: [TextOrigin] = []
    var left = count
    while left > 0, let first {
      let part = Swift.min(left, first.count)
      taken.append(TextOrigin(operation: first.operation, offset: first.offset, count: part))
      left -= part
      removeFirst()
      guard part < first.count else { continue }
      insert(
        TextOrigin(operation: first.operation, offset: first.offset + part, count: first.count - part), at: 0)
    }
    return taken
  }
}

extension UndoSummary {
  fileprivate init(_ plan: UndoPlan, by undo: ObjectID?) {
    self.init(
      actions: plan.actions.map { .native($0) }, undo: undo, reversed: plan.reversed, remaining: plan.remaining)
  }
}
