internal import AnabranchCore
public import AnabranchStore

/// A line of a conversation that went on at several places, written by people who did not know of each other's.
public struct Divergence: Hashable, Sendable {
  /// The last message that all of them had before them; nil where they began without one.
  public var ancestor: MessageRecord?
  /// What was said since at each place, in the order of the linear reading of the tips.
  public var branches: [Branch]
  /// Whether it reads in this order, one place after the other: else what was said at one stands among what was said at others.
  public var readsInOrder: Bool
  /// Whether what a person says next follows all of the tips: else another line was written later, and is gone on with.
  public var isGoneOnWith: Bool

  /// What was said at one place. What several places have in common, and not all of them, stands at the first.
  public struct Branch: Hashable, Sendable {
    /// The messages, the last of which is a tip, in the order of the linear reading.
    public var messages: [MessageRecord]
    /// The last message that comes before these, where it stands at another place and not among what all have in common; else nil.
    public var after: MessageRecord?
  }
}

extension ConversationRecord {
  /// Where lines went on at several places, and nobody rejoined them. O(messages × tips of such lines).
  public var divergences: [Divergence] {
    let positions = Dictionary(messages.enumerated().map { ($1.id, $0) }) { first, _ in first }
    // What a person says next goes on with the line that was written last.
    let last = tips.compactMap { positions[$0] }.map { messages[$0] }.max { ($0.created, $0.id) < ($1.created, $1.id) }?
      .id
    return diverged.map { tips in
      let pasts = tips.map { past(of: $0, positions) }
      let common = pasts.dropFirst().reduce(pasts.first ?? []) { $0.intersection($1) }
      var told = common
      let places = pasts.map { past in
        let own = past.subtracting(told)
        told.formUnion(own)
        return (own: own.sorted(), after: past.subtracting(own).subtracting(common).max())
      }
      let order = places.flatMap(\.own)
      return Divergence(
        ancestor: common.max().map { messages[$0] },
        branches: places.map { place in
          Divergence.Branch(messages: place.own.map { messages[$0] }, after: place.after.map { messages[$0] })
        }, readsInOrder: order == order.sorted(), isGoneOnWith: last.map(tips.contains) ?? true)
    }
  }

  /// The places of a message and of all that it follows.
  private func past(of tip: ObjectID, _ positions: [ObjectID: Int]) -> Set<Int> {
    var past: Set<Int> = []
    var waiting = [tip]
    while let next = waiting.popLast() {
      guard let position = positions[next], past.insert(position).inserted else { continue }
      waiting += messages[position].parents
    }
    return past
  }
}
