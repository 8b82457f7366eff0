internal import Anabranch

/// A message tree of OASST without the messages themselves: which there are, and where in the source.
struct TreeOutline {
  /// A message, and where it lies.
  struct Node {
    /// Its object, replies included.
    var place: Range<Int64>
    /// The list of its replies; nil if it has none.
    var replies: Range<Int64>?
    /// The position of the message it answers; nil for the prompt.
    var parent: Int?
  }

  /// `message_tree_id`.
  var id: String?
  /// Whatever the tree says beside it and the prompt.
  var verbatim = CanonicalObject()
  /// The messages, parents before children, replies in order.
  var nodes: [Node] = []

  /// Reads the tree that `reader` stands at, passing over what the messages say.
  static func read(_ reader: JSONReader, oddities: inout Oddities) throws(AnabranchError) -> TreeOutline {
    var outline = TreeOutline()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      switch key {
      case "message_tree_id": outline.id = try reader.text(key, orKeepIn: &outline.verbatim)
      case "prompt" where try reader.kind() == .object: try outline.readMessages(reader, &oddities)
      default: outline.verbatim.set(key, toCanonical: try reader.canonical())
      }
    }
    return outline
  }

  /// Goes through nested replies with a list of what is open instead of recursion.
  private mutating func readMessages(_ reader: JSONReader, _ oddities: inout Oddities) throws(AnabranchError) {
    var open: [(node: Int, isInReplies: Bool)] = []
    nodes.removeAll()
    try enter(reader, parent: nil, &open)
    while let (node, isInReplies) = open.last {
      if isInReplies {
        if try reader.nextElement() {
          if try reader.kind() == .object {
            try enter(reader, parent: node, &open)
          } else {
            try reader.skip()
            oddities.note("not-a-message", "a reply is not an object; it was left out", skipped: true)
          }
        } else {
          nodes[node].replies = (nodes[node].replies?.lowerBound ?? reader.offset)..<reader.offset
          open[open.count - 1].isInReplies = false
        }
      } else if let key = try reader.nextKey() {
        if key == "replies", try reader.kind() == .array {
          nodes[node].replies = reader.offset..<reader.offset
          try reader.beginArray()
          open[open.count - 1].isInReplies = true
        } else {
          try reader.skip()
        }
      } else {
        nodes[node].place = nodes[node].place.lowerBound..<reader.offset
        open.removeLast()
      }
    }
  }

  private mutating func enter(
    _ reader: JSONReader, parent: Int?, _ open: inout [(node: Int, isInReplies: Bool)]
  ) throws(AnabranchError) {
    open.append((nodes.count, false))
    nodes.append(Node(place: reader.offset..<reader.offset, replies: nil, parent: parent))
    try reader.beginObject()
  }
}
