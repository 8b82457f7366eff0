public import AnabranchCore
internal import AnabranchWire

extension IncomingBatch {
  /// What the check needs to know of what is held now, in the transaction that is to store the batch.
  public struct Holdings<Failure: Error> {
    /// How forked logs hang together.
    var branches: Branches
    /// What a log is founded on; nil where it is not known.
    var header: (LogID) -> LogHeader?
    /// How far a log is held; nil for not at all.
    var head: (LogID) throws(Failure) -> LogHead?
    /// The hash of a held change; nil for one that is not held.
    var hash: (ChangeID) throws(Failure) -> Digest?
    /// What is held names these heads, of logs of which nobody has told.
    var unknownHeads: Set<Dependency>

    /// Holdings of which those tell.
    public init(
      branches: Branches = Branches(), header: @escaping (LogID) -> LogHeader?,
      head: @escaping (LogID) throws(Failure) -> LogHead?, hash: @escaping (ChangeID) throws(Failure) -> Digest?,
      unknownHeads: Set<Dependency> = []
    ) {
      (self.branches, self.header, self.head, self.hash) = (branches, header, head, hash)
      self.unknownHeads = unknownHeads
    }
  }

  /// Reads the changes and compares them with what is held now.
  ///
  /// `isSigned` tells whether a checkpoint is the word of the author of a log. A change that is held already is compared
  /// and skipped. One that differs from the one held begins a branch of its log; see ``AnabranchCore/Branches``. Of a log that has too
  /// many it is excluded, with all that follows and all that builds on it, and all that only a signature after it would prove. `stored`
  /// has the hashes of what was stored of the batch when a log of it was found to have forked. Rethrows the closures' error. O(bytes), a
  /// hash a dependency, and a signature a log; of a log with b branches b times that.
  public func checked<Failure: Error>(
    against holdings: Holdings<Failure>, stored: Set<Digest> = [], isSigned: @escaping (Checkpoint, LogHeader) -> Bool
  ) throws(Failure) -> CheckedBatch {
    var check = BatchCheck(of: self, against: holdings, stored: stored, isSigned)
    return try check.run()
  }

  /// The batch without what is left out from there on.
  public func leavingOut(_ exclusions: [Exclusion]) -> IncomingBatch {
    var copy = self
    for exclusion in exclusions { copy.exclusions.insert(exclusion) }
    return copy
  }
}
