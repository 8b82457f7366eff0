/// What an import did.
public struct ImportSummary: Hashable, Sendable {
  /// Conversations read.
  public var conversations = 0
  /// Messages read.
  public var messages = 0
  /// Conversations and messages that were not here before, or say something newer than before.
  public var new = 0
  /// Conversations and messages that were here as they are.
  public var unchanged = 0
  /// Files that were attached to messages, with their bytes.
  public var files = 0
  /// Files that messages tell of and whose bytes the source did not bring.
  public var filesMissing = 0
  /// What could not be read as it stood.
  public var warnings: [ImportWarning] = []

  /// Whether something of the source is missing.
  public var skipped: Bool {
    warnings.contains(where: \.skipped)
  }

  /// An import that did nothing yet.
  public init() {}
}
