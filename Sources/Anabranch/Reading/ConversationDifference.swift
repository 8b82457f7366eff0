public import AnabranchCore
public import AnabranchStore

/// What a conversation shows in one history, and in another one.
public struct ConversationDifference: Hashable, Sendable {
  /// Something about the conversation of which the two show different values: of sets all elements, else one value or none.
  public struct Value: Hashable, Sendable {
    /// Which: `title`, `model`, `archived`, `pinned`, `trash`, `tags`, `folders`, `draft`, `notes`, or `field:NAME`; where
    /// nothing else differs, also `unread`, how many messages nobody has read, if anybody has marked how far.
    public var name: String
    /// In the one.
    public var before: [String]
    /// In the other one.
    public var after: [String]
  }

  /// A message that only one of them has, or that shows otherwise.
  public struct Message: Hashable, Sendable {
    /// As it is in the one; nil where that has none.
    public var before: MessageRecord?
    /// As it is in the other one; nil where that has none.
    public var after: MessageRecord?
  }

  /// Its name.
  public var id: ObjectID
  /// As it is in the one; nil where that has none.
  public var before: ConversationSummary?
  /// As it is in the other one; nil where that has none.
  public var after: ConversationSummary?
  /// What differs, where both have it. Nothing here and in ``messages`` where all that differs is what does not show, such as a value
  /// that another one outranks.
  public var values: [Value] = []
  /// The messages that differ, in the order in which the later one reads; then those that only the earlier one has.
  public var messages: [Message] = []

  /// Compares a conversation as it is in two histories, of which one at least has it. O(messages).
  public init(_ id: ObjectID, from before: ConversationRecord?, to after: ConversationRecord?) {
    self.id = id
    (self.before, self.after) = (before?.summary, after?.summary)
    guard let before, let after else { return }
    values = zip(Self.values(of: before), Self.values(of: after)).compactMap { old, new in
      old.value == new.value ? nil : Value(name: old.name, before: old.value, after: new.value)
    }
    values += Self.fields(before.summary.fields, after.summary.fields)
    let old = Dictionary(before.messages.map { ($0.id, $0) }) { first, _ in first }
    let new = Set(after.messages.map(\.id))
    messages = after.messages.filter { message in old[message.id].map { !$0.shows(as: message) } ?? true }
      .map { Message(before: old[$0.id], after: $0) }
    messages += before.messages.filter { !new.contains($0.id) }.map { Message(before: $0, after: nil) }
    let unread = [before, after].map { $0.summary.unread.map { ["\($0)"] } ?? [] }
    // What is new is unread, which need not be said beside it.
    if values.isEmpty, messages.isEmpty, unread[0] != unread[1] {
      values = [Value(name: "unread", before: unread[0], after: unread[1])]
    }
  }

  private static func values(of record: ConversationRecord) -> [(name: String, value: [String])] {
    let summary = record.summary
    func text(_ text: String?) -> [String] { text.map { $0.isEmpty ? [] : [$0] } ?? [] }
    return [
      ("title", text(summary.title)), ("model", text(summary.model)),
      ("archived", text(summary.archived ? "yes" : nil)),
      ("pinned", text(summary.pinned ? "yes" : nil)), ("trash", text(summary.trashed ? "yes" : nil)),
      ("tags", summary.tags), ("folders", summary.folders), ("draft", text(record.draft)),
      ("notes", text(record.notes)),
    ]
  }

  private static func fields(_ before: [FieldRecord], _ after: [FieldRecord]) -> [Value] {
    let old = Dictionary(before.map { ($0.name, $0.value) }) { first, _ in first }
    let new = Dictionary(after.map { ($0.name, $0.value) }) { first, _ in first }
    return Set(old.keys).union(new.keys).sorted().filter { old[$0] != new[$0] }.map { name in
      Value(name: "field:" + name, before: old[name].map { [$0] } ?? [], after: new[name].map { [$0] } ?? [])
    }
  }
}

extension MessageRecord {
  /// Whether a person sees no difference.
  fileprivate func shows(as other: MessageRecord) -> Bool {
    content == other.content && parents == other.parents && role == other.role && isPinned == other.isPinned
      && isPurged == other.isPurged && attachments.map(\.id) == other.attachments.map(\.id)
  }
}
