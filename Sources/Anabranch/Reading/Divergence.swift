internal import AnabranchCore
public import AnabranchStore

/// A line of a conversation that went on at several places, written by people who did not know of each other's.
public struct Divergence: Hashable, Sendable {
  /// The last message that all of them had before them; nil where they began without one.
  public var ancestor: MessageRecord?
  /// What was said since at each place, the last of it a tip, in the order of the linear reading. What several places have in
  /// common, and not all of them, stands at the first.
  public var branches: [[MessageRecord]]
}

extension ConversationRecord {
  /// Where lines went on at several places, and nobody rejoined them. O(messages × tips of such lines).
  public var divergences: [Divergence] {
    let positions = Dictionary(messages.enumerated().map { ($1.id, $0) }) { first, _ in first }
    return diverged.map { tips in
      let pasts = tips.map { past(of: $0, positions) }
      let common = pasts.dropFirst().reduce(pasts.first ?? []) { $0.intersection($1) }
      var told = common
      let branches = pasts.map { past in
        let own = past.subtracting(told)
        told.formUnion(own)
        return own.sorted().map { messages[$0] }
      }
      return Divergence(ancestor: common.max().map { messages[$0] }, branches: branches)
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
