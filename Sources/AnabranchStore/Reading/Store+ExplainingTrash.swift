internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension ContentReader {
  /// The deletions of a conversation, what took it out of the trash again, the last thing that each log did to it, what took that
  /// back, and its last import in each log where a deletion that counts had not seen that; nothing where nobody deleted it.
  func contendersForTrash(of conversation: ObjectKey) throws -> [Contender] {
    let made = try db.deletions(of: conversation, logs).compactMap { try held($0.operation) }.inOrderOfTime
    guard !made.isEmpty else { return [] }
    let deletions = made.map { Deletion(operation: $0.id, seen: $0.change.seen) }
    var restored: [OperationID: OperationID] = [:]
    for held in made { restored[held.id] = try restoration(of: conversation, undoing: held) }
    // Messages and the rest are kept apart.
    let last = Dictionary(grouping: try db.activity(of: conversation, logs), by: \.log).compactMap { $0.value.max() }
    let restores = try Set(restores(of: conversation, after: deletions, upTo: last) + restored.values)
    var activity = try restores.union(last).sorted().compactMap { try held($0) }
    let undos = try undos(of: activity)
    // What counts as done to it itself is weighed with the rest.
    let known = Set(activity.map(\.id)).union(made.map(\.id))
    let others = undos.values.map(\.operation).filter { !known.contains($0.id) }
    activity += Self.distinct(others.filter { $0.operation.mutation.text != nil })
    let imports = try lastImports(into: conversation)
    let answers = try answers(to: deletions, among: activity.map(\.id))
    var fates = Fate.ofDeletions(
      deletions, restored: restored, answers: answers,
      activity: activity.map { ($0.id, $0.change.time) }, restores: restores, imports: imports.map(\.id))
    let standing = activity.filter { fates[$0.id] == .stands && undos[$0.id] != nil }
    var taking: [HeldOperation] = []
    for held in standing {
      guard let undo = undos[held.id]?.operation, fates[undo.id] == nil else { continue }
      fates[undo.id] = .neutral(of: held.id)
      taking.append(undo)
    }
    return try (made + activity + imports + taking).compactMap { held in
      guard let fate = fates[held.id] else { return nil }
      let step = try held.operation.mutation == .trash ? nil : step(held)
      let isEither = step?.register == .archived || step?.register == .pinned
      let value = step?.content.map { isEither ? $0 == "1" ? "true" : "false" : $0 }
      var contender = try contender(held, value: value, fate)
      contender.step = step
      contender.sawDeletions = deletions.allSatisfy { answers[$0.operation]?.contains(held.id) == true }
      if fate == .stands { contender.undoneBy = undos[held.id]?.action }
      return contender
    }
  }

  private static func distinct(_ operations: [HeldOperation]) -> [HeldOperation] {
    var seen: Set<OperationID> = []
    return operations.sorted { $0.id < $1.id }.filter { seen.insert($0.id).inserted }
  }

  /// By operation on a conversation the undo that took it back and stands, and of what that did the operation that says so best.
  private func undos(
    of activity: [HeldOperation]
  ) throws -> [OperationID: (action: ChangeID, operation: HeldOperation)] {
    var undos: [OperationID: (action: ChangeID, operation: HeldOperation)] = [:]
    for done in activity {
      let action = ChangeID(log: done.id.log, sequence: done.change.action)
      guard let undo = try logs.key(of: action).flatMap({ try db.standingUndo(of: $0, logs) }),
        let taking = try operation(ofUndo: undo, takingBack: done)
      else { continue }
      undos[done.id] = (try logs.change(of: undo), taking)
    }
    return undos
  }

  /// What an undo did to the object of an operation that it took back: what names that, else an edit of the same text, else what it
  /// did first.
  private func operation(ofUndo undo: ChangeKey, takingBack done: HeldOperation) throws -> HeldOperation? {
    var (first, edit): (HeldOperation?, HeldOperation?)
    for change in try db.changes(ofAction: undo, logs).compactMap({ try change($0) }) {
      for operation in change.operations {
        let id = OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index)
        let held = HeldOperation(id: id, operation: operation, change: change)
        let isSame = operation.envelope.target == done.operation.envelope.target
        switch operation.mutation {
        case .withdraw(let withdraw) where withdraw.operations.contains(done.id): return held
        case .trash where isSame && done.operation.mutation == .restore: return held
        default: break
        }
        if isSame, let text = operation.mutation.text, text == done.operation.mutation.text { edit = edit ?? held }
        first = first ?? held
      }
    }
    return edit ?? first
  }

  /// By deletion those of `activity` of which the writers had seen it.
  private func answers(
    to deletions: [Deletion], among activity: [OperationID]
  ) throws -> [OperationID: Set<OperationID>] {
    var answers: [OperationID: Set<OperationID>] = [:]
    var walk = SightWalk(logs, db, of: deletions)
    for deletion in deletions {
      for done in activity where try !deletion.covers(done) && walk.isSeen(deletion, by: done) {
        answers[deletion.operation, default: []].insert(done)
      }
    }
    return answers
  }

  /// Of each log the last import of a conversation, or of a message into it. O(messages).
  private func lastImports(into conversation: ObjectKey) throws -> [HeldOperation] {
    guard let shown = try ConversationRow.fetch(db, key: conversation)?.source else { return [] }
    let replaced = try db.ofMessages(in: conversation) {
      "SELECT operation FROM unshown WHERE object IN \($0)"
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
    let messages = try MessageRow.fetchAll(db, conversation: conversation).compactMap(\.origin)
    let done = try [shown] + db.unshown(of: conversation) + messages + replaced
    return try Dictionary(grouping: done, by: \.ordinal).sorted { $0.key < $1.key }.compactMap { _, keys in
      for key in keys.sorted(by: >) {
        if let held = try operation(key), try isImport(held, into: conversation) { return held }
      }
      return nil
    }
  }

  private func isImport(_ held: HeldOperation, into conversation: ObjectKey) throws -> Bool {
    switch held.operation.mutation {
    case .importConversation, .importMessage:
      try held.operation.envelope.target.map { try db.key(of: $0, logs) } == conversation
    default: false
    }
  }

  /// What took a conversation out of the trash again, of the undo that took back a deletion of it; nil where none did.
  private func restoration(of conversation: ObjectKey, undoing deletion: HeldOperation) throws -> OperationID? {
    let action = ChangeID(log: deletion.id.log, sequence: deletion.change.action)
    guard let undo = try logs.key(of: action).flatMap({ try db.standingUndo(of: $0, logs) }) else { return nil }
    for change in try db.changes(ofAction: undo, logs).compactMap({ try change($0) }) {
      for operation in change.operations where operation.mutation == .restore {
        guard try operation.envelope.target.flatMap({ try db.key(of: $0, logs) }) == conversation else { continue }
        return OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index)
      }
    }
    return nil
  }
}
