/// An atomic group of operations: applied together, or not at all.
public struct Change: Hashable, Sendable {
  /// The log it stands in and its number there.
  public var id: ChangeID
  /// When it was made, on the writer's hybrid clock.
  public var time: HybridTime
  /// What the writer's wall clock showed, milliseconds since 1970, however wrong it was.
  public var wall: Int64
  /// The first sequence of the action it belongs to: what a person did in one go, and undoes in one go.
  public var action: UInt32
  /// What its writer had seen of other logs: the heads of all of it, and one change of each log that an operation
  /// refers to, at or after what it refers to. In ascending order of logs, each once.
  public var dependencies: [Dependency]
  /// What it does, in order.
  public var operations: [Operation]

  /// A change of those parts.
  public init(
    id: ChangeID, time: HybridTime, wall: Int64, action: UInt32, dependencies: [Dependency],
    operations: [Operation]
  ) {
    self.id = id
    self.time = time
    self.wall = wall
    self.action = action
    self.dependencies = dependencies
    self.operations = operations
  }
}

extension Change {
  /// How far its dependencies reach in each log. The past of the change reaches at least as far. O(dependencies).
  public var seen: VersionVector {
    VersionVector(dependencies.map { ($0.change.log, $0.change.sequence) })
  }
}

/// A change that another one builds on, pinned by its hash, so that a forked log cannot stand in for it.
public struct Dependency: Hashable, Sendable {
  /// The change.
  public var change: ChangeID
  /// The first sixteen bytes of its hash.
  public var hash: Bytes16

  /// The dependency on `change` whose hash starts with `hash`.
  public init(change: ChangeID, hash: Bytes16) {
    self.change = change
    self.hash = hash
  }
}

/// One typed mutation within a change.
public struct Operation: Hashable, Sendable {
  /// The first identifier it takes within its change.
  public var index: UInt32
  /// Its stored form.
  public var envelope: Envelope
  /// What it means, as far as this version knows.
  public var mutation: Mutation
  /// H(salt ‖ content), whether the content is there or not; zero for an operation that never had any.
  public var contentHash: Digest

  /// The operation at `index` of a change.
  public init(index: UInt32, envelope: Envelope, mutation: Mutation, contentHash: Digest) {
    self.index = index
    self.envelope = envelope
    self.mutation = mutation
    self.contentHash = contentHash
  }
}
