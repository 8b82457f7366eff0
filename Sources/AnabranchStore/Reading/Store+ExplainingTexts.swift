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
    let actions = Set(try told.names.map { try action(of: $0.change) })
    let needs = try needs(of: steps.map { told.names[$0] })
    var explained = ExplainedText(
      text: TextExcerpt(of: held.document), bases: try bases(of: key, held), baseShown: told.baseShown,
      steps: try steps.map { try step(told.step($0), of: actions, needs) }, stepCount: told.count,
      meetings: try meetings.prefix(limit).map { .init(meeting: $0, crossing: try crossing(in: $0)) },
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
    _ step: TextExplanation.Step, of actions: Set<ChangeID>, _ needs: [OperationID: Need]
  ) throws -> ExplainedText.Step {
    let first = try action(of: step.operation.change)
    let undos = try standingUndos(of: first)
    return ExplainedText.Step(
      step: step, action: first,
      undoes: try self.actions(undoneIn: first).map(\.change).filter(actions.contains),
      undoneBy: undos.first, moreUndos: max(0, undos.count - 1), need: needs[step.operation])
  }

  /// What undoes an action and is not itself undone, by first changes, in the order of their times.
  private func standingUndos(of action: ChangeID) throws -> [ChangeID] {
    let undos = try logs.key(of: action).map { try db.standingUndos(of: $0, logs) }
    return try (undos ?? []).map { try logs.change(of: $0) }
  }

  /// Whether what several deleted is not there for the undos of that.
  private func crossing(in meeting: TextExplanation.Meeting) throws -> ExplainedText.Crossing? {
    guard case .deletions(let words, let deleters, nil) = meeting, words.purged + words.absent < words.count else {
      return nil
    }
    var undone: [(deletion: ChangeID, undos: [ChangeID])] = []
    for deleter in deleters {
      let deletion = try action(of: deleter.change)
      guard !undone.contains(where: { $0.deletion == deletion }) else { continue }
      let undos = try standingUndos(of: deletion)
      guard !undos.isEmpty else { return nil }
      undone.append((deletion, undos))
    }
    // Who had heard of an undo of each of the others has put the words back, and they went again.
    for undo in Set(undone.flatMap(\.undos)).sorted() {
      guard let key = logs.key(of: undo), var seen = try change(key)?.seen else { return nil }
      seen[undo.log] = undo.sequence
      guard !undone.allSatisfy({ $0.undos.contains(where: seen.contains) }) else { return nil }
    }
    // Undone once more, a deletion counts until it is undone by who has heard of all; but not those that go with it.
    let alone = undone.first { one in
      undone.allSatisfy { $0.deletion == one.deletion || Set($0.undos).isDisjoint(with: one.undos) }
    }
    return ExplainedText.Crossing(remedy: alone.map { $0.undos + [$0.deletion] } ?? [])
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
        role: role(ofUncounted: held.id.change), inserted: TextExcerpt(insertedBy: edit),
        deleted: edit.edits.reduce(0) { $0 + ($1.isDeletion ? $1.count : 0) },
        insertions: TextExcerpt.insertions(by: edit, atMost: TextExplanation.Step.editsMax), editCount: edit.edits.count
      )
    }
    return found.sorted { ($0.time, $0.operation) < ($1.time, $1.operation) }
  }
}
