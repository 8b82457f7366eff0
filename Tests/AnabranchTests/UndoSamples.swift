import Anabranch
import Testing

/// Histories to import and take back.
enum UndoSamples {
  /// An account with two conversations of twenty messages each; in version 2 each says something newer.
  static func export(_ version: Int) -> [HistoryEvent] {
    (0..<2).flatMap { number -> [HistoryEvent] in
      var source = SourceConversation(source: "chatgpt", id: "c\(number)")
      source.title = "Conversation \(number).\(version)"
      source.updated = 1_600_000_000_000 + Int64(version)
      source.created = 1_500_000_000_000
      return [.conversation(source)]
        + (0..<20).map { place in
          var message = SourceMessage(
            id: "m\(place)", parents: place == 0 ? [] : ["m\(place - 1)"],
            role: place.isMultiple(of: 2) ? .user : .assistant, text: "walrus \(place) as of \(version)")
          message.created = 1_500_000_000_000 + Int64(place)
          return .message(message)
        }
    }
  }
}

/// What a person sees of a conversation.
struct VisibleConversation: Equatable {
  var id: ObjectID
  var title: String?
  var words: [[String]]
  var fields: [FieldRecord]
  var flags: [Bool]
  var model: String?
  var draft: String
  var notes: String
  var unread: Int?
  var updated: Int64
  var messages: [VisibleMessage]
  var tips: [ObjectID]
  var diverged: [[ObjectID]]
}

/// What a person sees of a message.
struct VisibleMessage: Equatable {
  var id: ObjectID
  var parents: [ObjectID]
  var line: ObjectID
  var role: Role
  var created: Int64
  var text: String
  var isPinned: Bool
}

extension Replica {
  /// All that a person sees outside of the trash.
  func visible() throws -> [VisibleConversation] {
    try conversations().map(\.id).sorted().map { id in
      let record = try conversation(id)
      let summary = record.summary
      return VisibleConversation(
        id: id, title: summary.title, words: [summary.tags, summary.folders], fields: summary.fields,
        flags: [summary.archived, summary.pinned], model: summary.model, draft: record.draft, notes: record.notes,
        unread: summary.unread, updated: summary.updated,
        messages: record.messages.map {
          VisibleMessage(
            id: $0.id, parents: $0.parents, line: $0.line, role: $0.role, created: $0.created, text: $0.text,
            isPinned: $0.isPinned)
        }, tips: record.tips, diverged: record.diverged)
    }
  }

  /// The last action of this device, be it an undo.
  func last() throws -> ActionRecord {
    try #require(try actions(of: status().device, limit: 1).actions.first)
  }

  /// The action of that name, as it stands by now.
  func action(_ id: ObjectID) throws -> ActionRecord {
    try findAction(id.description)
  }
}
