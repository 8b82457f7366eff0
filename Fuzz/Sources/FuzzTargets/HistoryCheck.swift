internal import Anabranch

/// Reads a history to its end and holds the reader to what every reader promises.
struct HistoryCheck {
  private let reader: any HistoryReader
  /// Parents need not have been announced within anything else than their conversation.
  private var announced: Set<[UInt8]> = []
  private var hasConversation = false

  init(_ reader: any HistoryReader) {
    self.reader = reader
  }

  /// All its steps. Rethrows what the reader throws.
  mutating func read() throws -> [HistoryEvent] {
    var events: [HistoryEvent] = []
    while let event = try reader.next() {
      events.append(event)
      switch event {
      case .conversation:
        announced = []
        hasConversation = true
      case .message(let message):
        try take(message)
      case .warning(let warning):
        try BrokenPromise.unless(!warning.code.isEmpty && !warning.message.isEmpty, "a warning says what was wrong")
      }
      try BrokenPromise.unless(reader.progress.done <= reader.progress.total, "no more is read than there is")
    }
    try BrokenPromise.unless(try reader.next() == nil, "after the end comes nothing")
    try BrokenPromise.unless(reader.progress.done == reader.progress.total, "at the end all is read")
    return events
  }

  private mutating func take(_ message: SourceMessage) throws {
    try BrokenPromise.unless(hasConversation, "a message has a conversation")
    for parent in message.parents {
      try BrokenPromise.unless(announced.contains(Array(parent.utf8)), "parents come before their children")
    }
    try BrokenPromise.unless(announced.insert(Array(message.id.utf8)).inserted, "a message comes once")
    for file in message.attachments {
      guard var source = try? reader.open(file) else { continue }
      while let piece = try? source.read(), !piece.isEmpty {}
    }
  }
}
