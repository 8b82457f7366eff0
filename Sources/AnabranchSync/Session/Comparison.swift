public import AnabranchCore
public import AnabranchWire

/// How what a peer holds of some logs compares with what is held here.
public struct Comparison: Hashable, Sendable {
  /// What the peer holds of these, as they are called here.
  public var alike = VersionVector()
  /// The logs whose hash here is another.
  public var forked: [HeldLog] = []
  /// Those that are not held as far here.
  public var ahead: [HeldLog] = []

  /// A comparison of nothing yet.
  public init() {}

  /// The comparison of `heads` with what is held: `last` is how far a log is held, `hash` the hash of a held change. Rethrows its error. O(heads).
  public init<Failure: Error>(
    of heads: [HeldLog], _ branches: Branches, last: (LogID) -> UInt32, hash: (ChangeID) throws(Failure) -> Digest?
  ) throws(Failure) {
    for head in heads {
      let change = ChangeID(log: head.log, sequence: head.sequence)
      let candidates = branches.concerns(head.log) ? branches.candidates(for: change, last: last) : [change]
      var place: ChangeID?
      for candidate in candidates where try hash(candidate)?.head == head.hash { place = candidate }
      if let place {
        alike.merge(VersionVector([(place.log, place.sequence)]))
        for log in branches.way(to: place.log) { alike.merge(VersionVector([(log, last(log))])) }
      } else if head.sequence <= last(head.log) {
        forked.append(head)
      } else {
        ahead.append(head)
      }
    }
  }
}
