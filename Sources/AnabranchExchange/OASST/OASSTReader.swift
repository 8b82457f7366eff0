internal import Anabranch

/// Reads OASST message trees, one JSON object a line.
///
/// A line that is no tree is told of and left out; the others are not affected. Of a tree its structure is
/// held, and one message.
final class OASSTReader: HistoryReader {
  /// What conversations from here name as their source.
  static let source = "oasst"

  private let lines: LineScanner
  private let reader: JSONReader
  private let total: Int64
  private var done: Int64 = 0
  private var lineNumber = 0
  private var pending: [HistoryEvent] = []
  private var tree: TreeOutline?
  private var position = 0
  private var ids: [String?] = []
  private var seen: Set<ExactName> = []
  private var hasAnswer: Set<Int> = []
  private var oddities = Oddities()

  /// Reads `source`.
  init(_ source: any ByteSource, windowBytes: Int = JSONReader.windowBytesDefault) {
    self.lines = LineScanner(source, windowBytes: windowBytes)
    self.reader = JSONReader(source, windowBytes: windowBytes)
    self.total = source.count
  }

  var progress: WorkProgress { WorkProgress(done: done, total: total) }

  func next() throws(AnabranchError) -> HistoryEvent? {
    while true {
      if !pending.isEmpty { return pending.removeFirst() }
      if let tree {
        if let message = try nextMessage(of: tree) { return .message(message) }
        endTree()
      } else {
        guard let line = try lines.next() else {
          done = total
          return nil
        }
        lineNumber += 1
        done = line.lowerBound
        try readTree(line)
      }
    }
  }

  private func readTree(_ line: Range<Int64>) throws(AnabranchError) {
    do {
      reader.seek(to: line)
      if line.lowerBound == 0 { try reader.skipByteOrderMark() }
      guard try reader.kind() != nil else { return }
      let outline = try TreeOutline.read(reader, oddities: &oddities)
      try reader.end()
      guard let prompt = outline.nodes.first else {
        leaveOut("it has no “prompt”")
        return
      }
      try begin(outline, prompt)
    } catch  where error.code == .format {
      leaveOut(error.message)
    }
  }

  private func begin(_ outline: TreeOutline, _ prompt: TreeOutline.Node) throws(AnabranchError) {
    var id = outline.id ?? ""
    if id.isEmpty {
      var ignored = Oddities()
      id = try TreeMessageReader(reader: reader).message(prompt, above: nil, oddities: &ignored).id
    }
    guard !id.isEmpty else {
      leaveOut("neither the tree nor its prompt has an id")
      return
    }
    var conversation = SourceConversation(source: Self.source, id: id)
    conversation.verbatim = outline.verbatim.text()
    pending.append(.conversation(conversation))
    tree = outline
    position = 0
    ids = []
    seen = []
    hasAnswer = []
  }

  private func nextMessage(of tree: TreeOutline) throws(AnabranchError) -> SourceMessage? {
    while position < tree.nodes.count {
      let node = tree.nodes[position]
      defer { position += 1 }
      let above = nearestRead(above: node, tree)
      do {
        var message = try TreeMessageReader(reader: reader)
          .message(node, above: above.flatMap { ids[$0] }, oddities: &oddities)
        name(&message, above.flatMap { ids[$0] })
        ids.append(message.id)
        message.parents = above.flatMap { ids[$0] }.map { [$0] } ?? []
        message.startsLine = !hasAnswer.insert(above ?? -1).inserted
        return message
      } catch  where error.code == .format {
        ids.append(nil)
        oddities.note(
          "damaged-message", "a message cannot be read and was left out (\(error.message))", skipped: true)
      }
    }
    return nil
  }

  /// The nearest message above `node` that was announced; nil if there is none.
  private func nearestRead(above node: TreeOutline.Node, _ tree: TreeOutline) -> Int? {
    var parent = node.parent
    while let at = parent, ids[at] == nil { parent = tree.nodes[at].parent }
    return parent
  }

  /// Gives a message without an id, or with one that is taken, one of its place in the tree.
  private func name(_ message: inout SourceMessage, _ above: String?) {
    if !message.id.isEmpty && seen.insert(ExactName(message.id)).inserted { return }
    oddities.note("missing-id", "a message has no id of its own; one was made of its place", skipped: false)
    repeat {
      message.id = "\(above ?? "")/\(position)\(message.id.isEmpty ? "" : "-" + message.id)"
    } while !seen.insert(ExactName(message.id)).inserted
  }

  private func endTree() {
    tree = nil
    oddities.note(reader.repairs)
    reader.repairs = JSONRepairs()
    pending += oddities.takeWarnings(about: "the tree in line \(lineNumber)").map(HistoryEvent.warning)
  }

  private func leaveOut(_ reason: String) {
    _ = oddities.takeWarnings(about: "")
    let message = "line \(lineNumber) is not a whole message tree and was left out: \(reason)"
    pending.append(.warning(ImportWarning(code: "damaged", message: message, skipped: true)))
  }
}
