import Anabranch
import Foundation
import Testing

/// A branch of a conversation as a model reads it.
@Suite struct ContextTests {
  /// A token a word, and none beside them: so that budgets can be counted by hand.
  private struct Words: TokenCounter {
    let tokensPerMessage = 0

    func count(_ text: String) -> Int {
      text.split(whereSeparator: \.isWhitespace).count
    }
  }

  /// Words that a note of what was left out takes.
  private static let noteWords = 8

  private static func words(_ count: Int, _ word: String = "word") -> String {
    Array(repeating: word, count: count).joined(separator: " ")
  }

  @Test func theNewestMessagesFitTheBudget() async throws {
    try await withDevices { laptop, _, _ in
      let chat = try await laptop.newConversation("Long")
      let system = try await laptop.say("be brief", in: chat, as: .system)
      var messages: [ObjectID] = []
      for number in 0..<10 {
        messages.append(
          try await laptop.say(Self.words(10), in: chat, as: number.isMultiple(of: 2) ? .user : .assistant))
      }
      let all = try await laptop.context(of: chat, counter: Words())
      #expect(all.messages.map(\.id) == [system] + messages)
      #expect(all.tokens == 102 && all.omitted == 0 && all.note == nil && all.title == "Long")

      let exact = try await laptop.context(of: chat, budget: 102, counter: Words())
      #expect(exact == all)
      let some = try await laptop.context(of: chat, budget: 2 + 30 + Self.noteWords, counter: Words())
      #expect(some.messages.map(\.id) == [system] + messages.suffix(3))
      #expect(some.omitted == 7 && some.omittedTokens == 70 && some.tokens == 2 + 30 + Self.noteWords)
      #expect(some.note == "[7 earlier messages, about 70 tokens, left out]" && some.noteIndex == 1)
      let less = try await laptop.context(of: chat, budget: 2 + 29 + Self.noteWords, counter: Words())
      #expect(less.messages.map(\.id) == [system] + messages.suffix(2))

      try await laptop.setPinned(true, of: messages[1])
      #expect(try await laptop.message(messages[1]).message.isPinned)
      let pinned = try await laptop.context(of: chat, budget: 2 + 30 + Self.noteWords, counter: Words())
      #expect(pinned.messages.map(\.id) == [system, messages[1]] + messages.suffix(2) && pinned.noteIndex == 2)
      #expect(pinned.messages.map(\.isKept) == [true, true, false, false])
      await #expect { _ = try await laptop.context(of: chat, budget: 19, counter: Words()) } throws: {
        ($0 as? AnabranchError)?.code == .invalid
      }
      for budget in 21...110 {
        let context = try await laptop.context(of: chat, budget: budget, counter: Words())
        #expect(context.tokens <= budget)
        let words = context.messages.reduce(0) { $0 + $1.text.split(separator: " ").count }
        #expect(context.tokens == words + (context.note == nil ? 0 : Self.noteWords))
      }
    }
  }

  @Test func aMessageThatIsTooLongIsCut() async throws {
    try await withDevices { laptop, _, _ in
      let chat = try await laptop.newConversation()
      try await laptop.say("first", in: chat)
      let pasted = try await laptop.say((0..<100).map { "w\($0)" }.joined(separator: " "), in: chat)
      let context = try await laptop.context(of: chat, budget: 20, counter: Words())
      let message = try #require(context.messages.first)
      #expect(context.messages.count == 1 && message.id == pasted && message.isCut)
      #expect(message.text.hasPrefix("[…] ") && message.text.hasSuffix(" w98 w99"))
      #expect(context.tokens <= 20 && context.omitted == 1 && context.noteIndex == 0)
    }
  }

  @Test func itReadsOneBranchToItsTip() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation()
      let question = try await laptop.say("question", in: chat)
      let answer = try await laptop.say("answer", in: chat, as: .assistant)
      let other = try await laptop.say("another answer", in: chat, as: .assistant, at: .branch(from: question))
      #expect(try await laptop.context(of: chat).messages.map(\.id) == [question, other])
      #expect(try await laptop.context(of: chat, tip: answer).messages.map(\.id) == [question, answer])
      #expect(try await laptop.context(of: chat, tip: question).messages.map(\.id) == [question])

      try await syncAll(laptop, phone)
      let mine = try await laptop.say("mine", in: chat)
      let theirs = try await phone.say("theirs", in: chat)
      try await syncAll(laptop, phone)
      let merged = try await laptop.context(of: chat)
      #expect(Set(merged.tips) == [mine, theirs] && merged.messages.count == 4)
      #expect(try await phone.context(of: chat) == merged)

      try await laptop.purge(theirs)
      let without = try await laptop.context(of: chat)
      #expect(without.messages.map(\.id) == [question, other, mine] && without.absent == 1)
      let elsewhere = try await laptop.say("x", in: laptop.newConversation())
      await #expect(throws: AnabranchError.self) { try await laptop.context(of: chat, tip: elsewhere) }
    }
  }

  @Test(arguments: [
    ("", 0), ("a", 1), ("internationalisation", 4), ("1234", 4), ("東京都", 2), ("\n\n\n", 2), ("привет", 3), ("🎉", 2),
  ])
  func anEstimateIsWhatTheDocumentSays(text: String, tokens: Int) {
    #expect(EstimatedTokens().count(text) == tokens)
  }
}
