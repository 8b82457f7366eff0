/// The end of a conversation or a message: final, on every replica, whatever else is done to it.
///
/// What it says is hidden at once, also what arrives later; its structure stays, so that the logs still verify. The bytes
/// are overwritten once ``graceMs`` have passed, or at once, and then each replica says so in a ``PurgeReceipt``.
public struct Purge: Hashable, Sendable {
  /// Whether the bytes go at once, rather than after the grace.
  public var isImmediate: Bool

  /// A purge.
  public init(isImmediate: Bool) {
    self.isImmediate = isImmediate
  }

  /// For so long after a purge the bytes may still lie on a disk, in milliseconds: 24 hours.
  public static let graceMs: Int64 = 24 * 60 * 60 * 1000
}

/// A replica's word that nothing is left on its disk of what some purges took.
public struct PurgeReceipt: Hashable, Sendable {
  /// The purges.
  public var purges: [OperationID]

  /// A receipt for `purges`.
  public init(purges: [OperationID]) {
    self.purges = purges
  }
}
