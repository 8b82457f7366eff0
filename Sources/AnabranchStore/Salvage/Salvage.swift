public import AnabranchCore

/// What of a damaged database went into a new one.
public struct Salvage: Hashable, Sendable {
  /// Part of a log that is not in the new database.
  public struct Loss: Hashable, Sendable {
    /// Which log.
    public var log: LogID
    /// The device that writes it; nil where nothing of it is known.
    public var device: Digest?
    /// The changes that are not there.
    public var changes: ClosedRange<UInt32>
    /// Why not.
    public var reason: String
    /// Whether an earlier repair could not keep it, and nothing of it was in this database.
    public var isEarlier: Bool
  }

  /// How many changes are in it.
  public var changes: UInt64 = 0
  /// What is not, as far as the damaged one tells; in ascending order of the logs.
  public var losses: [Loss] = []
  /// What could not be read beside the changes, one sentence each.
  public var faults: [String] = []
  /// Blocks of attached files that are not in it.
  public var lostBlocks = 0
  /// Whether the log that this device writes is there to its end, as far as anything tells, so that it can go on.
  public var isOwnLogWhole = true

  /// Whether it is everything that the damaged one had, as far as that tells.
  public var isWhole: Bool { hasAllChanges && faults.isEmpty && lostBlocks == 0 }

  /// Whether there was something that could not be read beside the changes, whatever it was: pages that lead to rows do not count.
  var hasUnreadRest = false

  /// Whether nothing that was written is known to be lacking, but for what earlier repairs could not keep.
  public var lacksNothing: Bool { hasAllChanges && lostBlocks == 0 }

  /// Whether all that could be read of the damaged one is in it, and nothing else was there, as far as that tells: nobody needs that any more.
  public var isTakenOver: Bool { lacksNothing && !hasUnreadRest }

  /// Whether nothing of any log was lost but by earlier repairs.
  var hasAllChanges: Bool { losses.allSatisfy(\.isEarlier) }

  init(faults: [String] = []) {
    self.faults = faults
  }
}
