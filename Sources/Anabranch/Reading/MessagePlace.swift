public import AnabranchCore
public import AnabranchStore

/// Where a message stands in its conversation, as that is read, and why.
public struct MessagePlace: Hashable, Sendable {
  /// The message.
  public var message: MessageRecord
  /// How many messages are read before it.
  public var position: Int
  /// The messages that it follows and that show: what its writer was shown as the end, or its source puts before it.
  public var parents: [MessageRecord]
  /// The messages that are read as one with it, since nothing divides them.
  public var run: [MessageRecord]
  /// What neither leads to it nor follows from it, in the order of the reading.
  public var beside: [Beside]

  /// A run of messages beside it.
  public struct Beside: Hashable, Sendable {
    /// The messages.
    public var run: [MessageRecord]
    /// Whether they are read before it.
    public var isBefore: Bool
    /// Whether their line is another one: a deliberate branch.
    public var isBranch: Bool
    /// The first messages of two runs that could both be read next, the one that went first and the one that had to wait: these, or
    /// what leads to them. Nil in a cycle, which only a forged history has.
    public var compared: Compared?
  }

  /// Two messages, of which the first one is read first.
  public struct Compared: Hashable, Sendable {
    /// It is read first.
    public var first: MessageRecord
    /// The other one.
    public var second: MessageRecord

    /// What tells them apart.
    public var rule: ReadingOrder.Rule { first.order.rule(against: second.order) }
  }
}

extension ConversationRecord {
  /// Where a message stands in the reading, and why; nil where it is not in it. O(n log n).
  public func place(of message: ObjectID) -> MessagePlace? {
    let positions = Dictionary(messages.enumerated().map { ($1.id, $0) }) { first, _ in first }
    func record(_ id: ObjectID) -> MessageRecord? { positions[id].map { messages[$0] } }
    let graph = ConversationGraph(messages.map(\.id)) { record($0)?.parents ?? [] }
    let standing = graph.standing(of: message) { a, b in
      guard let first = record(a), let second = record(b) else { return a < b }
      return first.order < second.order
    }
    guard let standing, let position = positions[message] else { return nil }
    let own = messages[position]
    return MessagePlace(
      message: own, position: position, parents: own.parents.compactMap(record), run: standing.run.compactMap(record),
      beside: standing.beside.map { beside in
        let run = beside.run.compactMap(record)
        let compared = beside.compared.flatMap { compared in
          record(compared.first).flatMap { first in
            record(compared.second).map { MessagePlace.Compared(first: first, second: $0) }
          }
        }
        return MessagePlace.Beside(
          run: run, isBefore: beside.isBefore, isBranch: run.first?.line != own.line, compared: compared)
      })
  }
}

extension MessageRecord {
  /// What decides where it is read beside others.
  fileprivate var order: ReadingOrder { ReadingOrder(created: created, message: id) }
}
