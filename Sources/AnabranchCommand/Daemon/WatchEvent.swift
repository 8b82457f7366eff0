internal import Anabranch

/// What somebody who watches is told, as `--json` prints it: a text as it reads now.
struct WatchEvent: Codable, Sendable {
  /// What it is about.
  enum Kind: String, Codable, Sendable {
    /// Watching has begun.
    case watching
    /// A message.
    case message
    /// The draft of a conversation.
    case draft
    /// The notes of a conversation.
    case notes
  }

  var event: Kind
  @Nullable var conversation: String?
  /// The message; null for a draft or notes.
  @Nullable var message: String?
  @Nullable var role: String?
  /// What people call the device that writes, as far as that is known here.
  @Nullable var device: String?
  /// Whether some of it is still being written, and in no history yet.
  var live: Bool
  @Nullable var text: String?
}

extension WatchEvent {
  init(event: Kind, conversation: String?, live: Bool) {
    self.init(event: event, conversation: conversation, message: nil, role: nil, device: nil, live: live, text: nil)
  }
}
