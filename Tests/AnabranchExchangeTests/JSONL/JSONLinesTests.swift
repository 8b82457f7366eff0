import Anabranch
import AnabranchCore
import SeededRandom
import Testing

@testable import AnabranchExchange

@Suite struct JSONLinesTests {
  private func read(_ text: String, windowBytes: Int = 256) throws -> Reading {
    try Reading(JSONLinesReader(MemorySource(Array(text.utf8)), windowBytes: windowBytes))
  }

  @Test func whatIsWrittenIsReadable() throws {
    var conversation = SourceConversation(source: "anabranch", id: "c")
    conversation.title = "T"
    conversation.tags = ["b", "a"]
    conversation.created = 0
    conversation.verbatim = #"{"k":1}"#
    var message = SourceMessage(id: "m", parents: [], role: .assistant, text: "hi")
    message.created = .max
    message.verbatim = "{ }"
    let text = try LineExports.text(of: [.conversation(conversation), .message(message)])
    #expect(
      text == #"""
        {"anabranch":1,"format":"history"}
        {"conversation":{"created":"1970-01-01T00:00:00.000Z","id":"c","source":"anabranch","tags":["b","a"],"title":"T","verbatim":{"k":1}}}
        {"message":{"conversation":"c","created":9223372036854775807,"id":"m","role":"assistant","text":"hi","verbatim":"{ }"}}
        {"end":{"conversations":1,"messages":1}}

        """#)
  }

  @Test func everyHistoryComesBackAsItWas() throws {
    var random = RandomStream(seed: 5)
    for _ in 0..<150 {
      let events = RandomHistory.events(&random)
      let text = try LineExports.text(of: events)
      let reading = try read(text, windowBytes: 1 + random.below(300))
      #expect(reading.events == events)
      // Swift's equality takes composed and decomposed letters for the same, so the bytes are compared too.
      let again = try LineExports.text(of: reading.events)
      #expect(Array(again.utf8) == Array(text.utf8))
    }
  }

  @Test func warningsAreNotWritten() throws {
    let warning = HistoryEvent.warning(ImportWarning(code: "x", message: "y", skipped: true))
    #expect(try LineExports.text(of: [warning]) == LineExports.text(of: []))
  }

  @Test func brokenLinesAreLeftOutAndTheOthersStand() throws {
    let lines = [
      #"{"anabranch":1}"#, #"{"message":{"id":"early","role":"user","text":""}}"#,
      #"{"conversation":{"id":"c"#,
      #"{"conversation":{"id":"c","source":"s","later":[1]}}"#,
      #"{"message":{"conversation":"c","id":"a","role":"role-9","text":"x"}}"#,
      #"{"message":{"conversation":"other","id":"b","role":"user","text":"x"}}"#,
      #"{"message":{"id":"b","parents":["a","gone","b"],"role":"user","text":"x"}}"#,
      #"{"message":{"id":"a","role":"user","text":"x"}}"#,
      #"{"message":{"id":"e","role":"king","text":"x"}}"#, #"{"future":1}"#,
      #"{"end":{"conversations":1,"messages":3}}"#,
    ]
    let reading = try read(lines.joined(separator: "\r\n"))
    #expect(
      reading.codes == [
        "missing-conversation", "damaged", "missing-conversation", "missing-parent", "duplicate-message",
        "damaged",
        "unknown-line", "incomplete",
      ])
    #expect(reading.outline == ["a<", "b<a"])
    #expect(reading.messages[0].role == Role(rawValue: 9))
    #expect(reading.warnings.allSatisfy { $0.skipped })
  }

  @Test func cutOffAnywhereItSaysSo() throws {
    let events = try Reading.chatGPT(Exports.rich).events
    let bytes = Array(try LineExports.text(of: events).utf8)
    for length in 0..<bytes.count - 1 {
      let reading = try read(String(decoding: bytes[..<length], as: UTF8.self))
      #expect(!reading.warnings.isEmpty, "cut at \(length)")
      #expect(reading.messages.allSatisfy { events.contains(.message($0)) })
    }
    #expect(try read(String(decoding: bytes.dropLast(), as: UTF8.self)).events == events)
  }

  @Test func aLaterFormatIsRefused() throws {
    let error = #expect(throws: AnabranchError.self) { try read(#"{"anabranch":2}"#) }
    #expect(error?.code == .newer)
  }

  @Test func verbatimTooDeepForALineIsKeptAsText() throws {
    for levels in [500, 503, 504, 505, 511] {
      var message = SourceMessage(id: "m", parents: [], role: .user, text: "")
      message.verbatim =
        String(repeating: #"{"a":"#, count: levels) + "1" + String(repeating: "}", count: levels)
      let events: [HistoryEvent] = [
        .conversation(SourceConversation(source: "s", id: "c")), .message(message),
      ]
      #expect(try read(LineExports.text(of: events)).events == events)
    }
  }
}
