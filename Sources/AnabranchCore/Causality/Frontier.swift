/// The minimal form of a version vector: the held changes that no other held change depends on.
///
/// A vector names every log; its frontier only those heads that are not in another head's past, so a change
/// that follows everything seen names few dependencies.
public struct Frontier: Hashable, Sendable {
  private var changes: Set<ChangeID>

  /// The frontier that consists of `heads`, which are pairwise concurrent; by default that of nothing.
  public init(_ heads: some Sequence<ChangeID> = []) {
    changes = Set(heads)
  }

  /// The heads, in ascending order of logs. O(n log n).
  public var heads: [ChangeID] {
    changes.sorted()
  }

  /// Whether there is no head but one of `log`: somebody goes on with what is their own.
  public func isWithin(_ log: LogID) -> Bool {
    changes.isEmpty || changes.count == 1 && changes.first?.log == log
  }

  /// Takes note of a change whose past is held: it is a head, and what it builds on is none any more.
  /// O(dependencies).
  public mutating func add(_ change: Change) {
    for dependency in change.dependencies { changes.remove(dependency.change) }
    changes.remove(ChangeID(log: change.id.log, sequence: change.id.sequence &- 1))
    changes.insert(change.id)
  }
}
