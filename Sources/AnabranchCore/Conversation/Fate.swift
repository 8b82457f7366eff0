/// What became of something that was done to a value, and which rule decided it.
public enum Fate: Hashable, Sendable {
  /// It counts: what it wrote shows, what it took away stays away.
  case stands
  /// Causality: `by` wrote anew or took it away, and had seen it.
  case replaced(by: OperationID)
  /// Neither writer had seen what the other one wrote. Both stand, and `by` shows.
  case outranked(by: OperationID, Tiebreak)
  /// An undo took it back.
  case withdrawn(by: OperationID)
  /// It took away what it had seen, and had not seen `by`, which therefore stays.
  case overtaken(by: OperationID)
  /// It took back only the imports that it names, and `beside`, another one of the same thing, nobody took back.
  case incomplete(beside: OperationID)
  /// A source says it, and what people do themselves, as `to` is, goes before that.
  case yields(to: OperationID)
  /// Of several imports of one thing one shows, whole, and that is `for`.
  case passedOver(for: OperationID, Tiebreak)
  /// A purge took it for good, whatever else was done.
  case purged(by: OperationID)
  /// An undo that took back `of`, which decides all the same: that it was done counts, and not whether it still stands.
  case neutral(of: OperationID)
  /// Its device might not do it, but only what its role allows; nil where nobody ever let that device in.
  case uncounted(as: MemberRole?)

  /// The operation that decided it; nil for what stands, and for what has no effect.
  public var decidedBy: OperationID? {
    switch self {
    case .stands, .uncounted: nil
    case .replaced(let by), .outranked(let by, _), .withdrawn(let by), .overtaken(let by), .yields(let by),
      .incomplete(let by), .passedOver(let by, _), .purged(let by), .neutral(let by):
      by
    }
  }

  /// Whether it stands in the end, whether it shows or not.
  public var isLive: Bool {
    switch self {
    case .stands, .outranked: true
    case .replaced, .withdrawn, .overtaken, .incomplete, .yields, .passedOver, .purged, .neutral,
      .uncounted:
      false
    }
  }

  /// What tells concurrent writes apart, or several imports of one thing.
  public enum Tiebreak: String, Hashable, Sendable {
    /// Of imports: the one shows that is newer by its source's own time.
    case source
    /// Of imports as of the same time: the one of which the content has the greater hash.
    case content
    /// The later one shows, by the hybrid clocks of their writers.
    case time
    /// At the same time: the one of the greater log.
    case log
    /// At the same time in one log: the one written last.
    case place
  }
}

extension Fate {
  /// What became of each of `writes` to a register, of which those in `withdrawals` were taken back by what is given for
  /// them.
  ///
  /// Those that stand or are outranked are ``MultiValueRegister/live`` after all of them. O(writes + predecessors), but for
  /// sorting.
  public static func ofWrites(
    _ writes: [MultiValueRegister.Replacing], withdrawals: [OperationID: OperationID] = [:]
  ) -> [OperationID: Fate] {
    var fates: [OperationID: Fate] = withdrawals.mapValues { .withdrawn(by: $0) }
    let predecessors = Dictionary(writes.map { ($0.write.operation, $0.predecessors) }) { first, _ in first }
    let counting = writes.map(\.write).filter { fates[$0.operation] == nil }
    // The first one that replaced a write is told of, not one that came long after.
    var passed: Set<OperationID> = []
    for write in counting.sorted(by: { ($0.time, $0.operation) < ($1.time, $1.operation) }) {
      var waiting = predecessors[write.operation] ?? []
      while let next = waiting.popLast() {
        guard passed.insert(next).inserted else { continue }
        if fates[next] == nil { fates[next] = .replaced(by: write.operation) }
        waiting += predecessors[next] ?? []
      }
    }
    let live = MultiValueRegister(writes, without: Set(withdrawals.keys)).live
    for write in live {
      guard let winner = live.first, winner != write else {
        fates[write.operation] = .stands
        continue
      }
      let tiebreak: Fate.Tiebreak =
        if winner.time != write.time { .time } else if winner.operation.log != write.operation.log { .log } else {
          .place
        }
      fates[write.operation] = .outranked(by: winner.operation, tiebreak)
    }
    return fates.filter { predecessors[$0.key] != nil }
  }

