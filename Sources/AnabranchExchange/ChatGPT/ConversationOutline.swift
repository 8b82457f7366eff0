internal import Anabranch

/// A conversation of a ChatGPT export without the messages themselves: its own fields, and which nodes there
/// are and where in the source their messages lie.
///
/// This is what is held of a conversation while it is imported; it grows with the number of its messages,
/// never with their length.
struct ConversationOutline {
  /// A node of `mapping`.
  struct Node: Equatable {
    /// The key it stands under.
    var id: String
    /// The node it names as its parent.
    var parent: String?
    /// The nodes it names as its children, in order.
    var children: [String] = []
    /// Where its message lies; nil for null.
    var message: Range<Int64>?
  }

  /// `conversation_id`, or `id`.
  var id: String?
  /// The fields that have a place of their own.
  var fields = SourceConversation(source: ChatGPTReader.source, id: "")
  /// Everything else, what nodes have beyond the model included, under `mapping`.
  var verbatim = CanonicalObject()
  /// The nodes in the order of the source; ids are unique.
  var nodes: [Node] = []
  /// Whether there was a `mapping` to read.
  var hasMapping = false
  /// What was odd while reading it.
  var oddities = Oddities()

  /// How a warning names this conversation: by title, else by id.
  var name: String {
    if let title = fields.title, !title.isEmpty { return "conversation “\(title.prefix(60))”" }
    return id.map { "conversation “\($0.prefix(60))”" } ?? "a conversation without a name"
  }
}
