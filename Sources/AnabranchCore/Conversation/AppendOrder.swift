/// The order in which the parts of a streamed body read.
///
/// Each part names the parts its writer saw as the end of the body. The parts are read along these references,
/// a part right after what it continues; where two devices continued the same end, the one that comes later by
/// hybrid time, then by operation, reads later, with all that continues it. Linear in the number of parts but for
/// the sorting of concurrent ones.
public enum AppendOrder {
  /// One part: its name, its time, and what it continues.
  public struct Part: Hashable, Sendable {
    /// The operation that appended.
    public var operation: OperationID
    /// When, on its writer's hybrid clock.
    public var time: HybridTime
    /// The parts it continues; those that are not among the parts count as the beginning of the body.
    public var predecessors: [OperationID]

    /// The part `operation`, continuing `predecessors`.
    public init(operation: OperationID, time: HybridTime, predecessors: [OperationID]) {
      self.operation = operation
      self.time = time
      self.predecessors = predecessors
    }
  }

  /// `parts`, in any order, as they read.
  ///
  /// A reference to the middle of a joined part, whose identifiers go on over its length, means that part:
  /// `parts` are found by the greatest identifier of the same change that is not above the reference.
  public static func sorted(_ parts: [Part]) -> [Part] {
    let byName = parts.sorted { $0.operation < $1.operation }
    let graph = ConversationGraph(byName) { part in
      part.predecessors.compactMap { Self.part(holding: $0, in: byName) }
    }
    return graph.linearReading { ($0.time, $0.operation) < ($1.time, $1.operation) }
  }

  private static func part(holding name: OperationID, in sorted: [Part]) -> Part? {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = low + (high - low) / 2
      if sorted[middle].operation <= name { low = middle + 1 } else { high = middle }
    }
    guard low > 0, sorted[low - 1].operation.change == name.change else { return nil }
    return sorted[low - 1]
  }
}
