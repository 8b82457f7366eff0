public import AnabranchCore
public import AnabranchWire

/// What a set of changes means, computed from scratch by the shortest way from the definition.
///
/// The yardstick for everything that keeps its state incrementally. It knows no caches, no cursors and no order
/// of arrival: every answer is a filter over the set of all applied operations, so it is as slow as it looks and
/// cannot depend on batches. It verifies no hashes and no signatures.
public struct NaiveHistory: Sendable {
  /// One operation with the change it stands in.
  public struct Applied: Hashable, Sendable {
    /// Its name.
    public let id: OperationID
    /// The operation.
    public let operation: Operation
    /// When its change was made.
    public let time: HybridTime
    /// How far its change's dependencies reach.
    public let seen: VersionVector

    /// The object it acts on.
    public var target: ObjectID? { operation.envelope.target }
    /// What it means.
    public var mutation: Mutation { operation.mutation }
    /// The bytes of its content, where they are there.
    public var bytes: ArraySlice<UInt8>? { operation.envelope.content.bytes }
    /// Its content as text; nil where it is absent or no UTF-8.
    public var text: String? { bytes.flatMap { String(validating: $0, as: UTF8.self) } }
    /// The same without what it says.
    var withoutContent: Applied {
      var bare = operation
      bare.envelope = bare.envelope.redacted(hash: operation.contentHash)
      return Applied(id: id, operation: bare, time: time, seen: seen)
    }
  }

  /// The changes that have effect: all whose whole past is in the set. In ascending order.
  public let changes: [Change]
  /// For each applied change, itself and all before it.
  public let pasts: [ChangeID: Set<ChangeID>]
  /// Their operations that count, in ascending order.
  public let operations: [Applied]

  /// The meaning of `changes`; one that is given twice counts once, in whatever order they come. What `roster` does not allow
  /// the device that writes a log, as `devices` says, does not count.
  public init(
    _ changes: some Sequence<Change>, by roster: Roster = .unfounded, devices: [LogID: Digest] = [:]
  ) {
    let given = Dictionary(changes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var pasts: [ChangeID: Set<ChangeID>] = [:]
    var grows = true
    while grows {
      grows = false
      for change in given.values where pasts[change.id] == nil {
        let needed = Self.needed(by: change)
        guard needed.allSatisfy({ pasts[$0] != nil }) else { continue }
        pasts[change.id] = needed.reduce(into: [change.id]) { $0.formUnion(pasts[$1] ?? []) }
        grows = true
      }
    }
    self.pasts = pasts
    self.changes = given.values.filter { pasts[$0.id] != nil }.sorted { $0.id < $1.id }
    let held = self.changes.flatMap { change in
      change.operations.map { operation in
        Applied(
          id: OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index),
          operation: operation, time: change.time, seen: change.seen)
      }
    }
    let counting = Self.counting(held) { applied in
      let device = devices[applied.id.log]
      let role = roster.rights(of: device, in: applied.id.log).role(at: applied.id.sequence)
      return role.allows(applied.mutation, isOwnName: device.map { applied.target == .device($0) } ?? false)
    }
    operations = held.filter { counting.contains($0.id) }
  }

  /// The meaning of sealed changes.
  public init(
    _ changes: some Sequence<SealedChange>, by roster: Roster = .unfounded, devices: [LogID: Digest] = [:]
  ) {
    self.init(changes.map(\.change), by: roster, devices: devices)
  }

  /// Whether an object was made, or imported, by an operation that counts.
  public func counts(_ object: ObjectID) -> Bool {
    operations.contains { applied in
      switch applied.mutation {
      case .importConversation: applied.target == object
      case .importMessage(let source): .imported(source.message) == object
      default: applied.id == object.operation
      }
    }
  }

  /// What counts: what is allowed, and all that something which counts rests on.
  private static func counting(_ held: [Applied], isAllowed: (Applied) -> Bool) -> Set<OperationID> {
    let byName = Dictionary(held.map { ($0.id, $0) }) { first, _ in first }
    var counting: Set<OperationID> = []
    var new = held.filter(isAllowed)
    while let applied = new.popLast() {
      guard counting.insert(applied.id).inserted else { continue }
      applied.operation.forEachBasis { name in
        if let basis = byName[name] { new.append(basis) }
      }
    }
    return counting
  }

  /// What a change follows directly: the one before it in its log, and its dependencies.
  private static func needed(by change: Change) -> [ChangeID] {
    let others = change.dependencies.map(\.change)
    guard change.id.sequence > 1 else { return others }
    return others + [ChangeID(log: change.id.log, sequence: change.id.sequence - 1)]
  }
}

extension NaiveHistory {
  /// For each log the highest sequence applied.
  public var vector: VersionVector {
    VersionVector(changes.map { ($0.id.log, $0.id.sequence) })
  }

  /// The applied changes that are in no other one's past, in ascending order.
  public var frontier: [ChangeID] {
    changes.map(\.id).filter { id in
      !pasts.contains { $0.key != id && $0.value.contains(id) }
    }
  }
}
