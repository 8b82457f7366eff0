public import AnabranchCore

/// Which changes a host is to read from its store for a peer.
///
/// ```swift
/// var order = CausalOrder(held: request.held, known: request.known)
/// while let change = try order.next(dependencies: store.dependencies) { … }
/// ```
public struct ReadRequest: Hashable, Sendable {
  /// What is to be sent, as far as the session was told; never more than is held, and each log up to a change at which its
  /// author signed it.
  public var held: VersionVector
  /// What the peer has, or was sent.
  public var known: VersionVector
  /// Stop before the changes' bytes exceed this; but read as many at least, however large, as it takes to come to where all
  /// logs are signed.
  public var bytesMax: Int

  /// All in `held` that is not in `known`, up to `bytesMax` bytes.
  public init(held: VersionVector, known: VersionVector, bytesMax: Int) {
    self.held = held
    self.known = known
    self.bytesMax = bytesMax
  }
}
