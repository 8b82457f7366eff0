import Anabranch
import AnabranchCore
import Testing

@testable import AnabranchExchange

@Suite struct MarkdownWriterTests {
  private func write(_ events: [HistoryEvent]) throws -> String {
    var bytes: [UInt8] = []
    var writer = MarkdownWriter { bytes += $0 }
    for event in events { try writer.write(event) }
    try writer.finish()
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func notesStandBeforeTheMessages() throws {
    var conversation = SourceConversation(source: "anabranch", id: "c")
    conversation.title = "Trip"
    conversation.notes = "Pack\u{202E} this:\n```\nsocks"
    conversation.draft = "not for others"
    let message = SourceMessage(id: "m", parents: [], role: .user, text: "hello")
    let text = try write([.conversation(conversation), .message(message)])
    #expect(text.hasPrefix("# Trip\n\n- From: anabranch `c`\n\n## Notes\n\nPack"))
    #expect(text.contains("\n```\nsocks\n```\n\n## user\n\nhello\n"))
    #expect(!text.contains("\u{202E}") && !text.contains("not for others"))
  }

  @Test func aBranchedConversationReads() throws {
    let text = try write(Reading.chatGPT(Exports.rich).events)
    #expect(
      text == """
        # Rivers

        - From: chatgpt `c1`
        - Created: 2023-11-14T22:13:20.500Z
        - Updated: 2023-11-14T22:13:29.000Z
        - State: archived
        - Last looked at: `c`

        ## tool (browser), m-1

        ```
        print(1)
        ```

        ## user · 2023-11-14T22:13:21.000Z

        one "quoted"

        ## assistant · 2023-11-14T22:13:22.123Z

        Grüße, 世界

        ## assistant · 2023-11-14T22:13:23.250Z

        *Branch: another line after `b`; this is `d`*

        two
        \u{FFFD}😀

        """)
  }

  @Test func nothingSwallowsWhatFollows() throws {
    var conversation = SourceConversation(source: "s", id: "c")
    conversation.title = "two\nlines\u{1B}[31m"
    let text = try write([
      .conversation(conversation),
      .message(SourceMessage(id: "a", parents: [], role: .user, text: "````swift\n```\nopen")),
      .message(SourceMessage(id: "b", parents: ["a"], role: .tool, text: "a ```` b")),
      .message(SourceMessage(id: "c", parents: ["a", "b"], role: .user, text: "both")),
      .conversation(conversation),
    ])
    #expect(text.hasPrefix("# two lines [31m\n"))
    #expect(text.contains("```\nopen\n````\n"))
    #expect(text.contains("`````\na ```` b\n`````\n"))
    #expect(text.contains("*Rejoins `a` and `b`; this is `c`*"))
    #expect(text.contains("\n---\n\n# two lines"))
  }

  @Test func nothingDoesSomethingToATerminal() throws {
    var conversation = SourceConversation(source: "s\u{1B}", id: "c\u{7}")
    conversation.title = "\u{202E}title"
    let evil = "a\u{1B}]0;x\u{7}b\u{9B}1m \u{2066}c\r\nd\re\tf"
    var message = SourceMessage(id: "a", parents: [], role: .user, text: evil)
    message.author = "\u{1B}[2J"
    let text = try write([
      .conversation(conversation), .message(message),
      .message(SourceMessage(id: "b\u{8}", parents: ["a"], role: .tool, text: evil)),
    ])
    #expect(text.ranges(of: "a\u{FFFD}]0;x\u{FFFD}b\u{FFFD}1m \u{FFFD}c\nd\ne\tf").count == 2)
    let isHarmless = text.unicodeScalars.allSatisfy { scalar in
      scalar == "\n" || scalar == "\t" || scalar.properties.generalCategory != .control
    }
    #expect(isHarmless && !text.unicodeScalars.contains("\u{202E}") && !text.unicodeScalars.contains("\u{2066}"))
  }
}
