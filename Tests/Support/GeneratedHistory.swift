public import AnabranchCore
public import AnabranchWire
public import SeededRandom

/// What several replicas wrote, and what each of them holds.
public struct GeneratedHistory: Sendable {
  /// What each log is founded on.
  public internal(set) var headers: [LogID: LogHeader] = [:]
  /// Every change, in the order in which they were made: each after all it depends on.
  public internal(set) var changes: [SealedChange] = []
  /// What each replica holds, in the order in which it wrote or received it.
  public internal(set) var replicas: [[SealedChange]] = []

  /// The vector of everything.
  public var vector: VersionVector {
    VersionVector(changes.map { ($0.change.id.log, $0.change.id.sequence) })
  }

  /// All changes in a random order in which each still comes after all it depends on.
  public func delivery(using generator: inout RandomStream) -> [SealedChange] {
    var waiting = generator.shuffled(changes)
    var held = VersionVector()
    var order: [SealedChange] = []
    while !waiting.isEmpty {
      guard let index = waiting.firstIndex(where: { Self.isReady($0.change, after: held) }) else {
        preconditionFailure("a history holds the past of all its changes")
      }
      let change = waiting.remove(at: index)
      held[change.change.id.log] = change.change.id.sequence
      order.append(change)
    }
    return order
  }

  private static func isReady(_ change: Change, after held: VersionVector) -> Bool {
    held[change.id.log] == change.id.sequence - 1
      && change.dependencies.allSatisfy { held.contains($0.change) }
  }
}
