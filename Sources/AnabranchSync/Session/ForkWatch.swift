internal import AnabranchCore
internal import AnabranchWire

/// Compares the hashes a peer greeted with, each as soon as its change is held here too.
///
/// Whoever holds more of a log must compare, since the other cannot. A peer may be ahead when it greets; once this
/// side has caught up, perhaps through a third, what the two hold may still differ. Until that is known nothing of
/// the log may be sent, or the peer would build one branch on top of the other.
struct ForkWatch: Sendable {
  /// Greeted and not compared yet.
  private var open: [HeldLog]
  /// With the host now.
  private var asked: [HeldLog] = []

  /// A watch over what a peer greeted with.
  init(_ heads: [HeldLog]) {
    open = heads
  }

  /// Whether an answer is awaited.
  var isAsking: Bool {
    !asked.isEmpty
  }

  /// What can be compared now; nil if nothing, or while an answer is awaited. O(not compared yet).
  mutating func ask(held: VersionVector) -> [HeldLog]? {
    guard asked.isEmpty, !open.isEmpty else { return nil }
    func isHeld(_ head: HeldLog) -> Bool { head.sequence <= held[head.log] }
    asked = open.filter(isHeld)
    guard !asked.isEmpty else { return nil }
    open.removeAll(where: isHeld)
    return asked
  }

  /// The heads of which less than that is held here, so that they were not compared.
  func ahead(of held: VersionVector) -> [HeldLog] {
    open.filter { $0.sequence > held[$0.log] }
  }

  /// Takes the answer: what both sides hold alike, and what is excluded from here on.
  mutating func answered(forked: [LogID]) -> (alike: VersionVector, excluded: [Exclusion]) {
    let forked = Set(forked)
    var alike = VersionVector()
    var excluded: [Exclusion] = []
    for head in asked {
      if forked.contains(head.log) {
        let first = ChangeID(log: head.log, sequence: head.sequence)
        excluded.append(Exclusion(first: first, cause: .forked))
      } else {
        alike[head.log] = head.sequence
      }
    }
    asked = []
    return (alike, excluded)
  }
}
