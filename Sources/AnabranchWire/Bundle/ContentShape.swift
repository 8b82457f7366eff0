/// What a bundle tells of a content: its form, and nothing that a person wrote.
///
/// Texts are as long as they were, flags are as they were, and values that are compared have a ``Pseudonym``. So what is made of it
/// merges as the content did: see ``standIn(for:)``. An operation that never had content, or has lost it, has no shape.
public enum ContentShape: Hashable, Sendable {
  /// UTF-8 of so many scalars: what an edit inserts.
  case text(scalars: UInt32)
  /// One byte, 0 or 1.
  case flag(Bool)
  /// A value that is one text: a title, a tag.
  case value(Pseudonym)
  /// A field's record.
  case field(name: Pseudonym, value: Pseudonym?)
  /// A message's record, chunks included.
  case message(Message)
  /// A conversation's record, chunks included.
  case conversation(Conversation)
  /// An attachment's record.
  case attachment(Attachment)
  /// A chunk: what it is a piece of has the shape.
  case piece
  /// Anything else: of a kind that is not known, or not what its kind has.
  case opaque(Pseudonym)

  /// What a message says.
  public struct Message: Hashable, Sendable {
    /// How many scalars its text has.
    public var scalars: UInt32
    /// Of its text where it was imported: of two imports that say the same, edits of one are edits of the other.
    public var text: Pseudonym?
    /// Of the speaker's own name, the model, and what the source said beyond.
    public var (author, model, verbatim): (Pseudonym?, Pseudonym?, Pseudonym?)

    /// A message of so many scalars.
    public init(
      scalars: UInt32, text: Pseudonym? = nil, author: Pseudonym? = nil, model: Pseudonym? = nil,
      verbatim: Pseudonym? = nil
    ) {
      (self.scalars, self.text, self.author, self.model, self.verbatim) = (scalars, text, author, model, verbatim)
    }
  }

  /// What a source says of a conversation.
  public struct Conversation: Hashable, Sendable {
    /// Of its title, its model, what the source said beyond, and the message that was looked at last.
    public var (title, model, verbatim, current): (Pseudonym?, Pseudonym?, Pseudonym?, Pseudonym?)
    /// Whether it is archived, and pinned, there.
    public var (archived, pinned): (Bool, Bool)

    /// A conversation that the source calls `title`.
    public init(
      title: Pseudonym? = nil, model: Pseudonym? = nil, verbatim: Pseudonym? = nil, current: Pseudonym? = nil,
      archived: Bool = false, pinned: Bool = false
    ) {
      (self.title, self.model, self.verbatim, self.current) = (title, model, verbatim, current)
      (self.archived, self.pinned) = (archived, pinned)
    }
  }

  /// What is said of a file. How many bytes it has is left out: that may be enough to know it by.
  public struct Attachment: Hashable, Sendable {
    /// Of the file's name, its media type, its bytes and what its source calls it.
    public var (name, mediaType, blob, sourceID): (Pseudonym, Pseudonym?, Pseudonym?, Pseudonym?)

    /// The file called `name`.
    public init(name: Pseudonym, mediaType: Pseudonym? = nil, blob: Pseudonym? = nil, sourceID: Pseudonym? = nil) {
      (self.name, self.mediaType, self.blob, self.sourceID) = (name, mediaType, blob, sourceID)
    }
  }

  /// Scalars of one text: more than any history has, and what a reader makes of a few bytes at most.
  public static let scalarsMax: UInt32 = 1 << 24
}
