internal import AnabranchCore
internal import AnabranchWire

/// Compares the hashes a peer greeted with, each as soon as its change is held here too, and finds where a log forked.
///
/// Whoever holds more of a log must compare, since the other cannot. A peer may be ahead when it greets; once this
/// side has caught up, perhaps through a third, what the two hold may still differ. Until that is known nothing of
/// the log may be sent, or the peer would build one branch on top of the other.
struct ForkWatch: Sendable {
  /// Greeted and not compared yet.
  private var open: [HeldLog]
  /// Of those, the ones that a log may be which was cut here: to be compared at once.
  private var cut: Set<LogID>
  /// With the host now.
  private var asked: [HeldLog] = []
  /// Where the two hold a log differently, and it is not known yet from where on.
  private var searches: [LogID: ForkSearch] = [:]
  /// Those of which the peer is to be asked first.
  private var asking: Set<LogID> = []
  /// Frames that came about each log.
  private var steps: [LogID: Int] = [:]
  /// Where it was found.
  private var found: Set<LogID> = []

  /// A watch over what a peer greeted with, where logs are cut that have forked.
  init(_ heads: [HeldLog], _ branches: Branches) {
    open = heads
    cut = Set(heads.map(\.log).filter { branches.concerns($0) })
  }

  /// Whether an answer of the host is awaited, or one of the peer.
  var isAsking: Bool {
    !asked.isEmpty || isSearching
  }

  /// Whether an answer of the peer is awaited.
  var isSearching: Bool {
    !searches.isEmpty
  }

  /// Whether the two have found where a log forked: once either holds both branches they are to meet again.
  var hasFound: Bool {
    !found.isEmpty
  }

  /// What can be compared now; nil if nothing, or while an answer is awaited. O(not compared yet).
  mutating func ask(held: VersionVector) -> [HeldLog]? {
    guard asked.isEmpty, !open.isEmpty else { return nil }
    let now = cut
    func isComparable(_ head: HeldLog) -> Bool { head.sequence <= held[head.log] || now.contains(head.log) }
    asked = open.filter(isComparable)
    cut = []
    guard !asked.isEmpty else { return nil }
    open.removeAll(where: isComparable)
    return asked
  }

  /// The heads of which less than that is held here, so that they were not compared.
  func ahead(of held: VersionVector) -> [HeldLog] {
    open.filter { $0.sequence > held[$0.log] }
  }

  /// Takes the answer of the host.
  mutating func answered(_ comparison: Comparison) {
    asked = []
    open += comparison.ahead
  }

  /// Begins to ask whether the two hold a log alike up to its end here, after the change at `end`, where it was cut.
  mutating func search(_ log: LogID, cutAfter end: UInt32) -> ForkSearch {
    let search = ForkSearch(log, cutAfter: end)
    searches[log] = search
    asking.insert(log)
    return search
  }

  /// Begins to look for where a log forked of which the two hold different changes at `head`.
  mutating func search(_ head: HeldLog) -> ForkSearch {
    let search = ForkSearch(head.log, differsAt: head.sequence)
    searches[head.log] = search
    return search
  }

  /// Takes hashes of the peer; returns the search that they are for, nil where that is over. Throws where it never ends.
  mutating func take(_ probe: ForkProbe) throws(Violation) -> ForkSearch? {
    guard !found.contains(probe.log) else { return nil }
    steps[probe.log, default: 0] += 1
    guard steps[probe.log, default: 0] <= ForkSearch.stepsMax else {
      throw Violation("expected to find where log \(probe.log) forked within \(ForkSearch.stepsMax) frames")
    }
    guard steps.count <= Limits.logsMax else {
      throw Violation("expected to look for forks in at most \(Limits.logsMax) logs")
    }
    let search = searches[probe.log] ?? ForkSearch(probe.log, differsAt: nil)
    searches[probe.log] = search
    return search
  }

  /// Takes how far a search is by now. Returns where the log forked, once that is known.
  mutating func continued(_ search: ForkSearch) -> ChangeID? {
    guard var known = searches[search.log] else { return nil }
    known.merge(search)
    // The first step of one that asks compares nothing; after any other one it is over where nothing differs.
    let isFirst = asking.remove(search.log) != nil
    searches[search.log] = known.differs == nil && !isFirst ? nil : known
    guard let fork = known.fork else { return nil }
    searches[search.log] = nil
    found.insert(search.log)
    return fork
  }
}
