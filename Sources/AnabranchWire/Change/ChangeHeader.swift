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
  public let action: UInt32
  /// The heads its writer had seen, its own log apart; in ascending order of logs.
  public let dependencies: [Dependency]
  let table: LogTable

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
        .version, "expected change layout \(SealedChange.version), got \(version): a newer version wrote it",
        offset: start)
    }
    time = HybridTime(rawValue: try reader.fixed64())
    wall = try reader.time(relativeTo: time)
    let distance = try reader.varint32("a distance to the action's first change")
    guard distance < id.sequence else {
      throw WireError(.invalid, "expected an action that starts at change 1 or later", offset: start)
    }
    action = id.sequence - distance

    var logs: [LogID] = []
    for _ in 0..<(try reader.count(max: Limits.logsMax, of: "logs", bytesEach: Bytes16.count)) {
      logs.append(LogID(try reader.bytes16()))
    }
    let count = try reader.count(max: logs.count, of: "dependencies", bytesEach: 1 + Bytes16.count)
    var dependencies: [Dependency] = []
    for log in logs.prefix(count) {
      let sequence = try reader.varint32("a sequence")
      guard sequence > 0 else {
        throw WireError(.invalid, "expected a dependency on change 1 or later", offset: reader.position)
      }
      dependencies.append(
        Dependency(change: ChangeID(log: log, sequence: sequence), hash: try reader.bytes16()))
    }
    guard Self.isCanonical(logs, dependencies: count, own: id.log) else {
      throw WireError(
        .nonCanonical, "expected the logs of dependencies, then others, each ascending and once", offset: start)
    }
    self.dependencies = dependencies
    table = LogTable(change: id, logs: logs)
  }

  private static func isCanonical(_ logs: [LogID], dependencies count: Int, own: LogID) -> Bool {
    func ascends(_ part: ArraySlice<LogID>) -> Bool { zip(part, part.dropFirst()).allSatisfy { $0 < $1 } }
    return ascends(logs[..<count]) && ascends(logs[count...]) && !logs.contains(own)
      && (count == 0 || count == logs.count || Set(logs).count == logs.count)
  }
}
