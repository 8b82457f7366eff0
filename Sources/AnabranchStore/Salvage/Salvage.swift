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

  /// Whether words that were not sealed yet could not be read, or do not follow what is here.
  public var lacksOpenWords = false

  /// Whether nothing that was written is known to be lacking, but for what earlier repairs could not keep.
  public var lacksNothing: Bool { hasAllChanges && lostBlocks == 0 && !lacksOpenWords }

  /// Whether all of the damaged one could be read, and is in it, as far as that tells: nobody needs that any more. A page that is gone may
  /// have had what nobody knows of.
  public var isTakenOver: Bool { lacksNothing && faults.isEmpty }

  /// Whether nothing of any log was lost but by earlier repairs.
  var hasAllChanges: Bool { losses.allSatisfy(\.isEarlier) }

  init(faults: [String] = []) {
    self.faults = faults
  }
}
