import Anabranch
import Foundation

@testable import AnabranchCommand

/// Changes of several devices, made up by a seed: what the screen may get to show.
struct MadeUpHistory {
  /// The newest first, each before all that it builds on.
  let entries: [GraphEntry]
  let held: VersionVector

  /// What people wrote, and whoever wants to break a terminal.
  static let texts = [
    "said “June it is”", "", "東京の秋と冬と春と夏の旅行のことを話しましょう", "👩‍👩‍👧 and 🇵🇹 and 1️⃣",
    "e\u{301}" + String(repeating: "\u{301}", count: 300),
    "\u{1B}[2J\u{1B}]0;gone\u{7}\u{9B}31m", "a\r\nb\tc\u{2028}d", "\u{202E}backwards", "\u{301}begins with a mark",
    "שלום",
    String(repeating: "long ", count: 200), "\u{0}\u{7F}\u{85}\u{FEFF}\u{200B}", "\u{1B}[31mred\u{1B}[0m",
  ]

  init(entries: [GraphEntry], held: VersionVector) {
    (self.entries, self.held) = (entries, held)
  }

  /// `node` is any change; it gives the shape.
  init(_ count: Int, like node: GraphNode, _ dice: inout Dice) {
    let logs = (0..<(1 + dice.below(6))).map { LogID(Bytes16(high: UInt64($0) &* 0x1234_5678_9ABC_DEF1, low: 7)) }
    var heads: [LogID: UInt32] = [:]
    var entries: [GraphEntry] = []
    for place in 0..<count {
      var node = node
      let log = dice.pick(logs)
      heads[log, default: 0] += 1
      node.id = ChangeID(log: log, sequence: heads[log] ?? 1)
      node.action = node.id
      node.time = HybridTime(milliseconds: 1_700_000_000_000 + Int64(place), counter: 0)
      node.parents = heads.filter { $0.key == log ? $0.value > 1 : dice.below(3) == 0 }
        .map { ChangeID(log: $0.key, sequence: $0.key == log ? $0.value - 1 : $0.value) }.sorted()
      entries.append(GraphEntry(node, dice.below(4) == 0 ? nil : dice.pick(Self.texts), dice.pick(Self.texts)))
    }
    self.entries = entries.reversed()
    held = VersionVector(heads.map { ($0.key, $0.value) })
  }

  /// The page of at most `limit` that lies within a vector.
  func page(_ limit: Int, within vector: VersionVector) -> GraphPage {
    let rest = entries.filter { vector.contains($0.node.id) }
    return GraphPage(entries: Array(rest.prefix(limit)), hasMore: rest.count > limit, held: held)
  }

  /// A change in a replica of its own.
  static func anyNode(in place: Workplace) async throws -> GraphNode {
    let replica = try await Replica.create(at: Home(place.path("any")), name: "any")
    _ = try await replica.newConversation("Trip")
    let node = try await replica.graph(limit: 1).nodes[0]
    try await replica.close()
    return node
  }
}
