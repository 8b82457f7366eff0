public import AnabranchCore

/// A conversation as ``NaiveHistory`` reads it.
public struct NaiveConversation: Hashable, Sendable {
  /// Its name.
  public let id: ObjectID
  /// When it started; nil where its source does not say.
  public let created: Int64?
  /// The titles persons gave it that nobody has replaced, the winner first; nil where the words are absent.
  public let titles: [String?]
  /// The title that shows: a person's, or where no person wrote one, the source's.
  public let title: String?
  /// Its tags, in the order of their UTF-8 bytes.
  public let tags: [String]
  /// The folders it lies in, in the order of their UTF-8 bytes.
  public let folders: [String]
  /// What a person keeps under names of their own, by the names' bytes.
  public let fields: [[UInt8]: String]
  /// Whether it is put aside.
  public let isArchived: Bool
  /// Whether it is kept at the top.
  public let isPinned: Bool
  /// The model that answers unless a message says otherwise.
  public let model: String?
  /// What somebody is about to say.
  public let draft: String
  /// What somebody wants to remember.
  public let notes: String
  /// Whether it lies in the trash.
  public let isHidden: Bool
  /// Its messages, in the linear reading.
  public let messages: [NaiveMessage]
  /// The messages nobody answered, by (created, id).
  public let tips: [ObjectID]
  /// The tips of each line that has several.
  public let diverged: [[ObjectID]]
}

/// A message as ``NaiveHistory`` reads it.
public struct NaiveMessage: Hashable, Sendable {
  /// Its name.
  public let id: ObjectID
  /// Who speaks.
  public let role: Role
  /// When it was written.
  public let created: Int64
  /// Its parents as its writer named them, whether they are there or not.
  public let parents: [ObjectID]
  /// The line it belongs to.
  public let line: ObjectID
  /// What its writer wrote at first; nil where a part of it is absent or unreadable.
  public let base: MessageContent?
  /// The body as far as its words are there, after all edits.
  public let text: String
  /// Whether it was purged.
  public let isPurged: Bool
  /// Whether it is kept in every context.
  public let isPinned: Bool
  /// How many operations edited it.
  public let edits: Int
  /// The additions that attached its files, each file once, in the order in which they were attached.
  public let attachments: [OperationID]
}
