public import AnabranchCore

/// A place from which on a log is left out of a session, because one side does not keep what the other one has.
///
/// Nothing from there on is sent, stored or acknowledged; what either side holds stays as it is. Forked logs come
/// from a copied or restored database: see "Forked logs" in `docs/protocol.md`.
public struct Exclusion: Hashable, Sendable {
  /// Why a log is left out.
  public enum Cause: Hashable, Sendable {
    /// It has forked there, and more branches than are kept, or the peer keeps none.
    case forked
    /// It builds on a change that is excluded, or on another one than is held.
    case dependency(ChangeID)
    /// What would prove who wrote it comes after a change that is excluded.
    case unproved
    /// The peer sent no more of it than that, or did not keep it, though nothing is known here against it: of a log
    /// in which it is ahead only the peer can tell that the two differ.
    case leftOutByPeer
  }

  /// The first change left out.
  public var first: ChangeID
  /// Why.
  public var cause: Cause

  /// An exclusion from `first` on.
  public init(first: ChangeID, cause: Cause) {
    self.first = first
    self.cause = cause
  }
}
