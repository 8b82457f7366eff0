/// A register that keeps every value nobody has replaced.
///
/// A write names the writes it replaces, so whoever has seen a value always wins over it, whatever the clocks
/// say; writes made without knowledge of each other stand beside each other until somebody writes again.
/// (Shapiro et al., "A comprehensive study of Convergent and Commutative Replicated Data Types", 2011, §3.2.2,
/// with explicit predecessors in place of vectors.) Needs causal delivery: a write comes after its predecessors.
public struct MultiValueRegister: Hashable, Sendable {
  /// One write: its name, and what decides between concurrent ones.
  public struct Write: Hashable, Sendable {
    /// The operation that wrote.
    public var operation: OperationID
    /// When, on its writer's hybrid clock.
    public var time: HybridTime

    /// The write `operation`, made at `time`.
    public init(operation: OperationID, time: HybridTime) {
      self.operation = operation
      self.time = time
    }
  }

  /// The writes that stand, the winner first, then by descending precedence.
  public private(set) var live: [Write]

  /// A register in which `live` stand, in any order.
  public init(live: [Write] = []) {
    self.live = live.sorted(by: Self.wins)
  }

  /// The write whose value shows; nil where nobody wrote.
  public var winner: Write? {
    live.first
  }

  /// Applies `write`, which replaces `predecessors`; others stand. O(live + predecessors).
  public mutating func apply(_ write: Write, replacing predecessors: [OperationID]) {
    live.removeAll { predecessors.contains($0.operation) || $0.operation == write.operation }
    live.insert(write, at: live.firstIndex { Self.wins(write, $0) } ?? live.endIndex)
  }

  /// Between concurrent writes: hybrid time, then log, then place in the log.
  private static func wins(_ a: Write, _ b: Write) -> Bool {
    (a.time, a.operation) > (b.time, b.operation)
  }
}
