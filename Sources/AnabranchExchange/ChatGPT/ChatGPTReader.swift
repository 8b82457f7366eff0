internal import Anabranch

/// Reads a ChatGPT export: a list of conversations, an object that holds one, or one conversation alone.
///
/// Each conversation is read twice: first its structure, then message by message where the structure says
/// they lie. So nodes may come in any order, and nothing longer than a message is ever held.
final class ChatGPTReader: HistoryReader {
  /// What conversations from here name as their source.
  static let source = "chatgpt"

  /// How the conversations lie in the file.
  enum Layout: Equatable {
    /// In a list.
    case list
    /// In the list under `conversations` of an object.
    case wrapped
    /// There is one, and it is the file.
    case single
  }

  private enum State {
    case start
    case inList
    case done
  }

  private let layout: Layout
  private let reader: JSONReader
  private let messages: MessageReader
  private let total: Int64
  private var state = State.start
  private var pending: [HistoryEvent] = []
  private var walk: MessageWalk?
  private var name = ""
  private var oddities = Oddities()
  private var derivedNames: Set<String> = []
  /// Told at the end of the conversation that is being walked, after which nothing more can be read.
  private var ending: ImportWarning?

  /// Reads `source`, whose conversations lie as `layout` says.
  init(_ source: any ByteSource, layout: Layout, windowBytes: Int = JSONReader.windowBytesDefault) {
    self.layout = layout
    self.reader = JSONReader(source, windowBytes: windowBytes)
    self.messages = MessageReader(source, windowBytes: windowBytes)
    self.total = source.count
  }

  var progress: WorkProgress {
    WorkProgress(done: state == .done && walk == nil ? total : reader.offset, total: total)
  }

  func next() throws(AnabranchError) -> HistoryEvent? {
    while true {
      if !pending.isEmpty { return pending.removeFirst() }
      if walk != nil {
        if let message = try walk?.next(messages, oddities: &oddities) { return .message(message) }
        endConversation()
      } else if state == .done {
        return nil
      } else {
        try advance()
      }
    }
  }

  /// Reads the next conversation's structure; what is wrong with the file ends the reading, with a warning.
  private func advance() throws(AnabranchError) {
    var outlines = OutlineReader(reader)
    do {
      guard try findConversation() else { return }
      if try reader.kind() == .object {
        try outlines.read()
        try begin(outlines.outline)
      } else {
        let kind = try reader.kind()
        try reader.skip()
        warn(
          "not-a-conversation",
          "among the conversations stands \(kind?.rawValue ?? "nothing"); it was left out")
      }
      if layout == .single { state = .done }
    } catch  where error.code == .format {
      try salvage(outlines.outline, after: error)
    }
  }

  /// Goes to the next conversation; false if there is none.
  private func findConversation() throws(AnabranchError) -> Bool {
    if state == .start {
      state = .inList
      try reader.skipByteOrderMark()
      switch layout {
      case .single: return true
      case .list: try reader.beginArray()
      case .wrapped:
        try reader.beginObject()
        while let key = try reader.nextKey(), key != "conversations" { try reader.skip() }
        try reader.beginArray()
      }
    }
    if try reader.nextElement() { return true }
    state = .done
    if layout == .wrapped { while try reader.nextKey() != nil { try reader.skip() } }
    try reader.end()
    return false
  }

  private func begin(_ outline: ConversationOutline) throws(AnabranchError) {
    var outline = outline
    name = outline.name
    oddities = outline.oddities
    if !outline.hasMapping {
      oddities.note("missing-mapping", "it has no messages (no “mapping”)", skipped: true)
    }
    let nodes = outline.nodes
    let forest = try NodeForest(nodes, oddities: &oddities) { [messages] node throws(AnabranchError) in
      guard let place = nodes[node].message else { return nil }
      return try messages.time(at: place)
    }
    settleCurrent(&outline, forest)
    settleID(&outline, forest)
    outline.fields.verbatim = outline.verbatim.text()
    pending.append(.conversation(outline.fields))
    walk = MessageWalk(nodes, forest)
  }

  /// The message a person looked at last, or the nearest above it.
  private func settleCurrent(_ outline: inout ConversationOutline, _ forest: NodeForest) {
    guard let current = outline.fields.current else { return }
    var node = outline.nodes.firstIndex { $0.id.utf8.elementsEqual(current.utf8) }
    if node == nil {
      oddities.note(
        "missing-current", "the message looked at last (current_node) is not in it", skipped: false)
    }
    while let at = node, outline.nodes[at].message == nil { node = forest.parents[at] }
    outline.fields.current = node.map { outline.nodes[$0].id }
  }

  private func settleID(_ outline: inout ConversationOutline, _ forest: NodeForest) {
    if let id = outline.id, !id.isEmpty {
      outline.fields.id = id
      return
    }
    let base = ConversationNaming.derived(outline, forest) ?? "derived"
    var id = base
    var number = 2
    while !derivedNames.insert(id).inserted {
      id = "\(base)-\(number)"
      number += 1
    }
    outline.fields.id = id
    oddities.note("missing-id", "it has no id; one was made of its beginning", skipped: false)
  }

  private func endConversation() {
    walk = nil
    oddities.note(reader.repairs + messages.takeRepairs())
    reader.repairs = JSONRepairs()
    pending += oddities.takeWarnings(about: name).map(HistoryEvent.warning)
    if let ending { pending.append(.warning(ending)) }
    ending = nil
  }

  /// Keeps what was read of a conversation before the file broke off, if it is known which one it is: one
  /// without an id would come in a second time with the next, whole export.
  private func salvage(_ outline: ConversationOutline, after error: AnabranchError) throws(AnabranchError) {
    state = .done
    let warning = ImportWarning(
      code: "damaged",
      message:
        "the file is damaged or cut off, and nothing behind that place could be read: \(error.message)",
      skipped: true)
    if outline.id != nil && !outline.nodes.isEmpty {
      ending = warning
      try begin(outline)
    } else {
      pending.append(.warning(warning))
    }
  }

  private func warn(_ code: String, _ message: String) {
    pending.append(.warning(ImportWarning(code: code, message: message, skipped: true)))
  }
}
