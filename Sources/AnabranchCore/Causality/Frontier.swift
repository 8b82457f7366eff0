/// The minimal form of a version vector: the held changes that no other held change depends on.
///
/// A vector names every log; its frontier only those heads that are not in another head's past, so a change
/// that follows everything seen names few dependencies.
public struct Frontier: Hashable, Sendable {
  /// The heads, in ascending order of logs.
  public private(set) var heads: [ChangeID]

  /// The frontier that consists of `heads`, which are pairwise concurrent; by default that of nothing. O(n log n).
  public init(_ heads: some Sequence<ChangeID> = []) {
    self.heads = Set(heads).sorted()
  }

  /// Whether there is no head but one of `log`: somebody goes on with what is their own.
  public func isWithin(_ log: LogID) -> Bool {
    heads.isEmpty || heads.count == 1 && heads[0].log == log
  }

  /// Takes note of a change whose past is held: it is a head, and what it builds on is none any more.
  /// O(heads + dependencies), mostly a few.
  public mutating func add(_ change: Change) {
    if !change.dependencies.isEmpty {
      let past = Set(change.dependencies.map(\.change))
      heads.removeAll { past.contains($0) }
    }
    // There is one head of a log at most.
    let place = heads.firstIndex { $0.log >= change.id.log } ?? heads.endIndex
    if place < heads.endIndex, heads[place].log == change.id.log {
      heads[place] = change.id
    } else {
      heads.insert(change.id, at: place)
    }
  }
}
