public import AnabranchCore

/// One step of a history that comes from outside, or goes there.
///
/// A history is a stream of these: each conversation is followed by its own messages, parents before
/// children, before the next conversation starts. So neither side ever holds more than one message.
public enum HistoryEvent: Sendable, Equatable {
  /// The next conversation; the messages that follow are its own.
  case conversation(SourceConversation)
  /// A message of the conversation last announced. Its parents were announced before.
  case message(SourceMessage)
  /// Something could not be read as it stood; nothing else is affected.
  case warning(ImportWarning)
}

/// A conversation as its source tells of it.
public struct SourceConversation: Sendable, Equatable {
  /// The tool it came from: `chatgpt`, `oasst`, `anabranch`. Together with ``id`` it names the conversation,
  /// so that importing it twice, or on two devices, is importing it once.
  public var source: String
  /// The source's own identifier of the conversation.
  public var id: String
  /// The title there; nil where the source has none.
  public var title: String?
  /// Milliseconds since 1970; nil where the source does not say.
  public var created: Int64?
  /// Milliseconds since 1970 of the source's last change; of two imports that differ, the later one shows.
  public var updated: Int64?
  /// The source's identifier of the message a person looked at last.
  public var current: String?
  /// Whether it lies in the source's archive.
  public var archived: Bool
  /// Whether it is pinned, or starred, there.
  public var pinned: Bool
  /// Whether it lies in the trash. Only an export of ours says so.
  public var trashed: Bool
  /// The tags it carries. Only an export of ours has them.
  public var tags: [String]
  /// The folders it lies in. Only an export of ours has them.
  public var folders: [String]
  /// What a person keeps under names of their own. Only an export of ours has it.
  public var fields: [FieldRecord]
  /// What people wrote together about it; empty where nobody did. Only an export of ours has it.
  public var notes: String
  /// What somebody was about to say; empty for nothing. Only an export of ours has it.
  public var draft: String
  /// The model that answers unless a message says otherwise.
  public var model: String?
  /// Every field that has no place above: one JSON object, keys in ascending order; nil if there is none.
  public var verbatim: String?

  /// A conversation of which only its name is known; the rest is filled in by who reads it.
  public init(source: String, id: String) {
    self.source = source
    self.id = id
    self.archived = false
    self.pinned = false
    self.trashed = false
    self.tags = []
    self.folders = []
    self.fields = []
    self.notes = ""
    self.draft = ""
  }
}

/// A message as its source tells of it.
public struct SourceMessage: Sendable, Equatable {
  /// The source's own identifier, unique within its conversation.
  public var id: String
  /// Identifiers of the messages this one follows; all of them were announced before it.
  public var parents: [String]
  /// Whether it starts a line of its own: true for every sibling but the first.
  public var startsLine: Bool
  /// Who speaks.
  public var role: Role
  /// The speaker's own name where the source has one: a tool's, mostly.
  public var author: String?
  /// The model that wrote it.
  public var model: String?
  /// Milliseconds since 1970; nil where the source does not say.
  public var created: Int64?
  /// What a person reads.
  public var text: String
  /// Whatever ``text`` and the fields above do not hold: one JSON object, keys in ascending order; nil if
  /// there is nothing.
  public var verbatim: String?
  /// The files that are attached to it.
  public var attachments: [SourceAttachment]

  /// A message of which only what every message has is known; the rest is filled in by who reads it.
  public init(id: String, parents: [String], role: Role, text: String) {
    self.id = id
    self.parents = parents
    self.startsLine = false
    self.role = role
    self.text = text
    self.attachments = []
  }
}

/// A file as its source tells of it.
public struct SourceAttachment: Sendable, Equatable {
  /// The source's own identifier.
  public var id: String
  /// What it is called there.
  public var name: String?
  /// Its media type.
  public var mediaType: String?
  /// How many bytes it has.
  public var byteCount: UInt64?

  /// A file that the source calls `id`.
  public init(id: String, name: String? = nil, mediaType: String? = nil, byteCount: UInt64? = nil) {
    self.id = id
    self.name = name
    self.mediaType = mediaType
    self.byteCount = byteCount
  }
}

/// Something in a source that could not be read as it stood, told so that a person understands it.
public struct ImportWarning: Sendable, Hashable {
  /// What kind of thing it was, for programs: `lone-surrogate`, `null-message`, `missing-parent`…
  public var code: String
  /// One sentence: where, what was found, and what was made of it. Never a message's contents.
  public var message: String
  /// Whether something of the source was left out, or everything was kept in some form.
  public var skipped: Bool

  /// A warning; `skipped` is true only where something of the source is missing from the import.
  public init(code: String, message: String, skipped: Bool) {
    self.code = code
    self.message = message
    self.skipped = skipped
  }
}

/// Reads a history from outside, one step at a time.
public protocol HistoryReader: AnyObject {
  /// The next step, or nil at the end.
  ///
  /// Throws an ``AnabranchError`` where nothing more can be read; what was returned before stands.
  func next() throws -> HistoryEvent?
  /// How far the reading is, in bytes of the source.
  var progress: WorkProgress { get }
  /// The bytes of a file that a message told of; nil where the source did not bring them.
  ///
  /// Throws an ``AnabranchError`` where they are there and cannot be read.
  func open(_ file: SourceAttachment) throws -> (any AttachmentSource)?
}

extension HistoryReader {
  /// Nothing: most sources bring no files.
  public func open(_ file: SourceAttachment) throws -> (any AttachmentSource)? {
    nil
  }
}

/// How far some long work is: bytes of an import, changes of an exchange.
public struct WorkProgress: Sendable, Equatable {
  /// What is done so far.
  public var done: Int64
  /// What is to be done in all, as far as is known by now.
  public var total: Int64

  /// `done` of `total`.
  public init(done: Int64, total: Int64) {
    self.done = done
    self.total = total
  }
}
