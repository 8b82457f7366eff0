import Anabranch
import AnabranchExchange
import Foundation
import Testing

@Suite struct ContextFormatTests {
  private static func context(_ messages: [(Role, String)], note: String? = nil, at index: Int = 0) -> ModelContext {
    var context = ModelContext(
      conversation: .imported(Bytes16(high: 0, low: 1)), title: "A \"title\"\nin two", tips: [],
      messages: messages.map {
        ModelContext.Message(
          id: .imported(Bytes16(high: 0, low: 2)), role: $0.0, author: $0.0 == .tool ? "web" : nil, text: $0.1,
          tokens: 1)
      }, tokens: 1)
    (context.note, context.noteIndex) = (note, index)
    return context
  }

  private static let talk = context(
    [
      (.system, "Be \"brief\"."), (.assistant, "Yes?"), (.user, "One\ntwo"), (.tool, "{}"), (.assistant, "Done 🎉"),
    ], note: "[2 left out]", at: 1)

  @Test func openAITurnsStandAsTheyAre() {
    #expect(
      ContextFormat.openai.text(of: Self.talk) == #"{"messages":[{"role":"system","content":"Be \"brief\"."},"#
        + #"{"role":"system","content":"[2 left out]"},{"role":"assistant","content":"Yes?"},"#
        + #"{"role":"user","content":"One\ntwo"},{"role":"user","content":"[tool web]\n{}"},"#
        + #"{"role":"assistant","content":"Done 🎉"}]}"#)
  }

  @Test func anthropicTurnsAlternateAndAPersonBegins() throws {
    let text = ContextFormat.anthropic.text(of: Self.talk)
    #expect(
      text == #"{"messages":[{"role":"user","content":"[…]"},{"role":"assistant","content":"Yes?"},"#
        + #"{"role":"user","content":"One\ntwo\n\n[tool web]\n{}"},{"role":"assistant","content":"Done 🎉"}],"#
        + #""system":"Be \"brief\".\n\n[2 left out]"}"#)
    #expect(ContextFormat.anthropic.text(of: Self.context([])) == #"{"messages":[]}"#)
    #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
  }

  @Test func markdownHasAHeadingEach() {
    let text = ContextFormat.markdown.text(of: Self.talk)
    #expect(
      text.hasPrefix("# A \"title\" in two\n\n## system\n\nBe \"brief\".\n\n*[2 left out]*\n\n## assistant\n\nYes?\n"))
    #expect(text.hasSuffix("## tool (web)\n\n{}\n\n## assistant\n\nDone 🎉\n"))
    let last = Self.context([(.user, "x")], note: "[n]", at: 1)
    #expect(ContextFormat.markdown.text(of: last).hasSuffix("x\n\n*[n]*\n"))
  }
}
