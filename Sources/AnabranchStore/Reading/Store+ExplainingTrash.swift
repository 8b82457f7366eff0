internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension ContentReader {
  /// The deletions of a conversation, what undid them, the last thing that each log did to it, and its last import into it where a
  /// deletion that counts had not seen that; nothing where nobody deleted it.
  func contendersForTrash(of conversation: ObjectKey) throws -> [Contender] {
    let deletions = try db.deletions(of: conversation, logs)
    guard !deletions.isEmpty else { return [] }
    let made = try deletions.compactMap { try held($0.operation) }
    var restored: [OperationID: OperationID] = [:]
    for held in made { restored[held.id] = try restoration(of: conversation, undoing: held) }
    // Messages and the rest are kept apart.
    let last = Dictionary(grouping: try db.activity(of: conversation, logs), by: \.log).compactMap { $0.value.max() }
    let activity = try Set(last + restored.values).sorted().compactMap { try held($0) }
    let imports = try lastImports(into: conversation)
    let fates = Fate.ofDeletions(
      deletions, restored: restored, answers: try answers(to: deletions, among: activity.map(\.id)),
      activity: activity.map { ($0.id, $0.change.time) }, imports: imports.map(\.id))
    return try (made + activity + imports).compactMap { held in
      try fates[held.id].map { try contender(held, value: nil, $0) }
    }
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
