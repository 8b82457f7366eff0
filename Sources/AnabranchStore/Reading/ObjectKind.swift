/// What an object is, as a person names it.
public enum ObjectKind: String, Hashable, Sendable {
  /// A conversation.
  case conversation
  /// A message in one.
  case message
  /// A file attached to a message.
  case attachment
}
