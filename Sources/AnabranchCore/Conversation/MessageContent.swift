/// What a message says: the part of it that redaction takes away.
public struct MessageContent: Hashable, Sendable {
  /// What a person reads.
  public var text: String
  /// The speaker's own name: a tool's, mostly.
  public var author: String?
  /// The model that wrote it.
  public var model: String?
  /// What the source said beyond the model's fields: one JSON object.
  public var verbatim: String?

  /// A message that says `text`.
  public init(text: String, author: String? = nil, model: String? = nil, verbatim: String? = nil) {
    self.text = text
    self.author = author
    self.model = model
    self.verbatim = verbatim
  }
}

/// What a person keeps under a name of their own.
public struct FieldContent: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The value; nil where it was taken away.
  public var value: String?

  /// `value` under `name`.
  public init(name: String, value: String?) {
    self.name = name
    self.value = value
  }
}

/// What a source says of a conversation: the part of it that redaction takes away.
public struct ConversationContent: Hashable, Sendable {
  /// The title there.
  public var title: String?
  /// The message a person looked at last, as an imported identifier.
  public var current: Bytes16?
  /// The model that answers unless a message says otherwise.
  public var model: String?
  /// What the source said beyond these fields: one JSON object.
  public var verbatim: String?
  /// Whether it lies in the source's archive.
  public var archived: Bool
  /// Whether it is pinned there.
  public var pinned: Bool

  /// A conversation its source calls `title`.
  public init(
    title: String? = nil, current: Bytes16? = nil, model: String? = nil, verbatim: String? = nil,
    archived: Bool = false, pinned: Bool = false
  ) {
    self.title = title
    self.current = current
    self.model = model
    self.verbatim = verbatim
    self.archived = archived
    self.pinned = pinned
  }
}
