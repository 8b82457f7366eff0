public import AnabranchCore
public import AnabranchWire

/// Looks for the first change in which two replicas hold a log differently.
///
/// Either side sends hashes of its own, spread over the changes between the last that is known to be alike and the first that is known
/// to differ; who gets them compares, and answers in the same way. So the stretch that is left becomes 31 times shorter with each
/// frame, until the two changes are neighbours.
///
/// Who has cut a log, and does not know what the other side has of it beyond, asks at its end: only who holds more can tell.
public struct ForkSearch: Hashable, Sendable {
  /// The log.
  public let log: LogID
  /// The last change that both hold alike; 0 for none.
  public private(set) var alike: UInt32 = 0
  /// The first that is known to differ; nil as long as none is.
  public private(set) var differs: UInt32?
  /// The last change here of a log that was cut, where the other side was asked about it.
  private var end: UInt32?

  /// More frames it never takes: seven find a fork among 2³² changes, and both sides may have begun.
  static let stepsMax = 16

  /// A search in `log`, of which the change at `sequence` differs.
  init(_ log: LogID, differsAt sequence: UInt32?) {
    (self.log, differs) = (log, sequence)
  }

  /// A search in `log`, which was cut here after the change at `end`.
  init(_ log: LogID, cutAfter end: UInt32) {
    (self.log, self.end) = (log, end)
  }

  /// The first change that differs, once it is known.
  var fork: ChangeID? {
    guard let differs, differs == alike + 1 else { return nil }
    return ChangeID(log: log, sequence: differs)
  }

  /// Compares `points`, which the other side sent, with what is held here, and returns how far the search is and what is to be sent; nil
  /// for nothing, as where the other side has found it, too. `hash` is that of a held change, nil for one that is not held; its
  /// error is rethrown. O(points), a hash each.
  public func continued<Failure: Error>(
    with points: [ForkProbe.Point], hash: (ChangeID) throws(Failure) -> Digest?
  ) throws(Failure) -> (search: ForkSearch, probe: ForkProbe?) {
    var search = self
    for point in points {
      guard let held = try hash(ChangeID(log: log, sequence: point.sequence)) else { continue }
      if held.head == point.hash {
        search.alike = max(search.alike, point.sequence)
      } else {
        search.differs = min(search.differs ?? point.sequence, point.sequence)
      }
    }
    guard let differs = search.differs else {
      // All is alike as far as was asked: who was asked says so.
      let asked = points.isEmpty ? end.map { [$0] } : end == nil ? points.map(\.sequence) : nil
      return (search, try asked.flatMap { (sequences) throws(Failure) in try probe(sequences, hash) })
    }
    guard search.alike < differs else { return (self, nil) }
    let sequences = search.spread(upTo: differs)
    let isKnownThere = search.fork != nil && points.map(\.sequence) == sequences
    return (search, isKnownThere ? nil : try probe(sequences, hash))
  }

  private func probe<Failure: Error>(
    _ sequences: [UInt32], _ hash: (ChangeID) throws(Failure) -> Digest?
  ) throws(Failure) -> ForkProbe? {
    var probe = ForkProbe(log: log, points: [])
    for sequence in sequences {
      guard let hash = try hash(ChangeID(log: log, sequence: sequence)) else { continue }
      probe.points.append(ForkProbe.Point(sequence: sequence, hash: hash.head))
    }
    return probe.points.isEmpty ? nil : probe
  }

  /// The last change alike, some between, and the first that differs.
  private func spread(upTo differs: UInt32) -> [UInt32] {
    let between = UInt64(differs - alike) - 1
    let count = min(between, UInt64(ForkProbe.pointsMax) - 2)
    let inner = (0..<count).map { alike + UInt32(($0 + 1) * (between + 1) / (count + 1)) }
    return (alike > 0 ? [alike] : []) + inner + [differs]
  }

  /// Takes over what was found out meanwhile.
  mutating func merge(_ other: ForkSearch) {
    alike = max(alike, other.alike)
    differs = differs.map { min($0, other.differs ?? $0) } ?? other.differs
  }
}
