public import AnabranchCore

/// A branch of a conversation as a model reads it: in order, within a budget, with a word on what is missing.
public struct ModelContext: Hashable, Sendable {
  /// A message of it.
  public struct Message: Hashable, Sendable {
    /// Its name.
    public var id: ObjectID
    /// Who speaks.
    public var role: Role
    /// The speaker's own name: a tool's, mostly.
    public var author: String?
    /// What it says.
    public var text: String
    /// How many tokens it takes.
    public var tokens: Int
    /// Whether it is kept whatever the budget: it is pinned, or instructs the model.
    public var isKept: Bool
    /// Whether its beginning was left out, because the newest message alone is more than the budget.
    public var isCut: Bool

    /// A message that says `text`.
    public init(
      id: ObjectID, role: Role, author: String? = nil, text: String, tokens: Int, isKept: Bool = false,
      isCut: Bool = false
    ) {
      self.id = id
      self.role = role
      self.author = author
      self.text = text
      self.tokens = tokens
      self.isKept = isKept
      self.isCut = isCut
    }
  }

  /// The conversation.
  public var conversation: ObjectID
  /// Its title; nil where nobody gave one.
  public var title: String?
  /// The messages that the branch ends in: several where the next one would join them.
  public var tips: [ObjectID]
  /// The messages, in the order of the linear reading.
  public var messages: [Message]
  /// How many tokens all of it takes, ``note`` included.
  public var tokens: Int
  /// How many messages were left out because they are older than the budget reaches.
  public var omitted: Int
  /// How many tokens these have.
  public var omittedTokens: Int
  /// Messages of the branch whose words are not here: purged, or not on this device.
  public var absent: Int
  /// What the model is told where messages were left out; nil where none were.
  public var note: String?
  /// How many of ``messages`` come before ``note``.
  public var noteIndex: Int

  /// A context of `messages`, from which nothing was left out.
  public init(conversation: ObjectID, title: String?, tips: [ObjectID], messages: [Message], tokens: Int) {
    self.conversation = conversation
    self.title = title
    self.tips = tips
    self.messages = messages
    self.tokens = tokens
    omitted = 0
    omittedTokens = 0
    absent = 0
    note = nil
    noteIndex = 0
  }

  /// What a model is told in place of `messages` messages of `tokens` tokens.
  static func note(omitting messages: Int, tokens: Int) -> String {
    "[\(messages) earlier message\(messages == 1 ? "" : "s"), about \(tokens) tokens, left out]"
  }

  /// What stands before a message whose beginning was left out.
  static let cutMark = "[…] "
}
