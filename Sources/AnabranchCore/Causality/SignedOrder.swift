/// Walks everything one replica holds and another lacks, each change after all it depends on, in steps after each of which every
/// log stands at a change at which its author signed it: so what was sent can be checked, and nothing has to wait for more.
///
/// A step is the least that can stand by itself: a log up to the next change at which it is signed, and all that this depends on,
/// each log rounded up in the same way. A log that can go on alone comes first, else the smallest. Where each log was received in
/// batches that were such steps, a step is never larger than one of them. O(n + dependencies) for all `n` changes where logs can
/// mostly go on alone; a step of several costs twice its length for each log that waits.
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
  }

  private let held: VersionVector
  private let stepMax: Int
  /// What the other replica holds once it has taken all steps so far.
  public private(set) var position: VersionVector
  /// The log of the last step: mostly it goes on.
  private var last: LogID?

  /// The walk over all in `held` that `known` lacks; each log of `held` ends where it is signed. No step is longer than
  /// `stepMax` bytes: what takes more cannot be sent.
  public init(held: VersionVector, known: VersionVector, stepMax: Int = .max) {
    self.held = held
    self.stepMax = stepMax
    position = known
  }

  /// From where on logs are not sent, once there is no further step: something they need is not signed, or not held, or too long.
  public var unsigned: [ChangeID] {
    held.missing(from: position).map { ChangeID(log: $0.log, sequence: $0.sequences.lowerBound) }
  }

  /// The next step; nil where there is none.
  ///
  /// `facts` tells of a held change; `signed` which change proves one: the first from it on at which its log is signed, or, where
  /// that log ends before, one of a branch that goes on from its end; or nil. Rethrows their errors and stays where it was.
  public mutating func next(
    facts: (ChangeID) throws -> Facts, signed: (ChangeID) throws -> ChangeID?
  ) rethrows -> Step? {
    var logs = held.missing(from: position).map(\.log)
    if let last, let place = logs.firstIndex(of: last) { logs.swapAt(0, place) }
    // Mostly some log can go on alone: so nothing further is read of those that cannot.
    for log in logs {
      guard let cut = try cut(from: log, under: stepMax, isAlone: true, facts, signed) else { continue }
      let changes = (position[log] + 1...cut.position[log]).map { ChangeID(log: log, sequence: $0) }
      (position, last) = (cut.position, log)
      return Step(changes: changes, bytes: cut.bytes)
    }
    // Else some that wait for each other go together; no more is read than the smallest of them takes, twice over.
    var limit = min(Self.togetherMin, stepMax)
    while !logs.isEmpty {
      var best: (log: LogID, cut: Cut)?
      for log in logs {
        guard let cut = try cut(from: log, under: best?.cut.bytes ?? limit, facts, signed) else { continue }
        best = (log, cut)
      }
      if let best {
        var order = CausalOrder(held: best.cut.position, known: position)
        var changes: [ChangeID] = []
        while let change = try order.next(dependencies: { try facts($0).dependencies }) { changes.append(change) }
        (position, last) = (best.cut.position, best.log)
        return Step(changes: changes, bytes: best.cut.bytes)
      }
      guard limit < stepMax else { return nil }
      limit = limit > stepMax / 2 ? stepMax : 2 * limit
    }
    return nil
  }

  /// Logs that wait for each other are looked at up to so many bytes at first: most such steps are a few messages.
  private static let togetherMin = 1 << 16

  /// The least that has to be sent with the next change of `log`; nil where that is `limit` bytes or more, or cannot be proved,
  /// or, if it `isAlone`, takes another log.
  private func cut(
    from log: LogID, under limit: Int, isAlone: Bool = false, _ facts: (ChangeID) throws -> Facts,
    _ signed: (ChangeID) throws -> ChangeID?
  ) rethrows -> Cut? {
    var cut = Cut(position: position)
    var waiting = [ChangeID(log: log, sequence: position[log] + 1)]
    while let goal = waiting.popLast() {
      let sent = cut.position[goal.log]
      guard goal.sequence > sent else { continue }
      guard let proof = try signed(goal), held.contains(proof) else { return nil }
      let end = proof.log == goal.log ? proof.sequence : held[goal.log]
      guard end >= goal.sequence, proof.log == goal.log || !isAlone else { return nil }
      if proof.log != goal.log { waiting.append(proof) }
      for sequence in sent + 1...end {
        let found = try facts(ChangeID(log: goal.log, sequence: sequence))
        cut.bytes += found.bytes
        let further = found.dependencies.filter { !cut.position.contains($0) }
        guard cut.bytes < limit, !isAlone || further.isEmpty else { return nil }
        waiting += further
      }
      cut.position[goal.log] = end
    }
    return cut
  }
}
