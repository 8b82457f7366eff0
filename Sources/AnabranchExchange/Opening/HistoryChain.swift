internal import Anabranch

/// Several histories read one after the other, each opened when its turn comes.
final class HistoryChain: HistoryReader {
  /// One of them.
  struct Part {
    /// How a warning names it.
    var name: String
    /// Its length in bytes.
    var bytes: Int64
    /// Opens it.
    var open: () throws(AnabranchError) -> any HistoryReader
  }

  private let parts: [Part]
  private var pending: [HistoryEvent]
  private var position = 0
  private var current: (any HistoryReader)?
  private var passed: Int64 = 0
  private let total: Int64
  private let files: CollectionFiles
  /// Files beside the parts that are neither text nor histories, until they were told of.
  private var others: [CollectionItem]

  /// First these warnings, then these parts, whose messages refer to `files`; then a word on those of `others` that none
  /// refers to.
  init(_ parts: [Part], warnings: [ImportWarning], files: CollectionFiles, others: [CollectionItem]) {
    self.parts = parts
    self.pending = warnings.map(HistoryEvent.warning)
    self.files = files
    self.others = others
    self.total = parts.reduce(0) { $0 &+ $1.bytes }
  }

  var progress: WorkProgress {
    WorkProgress(done: min(total, passed &+ (current?.progress.done ?? 0)), total: total)
  }

  /// The next step. A part that cannot be opened is told of and left out, unless it is the only one.
  func next() throws -> HistoryEvent? {
    while true {
      if !pending.isEmpty { return pending.removeFirst() }
      if let reader = current {
        if let event = try reader.next() {
          if case .message(let message) = event { for file in message.attachments { files.refer(to: file) } }
          return event
        }
        passed = passed &+ parts[position].bytes
        position += 1
        current = nil
      } else if position < parts.count {
        try openNext()
      } else {
        guard let warning = unreferenced() else { return nil }
        return .warning(warning)
      }
    }
  }

  func open(_ file: SourceAttachment) throws -> (any AttachmentSource)? {
    try files.open(file)
  }

  /// A word on the files that no message refers to, once.
  private func unreferenced() -> ImportWarning? {
    let count = files.unreferenced(of: others)
    others = []
    guard count > 0 else { return nil }
    return ImportWarning(
      code: "unreferenced-files",
      message:
        "\(count) files of the export belong to no message that was read, and were not imported; keep the export",
      skipped: true)
  }

  private func openNext() throws(AnabranchError) {
    do {
      current = try parts[position].open()
    } catch  where error.code == .format && parts.count > 1 {
      let message = "\(parts[position].name) was left out: \(error.message)"
      pending.append(.warning(ImportWarning(code: "damaged", message: message, skipped: true)))
      passed = passed &+ parts[position].bytes
      position += 1
    }
  }
}
