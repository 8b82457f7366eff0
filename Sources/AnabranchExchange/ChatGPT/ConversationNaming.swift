internal import Anabranch

/// Names a conversation that has no id, from what later exports of it will still say.
enum ConversationNaming {
  /// The name made of when a conversation began, else its title, and of its first message; nil if nothing is
  /// known of it at all.
  ///
  /// Equal conversations get equal names, also in another export and on another device.
  static func derived(_ outline: ConversationOutline, _ forest: NodeForest) -> String? {
    let beginning = outline.fields.created.map(String.init) ?? outline.fields.title
    let node = firstMessage(outline, forest).map { outline.nodes[$0].id }
    let known = [beginning, node].compactMap { $0 }.filter { !$0.isEmpty }
    return known.isEmpty ? nil : (["derived"] + known).joined(separator: "-")
  }

  /// The first node that has a message; many exports call the node above it alike in every conversation.
  private static func firstMessage(_ outline: ConversationOutline, _ forest: NodeForest) -> Int? {
    var steps = Array(forest.roots.reversed())
    while let node = steps.popLast() {
      if outline.nodes[node].message != nil { return node }
      steps += forest.children[node].reversed()
    }
    return forest.roots.first
  }
}
