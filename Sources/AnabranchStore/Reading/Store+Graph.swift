public import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A change in the graph of all changes.
public struct GraphNode: Hashable, Sendable {
  /// The change.
  public var id: ChangeID
  /// When it was made, by its writer's hybrid clock.
  public var time: HybridTime
  /// The first change of its action.
  public var action: ChangeID
  /// The changes that it builds on, without those that another one of them builds on, in ascending order.
  public var parents: [ChangeID]
  /// What of it has no effect; nil where all of it counts.
  public var uncounted: Uncounted?
}

extension Store {
  /// The last changes, of one device or of all, the newest first and each before all that it builds on; and whether there are more.
  ///
  /// Of changes that nothing orders, what was made later by the hybrid clocks comes first; what they date to a time that has not come
  /// by `wall` stands right before what it builds on. `since` leaves out what was made before
  /// that, in milliseconds since 1970, and `vector` what it does not contain: a list is gone on with by what it has not listed of each
  /// log. Where a clock was once ahead of what others believed, the order is that of causality among twice as many
  /// changes as are asked for, and some hundreds at least; beyond, that of the clocks.
  /// O(limit × logs), and once what was written in times to come.
  public func graph(
    limit: Int, of device: Digest? = nil, since: Int64? = nil, within vector: VersionVector? = nil, wall: Int64 = .max
  ) throws(StoreError) -> (nodes: [GraphNode], hasMore: Bool) {
    try reading { db in
      var walk = try GraphWalk(state, db, of: device, since: since, within: vector, wall: wall)
      let window = limit + max(limit, GraphWalk.lookahead)
      while walk.loaded.count < window, try walk.load() {}
      let order = walk.inOrder()
      let reader = ContentReader(db, state)
      let nodes = try walk.reduced(order).prefix(limit).map { node in
        var node = node
        node.uncounted = try state.key(of: node.id).flatMap { try reader.uncounted(at: $0) }
        return node
      }
      return (nodes, order.count > limit)
    }
  }
}

/// Reads changes from the ends of the logs, the latest first, and none before one that builds on the end of its log.
private struct GraphWalk {
  /// Changes that are read beyond those asked for.
  static let lookahead = 256

  private let state: LogState
  private let db: Database
  private let since: Int64?
  private var ranks: CausalRanks
  /// The next change of each log, with its rank.
  private var tails: [LogID: Ranked] = [:]
  /// The logs on whose ends others build that were not read yet.
  private var waiting: Set<LogID> = []
  /// What was read, with all that each change says it builds on.
  private(set) var loaded: [ChangeID: Ranked] = [:]

  /// A change, and when it is taken to have been made.
  struct Ranked {
    var node: GraphNode
    var rank: HybridTime

    static func isEarlier(_ a: Ranked, _ b: Ranked) -> Bool {
      (a.rank, a.node.time, a.node.id) < (b.rank, b.node.time, b.node.id)
    }
  }

  init(
    _ state: LogState, _ db: Database, of device: Digest?, since: Int64?, within vector: VersionVector?, wall: Int64
  ) throws {
    (self.state, self.db, self.since, ranks) = (state, db, since, CausalRanks(state, db, wall: wall))
    let heads = Set(state.frontier.heads)
    // Elsewhere what builds on an end may be listed already, or be left out.
    let isAll = device == nil && vector?.includes(state.vector) ?? true
    for record in state.records where device == nil || state.device(of: record.id) == device {
      let last = ChangeID(log: record.id, sequence: min(record.head.sequence, vector?[record.id] ?? .max))
      try advance(to: last)
      if isAll, !heads.contains(last) { waiting.insert(record.id) }
    }
  }

  /// Makes a change the next one of its log; none where it is change 0, or too old.
  private mutating func advance(to id: ChangeID) throws {
    tails[id.log] = nil
    guard id.sequence > 0 else { return }
    let header = try state.changeHeader(of: id, in: db)
    guard header.time.milliseconds >= since ?? .min else { return }
    var parents = header.dependencies.map(\.change)
    if let before = state.before(id) { parents.append(before) }
    let action = ChangeID(log: id.log, sequence: header.action)
    tails[id.log] = Ranked(
      node: GraphNode(id: id, time: header.time, action: action, parents: parents),
      rank: try ranks.rank(of: id, at: header.time))
  }

  /// Reads the latest change that was not read yet; false where there is none.
  mutating func load() throws -> Bool {
    let ready = tails.filter { !waiting.contains($0.key) }
    // What builds on all of them may not be asked for.
    guard let next = (ready.isEmpty ? tails : ready).values.max(by: Ranked.isEarlier) else { return false }
    loaded[next.node.id] = next
    for parent in next.node.parents { waiting.remove(parent.log) }
    try advance(to: ChangeID(log: next.node.id.log, sequence: next.node.id.sequence - 1))
    return true
  }

  /// What was read, each change before all that it builds on (Kahn, 1962).
  func inOrder() -> [GraphNode] {
    var waiting: [ChangeID: Int] = [:]
    for read in loaded.values { for parent in Set(read.node.parents) { waiting[parent, default: 0] += 1 } }
    var ready = loaded.values.filter { waiting[$0.node.id] == nil }
    var order: [GraphNode] = []
    while let place = ready.indices.max(by: { Ranked.isEarlier(ready[$0], ready[$1]) }) {
      let node = ready.remove(at: place).node
      order.append(node)
      for parent in Set(node.parents) {
        guard let left = waiting[parent], let read = loaded[parent] else { continue }
        waiting[parent] = left - 1
        if left == 1 { ready.append(read) }
      }
    }
    return order
  }

  /// The same without parents that follow from others.
  func reduced(_ order: [GraphNode]) -> [GraphNode] {
    // How far each change reaches back, as far as that was read.
    var pasts: [ChangeID: VersionVector] = [:]
    var reduced: [GraphNode] = []
    for var node in order.reversed() {
      let parents = Set(node.parents)
      node.parents = parents.filter { parent in
        !parents.contains { $0 != parent && pasts[$0]?.contains(parent) == true }
      }.sorted()
      var past = VersionVector([(node.id.log, node.id.sequence)])
      for parent in parents { past.merge(pasts[parent] ?? VersionVector([(parent.log, parent.sequence)])) }
      pasts[node.id] = past
      reduced.append(node)
    }
    return reduced.reversed()
  }
}
