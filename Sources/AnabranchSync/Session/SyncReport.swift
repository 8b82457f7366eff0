public import AnabranchWire

/// Something worth telling that happened in a session.
public enum SyncReport: Hashable, Sendable {
  /// The peer said who it is, and both understand each other in that version.
  case greeted(Hello, version: UInt16)
  /// Both sides hold all that either held when they met, except what was excluded. What the peer is known by then to
  /// have left out was told before.
  case caughtUp
  /// Changes from there on are neither sent nor taken in this session.
  case excluded(Exclusion)
}
