/// Walks everything one replica holds and another lacks, each change after all it depends on.
///
/// Needs no order of arrival and no list in memory: one cursor a log, and a stack of the logs whose next change
/// waits for another log. A log stands in the stack at most twice: once to be walked to its end, and once because
/// a change waits for it, which is never in its own future.
/// Reading all `n` changes costs O(n + dependencies).
///
/// Damaged changes may name each other as what they depend on. Then one of them is returned before what it names:
/// the walk ends, and who takes the change finds that it builds on something else than it says.
public struct CausalOrder: Sendable {
  private let held: VersionVector
  /// What the other replica holds once it has taken everything returned so far.
  public private(set) var position: VersionVector
  /// Logs still to be walked, each up to that sequence; the last is walked first, those below wait for it.
  private var goals: [ChangeID]
  /// More goals than that wait for each other in a circle.
  private let goalsMax: Int

  /// The walk over all in `held` that `known` lacks.
  public init(held: VersionVector, known: VersionVector) {
    self.held = held
    position = known
    goalsMax = 2 * held.count
    goals = held.missing(from: known).reversed().map { ChangeID(log: $0.log, sequence: $0.sequences.upperBound) }
  }

  /// The next change, or nil at the end.
  ///
  /// `dependencies` gives those of a held change. Rethrows its error and stays where it was.
  public mutating func next(dependencies: (ChangeID) throws -> [ChangeID]) rethrows -> ChangeID? {
    while let goal = goals.last {
      let sent = position[goal.log]
      guard sent < goal.sequence else {
        goals.removeLast()
        continue
      }
      let change = ChangeID(log: goal.log, sequence: sent + 1)
      let blocker = try dependencies(change).first { !position.contains($0) && held.contains($0) }
      guard let blocker, goals.count < goalsMax else {
        position[goal.log] = change.sequence
        return change
      }
      // A log that stands further down has its own, greater goal and is resumed there afterwards.
      goals.append(blocker)
    }
    return nil
  }
}
