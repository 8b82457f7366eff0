internal import AnabranchCore
internal import AnabranchWire
internal import SeededRandom

/// Draws orders in which changes could have come: each after all it depends on.
struct CausalShuffle {
  private let items: [BundledHistory.Item]
  /// For each change, how many it waits for; and which wait for it.
  private let waits: [Int]
  private let followers: [[Int]]

  /// Orders of `items`, whose meanings are `changes`, in the same order. A change waits for what it depends on, and for the one before it
  /// in its log: the first one of a branch for the end of the log that it goes on from, as `parents` say. O(changes × dependencies).
  init(_ items: [BundledHistory.Item], _ changes: [Change], parents: [LogID: LogID]) {
    var ends: [LogID: Int] = [:]
    for (place, item) in items.enumerated() { ends[item.id.log] = place }
    self.items = items
    let places = Dictionary(items.enumerated().map { ($1.id, $0) }) { first, _ in first }
    var (waits, followers) = ([Int](repeating: 0, count: items.count), [[Int]](repeating: [], count: items.count))
    for (place, item) in items.enumerated() {
      var needed = Set(place < changes.count ? changes[place].dependencies.compactMap { places[$0.change] } : [])
      if item.id.sequence > 1 {
        if let before = places[ChangeID(log: item.id.log, sequence: item.id.sequence - 1)] { needed.insert(before) }
      } else if let end = parents[item.id.log].flatMap({ ends[$0] }) {
        needed.insert(end)
      }
      for other in needed where other < place {
        waits[place] += 1
        followers[other].append(place)
      }
    }
    (self.waits, self.followers) = (waits, followers)
  }

  /// One of the orders. O(changes + dependencies).
  func order(_ random: inout RandomStream) -> [BundledHistory.Item] {
    var (waits, order) = (waits, [BundledHistory.Item]())
    var ready = waits.indices.filter { waits[$0] == 0 }
    while !ready.isEmpty {
      // Often one log goes on for a while, as when machines meet after days.
      let next = random.chance(3, in: 4) ? ready.count - 1 : random.number(in: 0...ready.count - 1)
      let place = ready.remove(at: next)
      order.append(items[place])
      for follower in followers[place] {
        waits[follower] -= 1
        if waits[follower] == 0 { ready.append(follower) }
      }
    }
    return order
  }
}
