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

/// Takes for good what was deleted out of what one operation said: a pasted password goes, what stands around it stays.
///
/// What stays is the content of the purge, in the form in which the operation had it. The operation's own content goes
/// as that of a ``Purge`` does. Only scalars that somebody deleted are named, so nothing that shows is changed.
public struct PurgePast: Hashable, Sendable {
  /// What said it: the operation that wrote or imported a message, or changed a text.
  public var operation: OperationID
  /// How many scalars in turn stay and go, those that stay first, of all that the operation inserted.
  public var runs: [Int]
  /// Whether the bytes go at once, rather than after the grace.
  public var isImmediate: Bool
  /// Operations that hold the beginning of a content too large for one; in order.
  public var chunks: [OperationID]

  /// A purge of what `gone` does not keep of `count` scalars.
  public init(
    of operation: OperationID, gone: [Range<Int>], count: Int, isImmediate: Bool, chunks: [OperationID] = []
  ) {
    self.init(of: operation, runs: [], isImmediate: isImmediate, chunks: chunks)
    var place = 0
    for range in gone {
      runs += [range.lowerBound - place, range.count]
      place = range.upperBound
    }
    if place < count { runs.append(count - place) }
  }

  /// A purge of `runs`.
  public init(of operation: OperationID, runs: [Int], isImmediate: Bool, chunks: [OperationID]) {
    self.operation = operation
    self.runs = runs
    self.isImmediate = isImmediate
    self.chunks = chunks
  }

  /// How many scalars the operation inserted, as far as the purge's writer knew.
  public var count: Int {
    runs.reduce(0, +)
  }

  /// The scalars that go, as places among all that the operation inserted.
  public var gone: [Range<Int>] {
    var gone: [Range<Int>] = []
    var place = 0
    for (index, run) in runs.enumerated() {
      if index % 2 == 1 { gone.append(place..<place + run) }
      place += run
    }
    return gone
  }
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
