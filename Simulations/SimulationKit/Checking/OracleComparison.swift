internal import Anabranch
internal import AnabranchCore
internal import AnabranchOracle
internal import AnabranchStore

/// Compares what a store shows with what the oracle makes of the same changes. Each check throws the first ``Violation`` that it finds.
struct OracleComparison {
  private let oracle: NaiveHistory
  private let comparesTexts: Bool

  /// The comparison with that oracle. Where contents are absent that no purge took, it makes no sense of texts: then they are left out.
  init(_ oracle: NaiveHistory, comparesTexts: Bool = true) {
    (self.oracle, self.comparesTexts) = (oracle, comparesTexts)
  }

  /// Compares the fingerprint and the frontier.
  func checkState(of store: Store) throws {
    guard try store.stateHash() == oracle.stateHash else {
      throw Violation(
        .equalsOracle, "the state is not what the oracle makes of the same \(oracle.changes.count) changes")
    }
    guard store.frontier == oracle.frontier else {
      throw Violation(.equalsOracle, "the frontier is \(store.frontier), expected \(oracle.frontier)")
    }
  }

  /// Compares every conversation that the oracle lists.
  func checkConversations(of store: Store) throws {
    for conversation in oracle.conversations {
      let record = try store.conversation(conversation.id)
      try compare(record, with: conversation)
      guard record?.summary.unread == oracle.unread(in: conversation.id, by: store.ownLog) else {
        throw Violation(.equalsOracle, "\(conversation.id) has other unread messages than the oracle says")
      }
    }
  }

  private func compare(_ record: ConversationRecord?, with expected: NaiveConversation) throws {
    guard let record else { throw Violation(.equalsOracle, "\(expected.id) is not there") }
    guard record.messages.map(\.id) == expected.messages.map(\.id) else {
      throw Violation(.orderIsIdentical, "\(expected.id) reads in another order than the oracle says")
    }
    for (message, other) in zip(record.messages, expected.messages)
    where comparesTexts && message.text != other.text {
      throw Violation(.equalsOracle, "\(message.id) says “\(message.text)”, expected “\(other.text)”")
    }
    for (message, other) in zip(record.messages, expected.messages) {
      guard message.isPurged == other.isPurged, message.isPinned == other.isPinned, message.role == other.role,
        message.created == other.created, message.attachments.compactMap(\.id.operation) == other.attachments,
        message.parents == other.parents,
        message.line == other.line
      else {
        throw Violation(.equalsOracle, "\(message.id) stands elsewhere, or is another's, than the oracle says")
      }
    }
    guard record.tips.sorted() == expected.tips.sorted(), record.titles.map(\.text) == expected.titles else {
      throw Violation(.equalsOracle, "\(expected.id): its tips or its titles are not what the oracle says")
    }
    let summary = record.summary
    let differences: [(String, Bool)] = [
      ("title", summary.title == expected.title), ("beginning", summary.created == expected.created),
      ("tags", summary.tags == expected.tags), ("folders", summary.folders == expected.folders),
      (
        "fields",
        Dictionary(uniqueKeysWithValues: summary.fields.map { (Array($0.name.utf8), $0.value) }) == expected.fields
      ),
      ("draft", !comparesTexts || record.draft == expected.draft),
      ("notes", !comparesTexts || record.notes == expected.notes),
      ("place in the trash", summary.trashed == expected.isHidden),
      ("archived", summary.archived == expected.isArchived),
      ("pinned", summary.pinned == expected.isPinned), ("messages", summary.messages == expected.messages.count),
      ("tips", summary.tips == expected.tips.count), ("diverged lines", summary.diverged == expected.diverged.count),
    ]
    for (what, isEqual) in differences where !isEqual {
      throw Violation(.equalsOracle, "\(expected.id): its \(what) is not what the oracle says")
    }
  }
}
