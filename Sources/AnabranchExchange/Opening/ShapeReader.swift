internal import Anabranch

/// Finds out what a file holds by reading as little of it as decides.
struct ShapeReader {
  /// How many values of a list, or lines of a file, are looked at before giving up: 16.
  static let looksMax = 16

  private let source: any ByteSource
  private let reader: JSONReader

  /// What `source` holds. Throws `format` where it begins like JSON and then is not, or ends too early to
  /// tell.
  static func shape(of source: any ByteSource) throws(AnabranchError) -> HistoryShape {
    let shapes = ShapeReader(source: source, reader: JSONReader(source))
    let problem: AnabranchError
    do {
      let whole = try shapes.ofWhole()
      if whole != .otherJSON { return whole }
      return try shapes.ofLines() ?? .otherJSON
    } catch  where error.code == .format {
      problem = error
    }
    guard let found = try shapes.ofLines() else { throw problem }
    return found
  }

  private func ofWhole() throws(AnabranchError) -> HistoryShape {
    try reader.skipByteOrderMark()
    switch try reader.kind() {
    case .array: return try ofList()
    case .object: return try ofObject()
    default: throw reader.expected("an object or a list")
    }
  }

  private func ofList() throws(AnabranchError) -> HistoryShape {
    try reader.beginArray()
    for look in 0..<Self.looksMax {
      guard try reader.nextElement() else { return look == 0 ? .emptyList : .otherJSON }
      if try reader.kind() != .object {
        try reader.skip()
      } else if try isConversation() {
        return .chatGPT(.list)
      }
    }
    return .otherJSON
  }

  private func ofObject() throws(AnabranchError) -> HistoryShape {
    var keys: Set<String> = []
    try reader.beginObject()
    while let key = try reader.nextKey() {
      let kind = try reader.kind()
      if key == "mapping" && kind == .object { return .chatGPT(.single) }
      if key == "anabranch" && kind == .number { return .ownExport }
      if key == "message_tree_id" || key == "prompt" && kind == .object { return .oasst }
      if key == "conversations" && kind == .array {
        let list = try ofList()
        return list == .otherJSON ? .otherJSON : .chatGPT(.wrapped)
      }
      keys.insert(key)
      try reader.skip()
    }
    return Self.nameConversation(keys) ? .chatGPT(.single) : .otherJSON
  }

  /// Whether the object here is a conversation; where it is, the reader is left within it.
  private func isConversation() throws(AnabranchError) -> Bool {
    var keys: Set<String> = []
    try reader.beginObject()
    while let key = try reader.nextKey() {
      if key == "mapping", try reader.kind() == .object { return true }
      keys.insert(key)
      try reader.skip()
    }
    return Self.nameConversation(keys)
  }

  /// Whether these keys are a conversation's even without messages: feedback and shared links, which stand
  /// beside conversations in an export, have some of them and never all.
  private static func nameConversation(_ keys: Set<String>) -> Bool {
    let isNamed = keys.contains("id") || keys.contains("conversation_id")
    let isDated = keys.isSuperset(of: ["title", "create_time", "update_time"])
    return isNamed && (keys.contains("mapping") || keys.contains("current_node") || isDated)
  }

  /// What the first lines are that can be read, each for itself; nil if nothing known.
  private func ofLines() throws(AnabranchError) -> HistoryShape? {
    let lines = LineScanner(source)
    for _ in 0..<Self.looksMax {
      guard let line = try lines.next() else { return nil }
      do {
        reader.seek(to: line)
        let shape = try ofWhole()
        if shape == .oasst || shape == .ownExport { return shape }
      } catch  where error.code == .format {
        continue
      }
    }
    return nil
  }
}