  /// What became of the additions of one element to a set, in the order in which they were made, and of the removals of it, by what
  /// they had seen; those in `withdrawals` were taken back. O(additions + removals × additions).
  public static func ofElement(
    additions: [OperationID], removals: [(operation: OperationID, additions: [OperationID])],
    withdrawals: [OperationID: OperationID] = [:]
  ) -> [OperationID: Fate] {
    var fates: [OperationID: Fate] = [:]
    let counting = removals.filter { withdrawals[$0.operation] == nil }
    for addition in additions {
      if let withdrawal = withdrawals[addition] {
        fates[addition] = .withdrawn(by: withdrawal)
      } else if let remover = counting.first(where: { $0.additions.contains(addition) }) {
        fates[addition] = .replaced(by: remover.operation)
      } else {
        fates[addition] = .stands
      }
    }
    let last = additions.last { fates[$0] == .stands }
    for removal in removals {
      if let withdrawal = withdrawals[removal.operation] {
        fates[removal.operation] = .withdrawn(by: withdrawal)
      } else {
        fates[removal.operation] = last.map { .overtaken(by: $0) } ?? .stands
      }
    }
    return fates
  }

  /// What became of the deletions of a conversation, of which those in `restored` were undone by what is given for them, and of
  /// `activity`, the last things that each log did to it, and more that was done to it, each with its time: all its `restores` among
  /// them. `answers` has by deletion those of the activity of which the writers had seen it.
  ///
  /// A deletion stands where it hides the conversation, as ``Deletion/hides(_:activity:)`` decides it. Else, unless it was undone, it
  /// is replaced by what was done in the knowledge of it, the first restore or else the last thing, or overtaken by the last thing
  /// that its writer had not seen. What was done stands where the conversation is shown for it: where it is one of the things that some deletion had not
  /// seen, and no other deletion had seen more of these. Of `imports` those yield which such a deletion had not seen; to the others
  /// nothing happened. O(deletions² × activity + deletions × imports).
  public static func ofDeletions(
    _ deletions: [Deletion], restored: [OperationID: OperationID] = [:],
    answers: [OperationID: Set<OperationID>] = [:], activity: [(operation: OperationID, time: HybridTime)],
    restores: Set<OperationID> = [], imports: [OperationID] = []
  ) -> [OperationID: Fate] {
    var fates: [OperationID: Fate] = [:]
    let ahead = deletions.map { deletion in Set(activity.map(\.operation).filter { !deletion.covers($0) }) }
    // What brings the conversation back from these brings it back from the others too.
    let deciding = ahead.indices.filter { index in !ahead.contains { $0.isStrictSubset(of: ahead[index]) } }
    let keeping = deciding.reduce(into: Set<OperationID>()) { $0.formUnion(ahead[$1]) }
    for done in activity {
      let isKeeping = keeping.contains(done.operation)
      fates[done.operation] = isKeeping ? .stands : deciding.first.map { .replaced(by: deletions[$0].operation) }
    }
    for done in imports {
      if let index = deciding.first(where: { !deletions[$0].covers(done) }) {
        fates[done] = .yields(to: deletions[index].operation)
      }
    }
    let inOrder = activity.sorted { ($0.time, $0.operation) < ($1.time, $1.operation) }.map(\.operation)
    func last(of operations: Set<OperationID>) -> OperationID? { inOrder.last(where: operations.contains) }
    for (deletion, ahead) in zip(deletions, ahead) {
      let answers = ahead.intersection(answers[deletion.operation] ?? [])
      if let undo = restored[deletion.operation], !deletion.covers(undo) {
        fates[deletion.operation] = .withdrawn(by: undo)
      } else if let answer = inOrder.first(where: answers.intersection(restores).contains) ?? last(of: answers) {
        fates[deletion.operation] = .replaced(by: answer)
      } else {
        let other = last(of: ahead.intersection(keeping)) ?? last(of: ahead)
        fates[deletion.operation] = other.map { .overtaken(by: $0) } ?? .stands
      }
    }
    return fates
  }
}
