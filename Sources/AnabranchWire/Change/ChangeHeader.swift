public import AnabranchCore

/// The part of a change before its operations: when, after what, and in which action.
///
/// Reading it alone is enough to walk a history in causal order.
public struct ChangeHeader: Hashable, Sendable {
  /// When it was made, on the writer's hybrid clock.
  public let time: HybridTime
  /// What the writer's wall clock showed, milliseconds since 1970.
  public let wall: Int64
  /// The first sequence of its action.
  public var action: UInt32
  /// What its writer had seen of other logs; see ``Change/dependencies``.
  public var dependencies: [Dependency]
  let table: ReferenceTable

  /// The header of change `id`, whose canonical bytes start with `bytes`. O(header).
  public init(of id: ChangeID, in bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    try self.init(&reader, context: id)
  }

  init(_ reader: inout ByteReader, context id: ChangeID) throws(WireError) {
    let start = reader.position
    let version = try reader.byte()
    guard version == SealedChange.version else {
      throw WireError(
        .version,
        "expected change layout \(SealedChange.version), got \(version): a newer version wrote it, or it is damaged",
        offset: start)
    }
    time = HybridTime(rawValue: try reader.fixed64())
    wall = try reader.time(relativeTo: time)
    let distance = try reader.varint32("a distance to the action's first change")
    guard distance < id.sequence else {
      throw WireError(.invalid, "expected an action that starts at change 1 or later", offset: start)
    }
    action = id.sequence - distance

    var dependencies: [Dependency] = []
    for _ in 0..<(try reader.count(max: Limits.logsMax, of: "dependencies", bytesEach: 2 * Bytes16.count + 1)) {
      let start = reader.position
      let log = LogID(try reader.bytes16())
      let sequence = try reader.varint32("a sequence")
      guard sequence > 0 else {
        throw WireError(.invalid, "expected a dependency on change 1 or later", offset: start)
      }
      guard log != id.log, dependencies.last.map({ $0.change.log < log }) ?? true else {
        throw WireError(
          .nonCanonical, "expected dependencies on other logs, ascending and each once", offset: start)
      }
      dependencies.append(
        Dependency(change: ChangeID(log: log, sequence: sequence), hash: try reader.bytes16()))
    }
    self.dependencies = dependencies
    table = ReferenceTable(change: id, dependencies: dependencies)
  }
}
