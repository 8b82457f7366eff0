internal import Anabranch

/// How two histories differ, as `inspect diff --json` prints it.
struct HistoryDifferenceReport: Encodable {
  struct Log: Encodable {
    var log: String
    @Nullable var device: String?
    /// How many changes of it the two hold.
    var before: UInt32
    var after: UInt32
    /// The first change under whose number the two hold different ones; null where what both hold is the same.
    @Nullable var forkedAt: UInt32?
  }

  struct Value: Encodable {
    var what: String
    var before: [String]
    var after: [String]
  }

  struct Message: Encodable {
    var message: String
    /// `added`, `removed` or `changed`.
    var change: String
    /// What it says; null where it is not there.
    @Nullable var before: String?
    @Nullable var after: String?
    /// The model that wrote it, there and here; null where none is named.
    @Nullable var modelBefore: String?
    @Nullable var modelAfter: String?
  }

  struct Conversation: Encodable {
    var conversation: String
    @Nullable var title: String?
    var change: String
    var values: [Value]
    var messages: [Message]
  }

  var logs: [Log]
  var conversations: [Conversation]
  /// How many conversations differ.
  var count: Int

  init(_ difference: HistoryDifference) {
    logs = difference.logs.map {
      Log(log: $0.log.description, device: $0.device, before: $0.before, after: $0.after, forkedAt: $0.forkedAt)
    }
    conversations = difference.conversations.map { conversation in
      Conversation(
        conversation: conversation.id.description, title: (conversation.after ?? conversation.before)?.title,
        change: Self.change(conversation.before, conversation.after),
        values: conversation.values.map { Value(what: $0.name, before: $0.before, after: $0.after) },
        messages: conversation.messages.map { message in
          Message(
            message: (message.after ?? message.before)?.id.description ?? "",
            change: Self.change(message.before, message.after), before: message.before?.content?.text,
            after: message.after?.content?.text, modelBefore: message.before?.content?.model,
            modelAfter: message.after?.content?.model)
        })
    }
    count = difference.count
  }

  private static func change<Side>(_ before: Side?, _ after: Side?) -> String {
    before == nil ? "added" : after == nil ? "removed" : "changed"
  }
}
