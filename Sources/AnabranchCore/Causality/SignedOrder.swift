/// Walks everything one replica holds and another lacks, each change after all it depends on, in steps after each of which every
/// log stands at a change at which its author signed it: so what was sent can be checked, and nothing has to wait for more.
///
/// A step is the least that can stand by itself: a log up to the next change at which it is signed, and all that this depends on,
/// each log rounded up in the same way. Of several the smallest comes first. Where each log was received in batches that were
/// such steps, a step is never larger than one of them. O(n + dependencies) for all `n` changes, times the number of logs at
/// worst.
public struct SignedOrder: Sendable {
  /// What is asked of a held change.
  public struct Facts: Sendable {
    /// What it depends on, apart from the one before it.
    public var dependencies: [ChangeID]
    /// How long it is.
    public var bytes: Int

    /// A change of `bytes` bytes with those dependencies.
    public init(dependencies: [ChangeID], bytes: Int) {
      self.dependencies = dependencies
      self.bytes = bytes
    }
  }

  /// What can be sent by itself.
  public struct Step: Sendable {
    /// The changes, in causal order.
    public var changes: [ChangeID]
    /// How long they are together.
    public var bytes: Int
  }

  /// A set of changes that can stand by itself.
  private struct Cut {
    var position: VersionVector
    var bytes = 0
    /// How many logs it takes.
    var logs = 0
  }

  private let held: VersionVector
  /// What the other replica holds once it has taken all steps so far.
  public private(set) var position: VersionVector
  /// The log of the last step: mostly it goes on.
  private var last: LogID?

  /// The walk over all in `held` that `known` lacks; each log of `held` ends where it is signed.
  public init(held: VersionVector, known: VersionVector) {
    self.held = held
    position = known
  }

  /// From where on logs are not sent, once there is no further step: something they need is not signed, or not held.
  public var unsigned: [ChangeID] {
    held.missing(from: position).map { ChangeID(log: $0.log, sequence: $0.sequences.lowerBound) }
  }

  /// The next step; nil where there is none.
  ///
  /// `facts` tells of a held change; `signed` the first change of a log, from one on, at which it is signed, or nil. Rethrows
  /// their errors and stays where it was.
  public mutating func next(
    facts: (ChangeID) throws -> Facts, signed: (ChangeID) throws -> UInt32?
  ) rethrows -> Step? {
    var logs = held.missing(from: position).map(\.log)
    if let last, let place = logs.firstIndex(of: last) { logs.swapAt(0, place) }
    var best: (log: LogID, cut: Cut)?
    for log in logs {
      let limit = best.map(\.cut.bytes) ?? .max
      guard let cut = try cut(from: log, under: limit, facts, signed) else { continue }
      best = (log, cut)
      // Nothing else has to come first.
      if cut.logs == 1 { break }
    }
    guard let best else { return nil }
    var order = CausalOrder(held: best.cut.position, known: position)
    var changes: [ChangeID] = []
    while let change = try order.next(dependencies: { try facts($0).dependencies }) { changes.append(change) }
    position = best.cut.position
    last = best.log
    return Step(changes: changes, bytes: best.cut.bytes)
  }

  /// The least that has to be sent with the next change of `log`; nil where that is `limit` bytes or more, or cannot be proved.
  private func cut(
    from log: LogID, under limit: Int, _ facts: (ChangeID) throws -> Facts, _ signed: (ChangeID) throws -> UInt32?
  ) rethrows -> Cut? {
    var cut = Cut(position: position)
    var waiting = [ChangeID(log: log, sequence: position[log] + 1)]
    while let goal = waiting.popLast() {
      let sent = cut.position[goal.log]
      guard goal.sequence > sent else { continue }
      guard let end = try signed(goal), end >= goal.sequence, end <= held[goal.log] else { return nil }
      if sent == position[goal.log] { cut.logs += 1 }
      for sequence in sent + 1...end {
        let found = try facts(ChangeID(log: goal.log, sequence: sequence))
        cut.bytes += found.bytes
        guard cut.bytes < limit else { return nil }
        waiting += found.dependencies.filter { !cut.position.contains($0) }
      }
      cut.position[goal.log] = end
    }
    return cut
  }
}
