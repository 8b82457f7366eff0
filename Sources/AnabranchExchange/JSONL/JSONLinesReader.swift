internal import Anabranch

/// Reads our own export back: see ``JSONLinesFormat``.
///
/// A line that cannot be read is told of and left out. It holds one message, and the names of those of the
/// conversation it is in, because no message may be passed on before its parents.
final class JSONLinesReader: HistoryReader {
  private let lines: LineScanner
  private let reader: JSONReader
  private let total: Int64
  private var done: Int64 = 0
  private var lineNumber = 0
  private var conversation: String?
  private var announced: Set<ExactName> = []
  private var conversations: Int64 = 0
  private var messages: Int64 = 0
  private var hasEnded = false
  private var pending: [HistoryEvent] = []
  private let files: CollectionFiles?

  /// Reads `source`, whose messages refer to `files`.
  init(
    _ source: any ByteSource, files: CollectionFiles? = nil, windowBytes: Int = JSONReader.windowBytesDefault
  ) {
    self.files = files
    self.lines = LineScanner(source, windowBytes: windowBytes)
    self.reader = JSONReader(source, windowBytes: windowBytes)
    self.total = source.count
  }

  var progress: WorkProgress { WorkProgress(done: done, total: total) }

  func next() throws(AnabranchError) -> HistoryEvent? {
    while pending.isEmpty {
      guard let line = try lines.next() else {
        finish()
        done = total
        break
      }
      lineNumber += 1
      done = line.lowerBound
      do {
        reader.seek(to: line)
        if line.lowerBound == 0 { try reader.skipByteOrderMark() }
        guard try reader.kind() != nil else { continue }
        try take(JSONLinesRecord.read(reader))
      } catch  where error.code == .format {
        warn("damaged", "cannot be read and was left out: \(error.message)", skipped: true)
      }
      reportRepairs()
    }
    return pending.isEmpty ? nil : pending.removeFirst()
  }

  func open(_ file: SourceAttachment) throws -> (any AttachmentSource)? {
    try files?.open(file)
  }

  private func take(_ record: JSONLinesRecord) throws(AnabranchError) {
    switch record {
    case .header(let version):
      guard version <= JSONLinesFormat.version else {
        throw AnabranchError(
          .newer, "the export is of format \(version); this version reads up to \(JSONLinesFormat.version)",
          remedy: "install a newer version of anabranch")
      }
    case .conversation(let value):
      conversations += 1
      conversation = value.id
      announced = []
      pending.append(.conversation(value))
    case .message(let value, let name): take(value, name)
    case .end(let conversations, let messages):
      hasEnded = true
      if conversations != self.conversations || messages != self.messages {
        warn("incomplete", "counts other conversations and messages than could be read", skipped: true)
      }
    case .unknown(let kind):
      warn("unknown-line", "holds \(kind), which this version does not know, and was left out", skipped: true)
    }
  }

  private func take(_ message: SourceMessage, _ name: String?) {
    guard let conversation, name.map({ $0.utf8.elementsEqual(conversation.utf8) }) ?? true else {
      warn(
        "missing-conversation", "belongs to a conversation that does not stand before it, and was left out",
        skipped: true)
      return
    }
    guard announced.insert(ExactName(message.id)).inserted else {
      warn("duplicate-message", "repeats the id of another message, and was left out", skipped: true)
      return
    }
    var message = message
    let own = ExactName(message.id)
    let known = message.parents.filter { ExactName($0) != own && announced.contains(ExactName($0)) }
    if known.count < message.parents.count {
      warn(
        "missing-parent", "answers a message that does not stand before it; that tie was left out",
        skipped: true)
      message.parents = known
    }
    messages += 1
    pending.append(.message(message))
  }

  private func finish() {
    if hasEnded { return }
    hasEnded = true
    pending.append(
      .warning(
        ImportWarning(
          code: "cut-off", message: "the export has no last line, so it was cut off; what there is was read",
          skipped: true)))
  }

  private func reportRepairs() {
    guard !reader.repairs.isEmpty else { return }
    var oddities = Oddities()
    oddities.note(reader.repairs)
    reader.repairs = JSONRepairs()
    pending += oddities.takeWarnings(about: "line \(lineNumber)").map(HistoryEvent.warning)
  }

  private func warn(_ code: String, _ what: String, skipped: Bool) {
    pending.append(
      .warning(ImportWarning(code: code, message: "line \(lineNumber) \(what)", skipped: skipped)))
  }
}
