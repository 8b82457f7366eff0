public import AnabranchCore

/// A conversation as a list shows it.
public struct ConversationSummary: Hashable, Sendable {
  /// Its name.
  public var id: ObjectID
  /// What shows as its title; nil where nobody gave one.
  public var title: String?
  /// When it was started, milliseconds since 1970; nil where its source does not say.
  public var created: Int64?
  /// When its last message was written, or when it was started, milliseconds since 1970.
  public var updated: Int64
  /// How many messages it has.
  public var messages: Int
  /// How many of them nobody answered.
  public var tips: Int
  /// How many lines have several tips.
  public var diverged: Int
  /// How many registers hold several different values.
  public var conflicts: Int
  /// Its tags, in ascending order of their UTF-8 bytes.
  public var tags: [String]
  /// The folders it lies in, in ascending order of their UTF-8 bytes.
  public var folders: [String]
  /// What a person keeps under names of their own, in ascending order of the names' UTF-8 bytes.
  public var fields: [FieldRecord]
  /// How many messages nobody has read on any device, those that a person or this device wrote left out; nil where
  /// nobody ever marked how far the conversation was read.
  public var unread: Int?
  /// Whether it is put aside.
  public var archived: Bool
  /// Whether it is kept at the top.
  public var pinned: Bool
  /// The model that answers unless a message says otherwise.
  public var model: String?
  /// Whether it lies in the trash.
  public var trashed: Bool
  /// What its source said beyond these fields: one JSON object.
  public var verbatim: String?
  /// The message a person looked at last in the source.
  public var current: ObjectID?
  /// When the source changed it last, milliseconds since 1970.
  public var sourceUpdated: Int64?
}

/// What a person keeps under a name of their own.
public struct FieldRecord: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The value that shows.
  public var value: String

  /// `value` under `name`.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// One value of a register, with who wrote it and when.
public struct RegisterValue: Hashable, Sendable {
  /// The operation that wrote it.
  public var operation: OperationID
  /// When, on the writer's hybrid clock.
  public var time: HybridTime
  /// The bytes; nil where they are not there.
  public var bytes: [UInt8]?

  /// The bytes as text; nil where they are not there, or no text.
  public var text: String? {
    bytes.flatMap { String(utf8: $0) }
  }
}

/// A message as a reader sees it.
public struct MessageRecord: Hashable, Sendable {
  /// Its name.
  public var id: ObjectID
  /// The messages it follows.
  public var parents: [ObjectID]
  /// The line it belongs to: the message that started it, or the conversation for its main line.
  public var line: ObjectID
  /// Whether it starts a line of its own.
  public var startsLine: Bool
  /// Who speaks.
  public var role: Role
  /// When it was written, milliseconds since 1970.
  public var created: Int64
  /// The log of whoever wrote, or imported, it.
  public var log: LogID
  /// The operation that says what it is.
  public var operation: OperationID
  /// When that was made, on the writer's hybrid clock.
  public var time: HybridTime
  /// What it says, with all edits; nil where the content is not there.
  public var content: MessageContent?
  /// Whether somebody changed what it said at first; text at its end apart.
  public var isEdited: Bool
  /// Whether what it said was purged.
  public var isPurged: Bool
  /// Whether it is kept in every context of a model.
  public var isPinned: Bool
  /// The files attached to it.
  public var attachments: [AttachmentRecord]
}

/// A conversation with its messages in the order of the linear reading.
public struct ConversationRecord: Hashable, Sendable {
  /// The conversation as a whole.
  public var summary: ConversationSummary
  /// Every value of the title that nobody has replaced, the one that shows first.
  public var titles: [RegisterValue]
  /// What people are about to say.
  public var draft: String
  /// What people want to remember.
  public var notes: String
  /// All messages, on all branches, in linear order.
  public var messages: [MessageRecord]
  /// The messages nobody answered, in linear order.
  public var tips: [ObjectID]
  /// The tips of each line that has several, each in linear order.
  public var diverged: [[ObjectID]]
}
