internal import Anabranch

/// Goes through the messages of one conversation, parents before children, each read when it is asked for.
///
/// A node without a message, or with one that cannot be read, is passed over, and its children follow the
/// nearest message above it.
struct MessageWalk {
  private struct Step {
    var node: Int
    /// The message above it; nil for none.
    var above: Int?
  }

  private let nodes: [ConversationOutline.Node]
  private let forest: NodeForest
  private var steps: [Step]
  private var hasAnswer: [Bool]
  private var hasBeginning = false

  /// The messages of these nodes, linked by that forest.
  init(_ nodes: [ConversationOutline.Node], _ forest: NodeForest) {
    self.nodes = nodes
    self.forest = forest
    self.steps = forest.roots.reversed().map { Step(node: $0, above: nil) }
    self.hasAnswer = Array(repeating: false, count: nodes.count)
  }

  /// The next message, or nil at the end. Throws only where the source cannot be read at all.
  mutating func next(
    _ reader: MessageReader, oddities: inout Oddities
  ) throws(AnabranchError) -> SourceMessage? {
    while let step = steps.popLast() {
      let message = try read(step.node, reader, &oddities)
      let above = message == nil ? step.above : step.node
      for child in forest.children[step.node].reversed() { steps.append(Step(node: child, above: above)) }
      guard var message else { continue }
      if let parent = step.above {
        message.parents = [nodes[parent].id]
        message.startsLine = hasAnswer[parent]
        hasAnswer[parent] = true
      } else {
        message.startsLine = hasBeginning
        hasBeginning = true
      }
      return message
    }
    return nil
  }

  private func read(
    _ node: Int, _ reader: MessageReader, _ oddities: inout Oddities
  ) throws(AnabranchError) -> SourceMessage? {
    guard let place = nodes[node].message else {
      if forest.parents[node] != nil {
        oddities.note(
          "null-message", "a place between messages is empty; what follows it was joined to what precedes it",
          skipped: false)
      }
      return nil
    }
    do {
      return try reader.message(at: place, id: nodes[node].id, oddities: &oddities)
    } catch  where error.code == .format {
      oddities.note(
        "damaged-message", "a message cannot be read and was left out (\(error.message))", skipped: true)
      return nil
    }
  }
}
