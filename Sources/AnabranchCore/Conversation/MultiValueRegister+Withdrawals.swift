extension MultiValueRegister {
  /// A write, and the writes that it replaced.
  public struct Replacing: Hashable, Sendable {
    /// The write.
    public var write: Write
    /// What its writer had seen.
    public var predecessors: [OperationID]

    /// `write`, which replaced `predecessors`.
    public init(_ write: Write, predecessors: [OperationID]) {
      self.write = write
      self.predecessors = predecessors
    }
  }

  /// The register after all of `writes`, of which those that are `withdrawn` count as not made: what they replaced stands
  /// again, unless another write replaced it too, or something that came after them.
  ///
  /// A write that builds on a withdrawn one has seen what that one replaced, and so replaces it. O(writes + predecessors).
  public init(_ writes: [Replacing], without withdrawn: Set<OperationID>) {
    let predecessors = Dictionary(writes.map { ($0.write.operation, $0.predecessors) }) { first, _ in first }
    let standing = writes.map(\.write).filter { !withdrawn.contains($0.operation) }
    var replaced: Set<OperationID> = []
    var waiting = standing.flatMap { predecessors[$0.operation] ?? [] }
    while let next = waiting.popLast() {
      guard replaced.insert(next).inserted else { continue }
      waiting += predecessors[next] ?? []
    }
    self.init(live: standing.filter { !replaced.contains($0.operation) })
  }
}
