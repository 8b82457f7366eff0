public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// Why a text of an object reads as it does, with at most `limit` operations of each kind, the last ones, and as many places
  /// where these met others; nil where there is no such object. Changes nothing. O(history of the text).
  public func explanation(
    of text: TextKind, of object: ObjectID, limit: Int
  ) throws(StoreError) -> ExplainedText? {
    try reading { db in
      guard let key = try db.key(of: object, state) else { return nil }
      return try ContentReader(db, state).explanation(of: TextKey(object: key, text: text), limit: limit)
    }
  }
}

extension ContentReader {
  fileprivate func explanation(of key: TextKey, limit: Int) throws -> ExplainedText? {
    guard let held = try text(key.text, ofHeld: key.object) else { return nil }
    let regained = try lineage(of: held.operations.map(\.id), on: ObjectID(key: key.object, logs: logs, db))
    let told = TextExplanation(
      base: held.base, try held.operations.map { (operation: $0, time: try time(of: $0.id.change)) }, regained: regained
    )
    let steps = max(0, told.count - limit)..<told.count
    let meetings = told.meetings(of: steps)
    let uncounted = try uncounted(on: key)
    // What explains the steps that are told may lie before them.
    let deeds = Deeds(told, try told.names.map { try action(of: $0.change) })
    let needs = try needs(of: steps.map { told.names[$0] })
    var explained = ExplainedText(
      text: TextExcerpt(of: held.document), bases: try bases(of: key, held), baseShown: told.baseShown,
      steps: try steps.map { try step(told.step($0), of: deeds, needs) }, stepCount: told.count,
      meetings: try meetings.prefix(limit).map { .init(meeting: $0, crossing: try crossing(in: $0, of: deeds)) },
      meetingCount: meetings.count,
      uncounted: Array(uncounted.suffix(limit)), uncountedCount: uncounted.count, actions: [:])
    let withdrawals = explained.bases.compactMap { if case .withdrawn(let by) = $0.standing { by } else { nil } }
    let names =
      explained.meetings.flatMap { $0.meeting.operations + $0.meeting.deleters + $0.meeting.restorers }
      + explained.steps.flatMap(\.step.concurrent)
      + withdrawals
    for name in names where explained.actions[name] == nil { explained.actions[name] = try action(of: name.change) }
    return explained
  }

  /// A step, and of all actions that did something to the text those which its own one undoes.
  private func step(
    _ step: TextExplanation.Step, of deeds: Deeds, _ needs: [OperationID: Need]
  ) throws -> ExplainedText.Step {
    let first = try action(of: step.operation.change)
    return ExplainedText.Step(
      step: step, action: first,
      undoes: try actions(undoneIn: first).map(\.change).filter { deeds.first[$0] != nil },
      undoneBy: try standingUndo(of: first), need: needs[step.operation])
  }

  private func standingUndo(of action: ChangeID) throws -> ChangeID? {
    let undo = try logs.key(of: action).flatMap { try db.standingUndo(of: $0, logs) }
    return try undo.map { try logs.change(of: $0) }
  }

  /// Whether what several deleted is not there for their undos.
  private func crossing(
    in meeting: TextExplanation.Meeting, of deeds: Deeds
  ) throws -> ExplainedText.Crossing? {
    guard case .deletions(_, let deleters, nil) = meeting else { return nil }
    var (crossing, undos): (ExplainedText.Crossing?, [Int]) = (nil, [])
    for deleter in deleters {
      let deletion = try action(of: deleter.change)
      guard let undo = try standingUndo(of: deletion), let place = deeds.first[undo] else { return nil }
      guard undos.allSatisfy({ deeds.told.areConcurrent(place, $0) }) else { return nil }
      undos.append(place)
      crossing = crossing ?? .init(undo: undo, deletion: deletion)
    }
    return crossing
  }

  /// All that was done to a text, and where in that each action first did something.
  private struct Deeds {
    let told: TextExplanation
    let first: [ChangeID: Int]

    /// `actions` are those of the operations, one by one.
    init(_ told: TextExplanation, _ actions: [ChangeID]) {
      self.told = told
      first = Dictionary(zip(actions, actions.indices)) { first, _ in first }
    }
  }

  /// When a change was made, be it sealed or not.
  private func time(of change: ChangeID) throws -> HybridTime {
    try isOpen(change) ? openChange.get().time ?? .zero : logs.changeHeader(of: change, in: db).time
  }

  /// The first change of the action that a change belongs to, be it sealed or not.
  private func action(of change: ChangeID) throws -> ChangeID {
    try isOpen(change)
      ? openChange.get().action ?? change
      : ChangeID(log: change.log, sequence: logs.changeHeader(of: change, in: db).action)
  }

  private func isOpen(_ change: ChangeID) throws -> Bool {
    guard let open = try openChange.get().action, open.log == change.log else { return false }
    return logs.isNext(change)
  }

  // MARK: What has no effect

  /// What was done to a text and has no effect, the last thing last.
  private func uncounted(on key: TextKey) throws -> [ExplainedText.Uncounted] {
    let hasPast = try hasRedactions(on: key.object)
    let found = try db.uncounted(on: key.object).compactMap { name -> ExplainedText.Uncounted? in
      guard let held = try operation(name), held.operation.mutation.text == key.text,
        try held.operation.envelope.target.map({ try db.key(of: $0, logs) }) == key.object,
        let edit = try textOperation(held, held.operation.envelope.content, hasPast ? key.object : nil)
      else { return nil }
      return ExplainedText.Uncounted(
        operation: held.id, action: ChangeID(log: held.id.log, sequence: held.change.action), time: held.change.time,
        role: logs.role(of: held.id.change), inserted: TextExcerpt(insertedBy: edit),
        deleted: edit.edits.reduce(0) { $0 + ($1.isDeletion ? $1.count : 0) },
        insertions: TextExcerpt.insertions(by: edit, atMost: TextExplanation.Step.editsMax), editCount: edit.edits.count
      )
    }
    return found.sorted { ($0.time, $0.operation) < ($1.time, $1.operation) }
  }
}
