import AnabranchCore
import AnabranchOracle
import AnabranchWire
import Testing

@testable import AnabranchStore

/// Fails with the first few of `differences`.
func expectAgreement(_ differences: [String], sourceLocation: SourceLocation = #_sourceLocation) {
  let first = differences.prefix(3).joined(separator: "\n")
  #expect(differences.isEmpty, "\(first)", sourceLocation: sourceLocation)
}

/// What the slow reading says of some changes, worked out once.
struct Expectation {
  let oracle: NaiveHistory
  let stateHash: Digest
  let conversations: [NaiveConversation]

  init(
    _ changes: some Sequence<SealedChange>, by roster: Roster = .unfounded, devices: [LogID: Digest] = [:]
  ) {
    oracle = NaiveHistory(changes, by: roster, devices: devices)
    stateHash = oracle.stateHash
    conversations = oracle.conversations
  }
}

/// Where a store says something else than the slow reading of the same changes; empty where they agree.
func differences(_ store: Store, _ expectation: Expectation) throws -> [String] {
  let oracle = expectation.oracle
  var found: [String] = []
  func compare<Value: Equatable>(_ what: String, _ mine: Value, _ theirs: Value) {
    if mine != theirs { found.append("\(what): the store says \(mine), the oracle \(theirs)") }
  }
  compare("vector", store.vector, oracle.vector)
  compare("frontier", store.frontier, oracle.frontier)
  compare("state hash", try store.stateHash(), expectation.stateHash)

  let summaries = try store.conversations() + store.conversations(trashed: true)
  compare("conversations", summaries.map(\.id).sorted(), expectation.conversations.map(\.id))
  compare(
    "order", summaries.filter { !$0.trashed }.map(\.updated),
    summaries.filter { !$0.trashed }.map(\.updated).sorted(by: >))
  for expected in expectation.conversations {
    guard let record = try store.conversation(expected.id) else {
      found.append("\(expected.id) is missing")
      continue
    }
    compare("summary in the list", summaries.first { $0.id == expected.id }, record.summary)
    compare("summary by itself", try store.summary(of: expected.id), record.summary)
    found += differences(record, expected, oracle)
    compare("unread", record.summary.unread, oracle.unread(in: expected.id, by: store.ownLog))
  }
  let totals = try store.totals()
  compare("visible", totals.conversations, expectation.conversations.count { !$0.isHidden })
  compare("trashed", totals.trashed, expectation.conversations.count { $0.isHidden })
  compare("all messages", totals.messages, expectation.conversations.reduce(0) { $0 + $1.messages.count })
  compare("all diverged", totals.diverged, expectation.conversations.count { !$0.diverged.isEmpty })
  return found
}

/// A text so that no two that are written differently are equal.
private func scalars(_ text: String) -> [Unicode.Scalar] {
  Array(text.unicodeScalars)
}

private func differences(
  _ record: ConversationRecord, _ expected: NaiveConversation, _ oracle: NaiveHistory
) -> [String] {
  var found: [String] = []
  func compare<Value: Equatable>(_ what: String, _ mine: Value, _ theirs: Value) {
    guard mine != theirs else { return }
    found.append("\(what) of \(expected.id): the store says \(mine), the oracle \(theirs)")
  }
  let summary = record.summary
  compare("title", summary.title.map(scalars), expected.title.map(scalars))
  compare("titles", record.titles.map { $0.text.map(scalars) }, expected.titles.map { $0.map(scalars) })
  compare("created", summary.created, expected.created)
  compare("updated", summary.updated, max(expected.created ?? 0, expected.messages.map(\.created).max() ?? 0))
  compare("tags", summary.tags.map(scalars), expected.tags.map(scalars))
  compare("folders", summary.folders.map(scalars), expected.folders.map(scalars))
  let fields = Dictionary(uniqueKeysWithValues: summary.fields.map { (Array($0.name.utf8), $0.value) })
  compare("fields", fields, expected.fields)
  compare("archived", summary.archived, expected.isArchived)
  compare("pinned", summary.pinned, expected.isPinned)
  compare("model", summary.model, expected.model)
  compare("trashed", summary.trashed, expected.isHidden)
  let registers: [RegisterKind] = [.title, .archived, .pinned, .model]
  compare(
    "conflicts", summary.conflicts,
    registers.count { Set(oracle.live($0, of: expected.id).map { $0.bytes.map(Array.init) }).count > 1 }
      + oracle.conflictingFields(of: expected.id))
  compare("messages", summary.messages, expected.messages.count)
  compare("draft", scalars(record.draft), scalars(expected.draft))
  compare("notes", scalars(record.notes), scalars(expected.notes))

  compare("reading", record.messages.map(\.id), expected.messages.map(\.id))
  compare("parents", record.messages.map(\.parents), expected.messages.map(\.parents))
  compare("roles", record.messages.map(\.role), expected.messages.map(\.role))
  compare("times", record.messages.map(\.created), expected.messages.map(\.created))
  compare("lines", record.messages.map(\.line), expected.messages.map(\.line))
  compare(
    "texts", record.messages.map { $0.content.map { scalars($0.text) } },
    expected.messages.map { $0.isPurged ? nil : scalars($0.text) })
  compare("pinned messages", record.messages.map(\.isPinned), expected.messages.map(\.isPinned))
  compare(
    "attachments", record.messages.map { $0.attachments.compactMap(\.id.operation) },
    expected.messages.map(\.attachments))
  compare("purged messages", record.messages.map(\.isPurged), expected.messages.map(\.isPurged))

  let inReadingOrder = { (ids: [ObjectID]) in expected.messages.map(\.id).filter(ids.contains) }
  compare("tips", record.tips, inReadingOrder(expected.tips))
  compare("number of tips", summary.tips, expected.tips.count)
  compare("diverged", Set(record.diverged), Set(expected.diverged.map(inReadingOrder)))
  compare("number of diverged lines", summary.diverged, expected.diverged.count)
  return found
}
