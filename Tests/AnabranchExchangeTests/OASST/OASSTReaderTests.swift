import Anabranch
import AnabranchCore
import Testing

@testable import AnabranchExchange

@Suite struct OASSTReaderTests {
  private func read(_ text: String, windowBytes: Int = 256) throws -> Reading {
    try Reading(OASSTReader(MemorySource(Array(text.utf8)), windowBytes: windowBytes))
  }

  @Test(arguments: [1, 13, 1 << 16])
  func treesAreReadInAnyOrderOfKeys(windowBytes: Int) throws {
    let reading = try read(LineExports.trees, windowBytes: windowBytes)
    #expect(reading.warnings == [])
    #expect(reading.outline == ["p<", "r1<p", "q<r1", "r2<p+", "a<", "b<a"])
    #expect(
      reading.conversations.map(\.id) == ["t1", "t2"]
        && reading.conversations.allSatisfy { $0.source == "oasst" })
    #expect(reading.conversations[0].verbatim == #"{"tree_state":"ready"}"#)
    #expect(reading.messages.map(\.role) == [.user, .assistant, .user, .assistant, .user, .assistant])
    #expect(
      reading.messages[0].verbatim == #"{"lang":"en"}"# && reading.messages[3].verbatim == #"{"rank":1}"#)
    #expect(reading.messages[1].model == "m" && reading.messages[1].created == 1_675_635_884_500)
    #expect(reading.messages.map(\.text) == ["Why?", "So.", "And?", "Thus.", "A", "B"])
  }

  @Test func linesThatAreNoTreesAreLeftOut() throws {
    let text =
      "{\"message_tree_id\":\"x\",\"prompt\":{\n\n42\n{\"message_tree_id\":\"y\"}\n{\"prompt\":{\"text\":\"t\"}}\n"
      + LineExports.trees
    let reading = try read(text)
    #expect(reading.conversations.map(\.id) == ["t1", "t2"])
    #expect(
      reading.codes == Array(repeating: "damaged", count: 4) && reading.warnings.allSatisfy { $0.skipped })
    #expect(reading.warnings[0].message.hasPrefix("line 1 "))
  }

  @Test func cutOffAnywhereTheLinesBeforeStand() throws {
    let bytes = Array(LineExports.trees.utf8)
    let whole = try read(LineExports.trees)
    let firstLine = try #require(bytes.firstIndex(of: 0x0A))
    for length in 0..<bytes.count - 1 {
      let reading = try read(String(decoding: bytes[..<length], as: UTF8.self))
      #expect(reading.messages == Array(whole.messages.prefix(length < firstLine ? 0 : 4)))
      #expect(
        reading.codes == (length == 0 || length == firstLine || length == firstLine + 1 ? [] : ["damaged"]))
    }
  }

  @Test func messagesWithoutNamesGetThemFromTheirPlace() throws {
    let reading = try read(
      #"{"prompt":{"message_id":"p","text":"t","role":"prompter","replies":[{"text":"u","role":"ghost"},{"message_id":"p","text":null,"role":"assistant"},5]}}"#
    )
    #expect(reading.conversations.map(\.id) == ["p"])
    #expect(reading.outline == ["p<", "p/1<p", "p/2-p<p+"])
    #expect(Set(reading.codes) == ["not-a-message", "missing-id", "unknown-role", "missing-content"])
    #expect(reading.messages[1].verbatim == #"{"role":"ghost"}"#)
  }

  @Test func repliesToADamagedMessageFollowTheOneAbove() throws {
    let reply = #"{"message_id":"q","text":"t","role":"prompter","parent_id":"r"}"#
    let damaged = #"{"message_id":"r","labels":[tru],"replies":[\#(reply)]}"#
    let reading = try read(
      #"{"prompt":{"message_id":"p","text":"t","role":"prompter","replies":[\#(damaged)]}}"#)
    #expect(reading.outline == ["p<", "q<p"])
    #expect(reading.codes == ["damaged-message"] && reading.messages[1].verbatim == #"{"parent_id":"r"}"#)
  }

  @Test func deepTreesAreReadToTheLimit() throws {
    func chain(_ levels: Int) -> String {
      let opening = (0..<levels).map { #"{"message_id":"\#($0)","text":"x","role":"prompter","replies":["# }
        .joined()
      return #"{"message_tree_id":"t","prompt":\#(opening)\#(String(repeating: "]}", count: levels))}"#
    }
    #expect(try read(chain(255)).messages.count == 255)
    #expect(try read(chain(300)).codes == ["damaged"])
  }
}
