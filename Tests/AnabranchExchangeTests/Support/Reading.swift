import Anabranch
import Testing

@testable import AnabranchExchange

/// Everything a reader had to say, taken apart.
struct Reading: Equatable {
  var events: [HistoryEvent] = []

  /// Reads to the end, and checks what every reader promises: messages after their conversation, parents
  /// announced before, ids unique; and, where every branch was meant, siblings but the first starting lines.
  /// Our own export has others, written by two devices that did not know of each other.
  init(_ reader: any HistoryReader) throws {
    var announced: Set<[UInt8]> = []
    var answered: Set<[String]> = []
    var hasConversation = false
    while let event = try reader.next() {
      events.append(event)
      switch event {
      case .conversation:
        announced = []
        answered = []
        hasConversation = true
      case .message(let message):
        #expect(hasConversation)
        for parent in message.parents { #expect(announced.contains(Array(parent.utf8))) }
        #expect(announced.insert(Array(message.id.utf8)).inserted)
        if !(reader is JSONLinesReader) {
          #expect(message.startsLine != answered.insert(message.parents).inserted)
        }
      case .warning(let warning):
        #expect(!warning.code.isEmpty && !warning.message.isEmpty)
      }
    }
    #expect(try reader.next() == nil)
    #expect(reader.progress.done == reader.progress.total)
  }

  /// Reads a ChatGPT export of these conversations.
  static func chatGPT(_ json: String, layout: ChatGPTReader.Layout = .list) throws -> Reading {
    try Reading(ChatGPTReader(MemorySource(Array(json.utf8)), layout: layout))
  }

  var conversations: [SourceConversation] {
    events.compactMap { if case .conversation(let value) = $0 { value } else { nil } }
  }
  var messages: [SourceMessage] {
    events.compactMap { if case .message(let value) = $0 { value } else { nil } }
  }
  var warnings: [ImportWarning] {
    events.compactMap { if case .warning(let value) = $0 { value } else { nil } }
  }
  var codes: [String] { warnings.map(\.code) }

  /// The messages as `id<parent`, with a `+` where a line starts.
  var outline: [String] {
    messages.map { "\($0.id)<\($0.parents.joined(separator: ","))\($0.startsLine ? "+" : "")" }
  }
}
