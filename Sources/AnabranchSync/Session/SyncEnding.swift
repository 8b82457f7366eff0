public import AnabranchWire

/// How a session ended.
public struct SyncEnding: Hashable, Sendable {
  /// Who ended it.
  public enum Origin: Hashable, Sendable {
    /// This side.
    case here
    /// The peer, by a closing frame.
    case peer
    /// Neither: the connection broke.
    case connection
  }

  /// Who ended it.
  public var origin: Origin
  /// The closing frame that was sent or that came; nil for a broken connection.
  public var closing: Closing?

  /// An ending by `origin`.
  public init(_ origin: Origin, _ closing: Closing?) {
    self.origin = origin
    self.closing = closing
  }

  /// Whether a log turned out to have forked, and the two should meet again.
  public var isRenamed: Bool {
    closing?.code == Closing.Code.renamed.rawValue
  }

  /// Whether everything wanted was exchanged.
  public var isDone: Bool {
    closing?.code == Closing.Code.done.rawValue
  }
}
