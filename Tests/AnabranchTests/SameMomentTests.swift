import Anabranch
import AnabranchExchange
import Foundation
import Testing

@Suite("What is written in one millisecond")
struct SameMomentTests {
  /// Surroundings whose clock stands.
  private static func frozen(at wall: Int64) -> Surroundings {
    Surroundings(wall: { wall }, random: Surroundings.system.random, uptime: Surroundings.system.uptime)
  }

  @Test("Of lines begun at once the last goes on, and they read the same where they are imported", arguments: 0..<3)
  func branches(_: Int) async throws {
    try await withHomes(2) { homes in
      let laptop = try await Replica.create(
        at: homes[0], name: "Laptop", surroundings: Self.frozen(at: 1_790_000_000_000))
      let chat = try await laptop.newConversation("At once")
      let question = try await laptop.say("Question", in: chat)
      var answers = [try await laptop.say("Answer 0", in: chat, as: .assistant)]
      for number in 1..<6 {
        let answer = try await laptop.say("Answer \(number)", in: chat, as: .assistant, at: .branch(from: question))
        let next = try await laptop.say("And then?", in: chat)
        #expect(try await laptop.message(next).message.parents == [answer])
        answers += [answer, next]
      }
      let here = try await laptop.conversation(chat)
      #expect(here.messages.map(\.id) == [question] + answers)
      #expect(here.messages.allSatisfy { $0.created - 1_790_000_000_000 < 20 })

      let lines = Lines()
      var writer = JSONLinesWriter { lines.bytes += $0 }
      try await laptop.export(to: &writer)
      let file = homes[0].path + "/lines.jsonl"
      try Data(lines.bytes).write(to: URL(fileURLWithPath: file))
      let phone = try await Replica.create(at: homes[1], name: "Phone")
      _ = try await phone.importHistory(from: HistoryFile.open(file))
      let copy = try await phone.conversation(try #require(try await phone.conversations().first).id)
      #expect(copy.messages.map(\.text) == here.messages.map(\.text))
      try await laptop.close()
      try await phone.close()
    }
  }

  @Test("More lines than there are milliseconds in a second do not go back in time")
  func many() async throws {
    try await withHomes(1) { homes in
      let replica = try await Replica.create(
        at: homes[0], name: "Laptop", surroundings: Self.frozen(at: 1_790_000_000_000))
      let chat = try await replica.newConversation("Many")
      let question = try await replica.say("Question", in: chat)
      try await replica.atomically { replica throws(AnabranchError) in
        for _ in 0..<1_100 { try replica.say("Answer", in: chat, as: .assistant, at: .branch(from: question)) }
      }
      let dates = try await replica.conversation(chat).messages.map(\.created)
      #expect(dates == dates.sorted() && dates.last == 1_790_000_001_000)
      try await replica.close()
    }
  }

  @Test("What another clock dates far ahead does not take later messages along")
  func farAhead() async throws {
    try await withHomes(1) { homes in
      let ahead = try await Replica.create(
        at: homes[0], name: "Ahead", surroundings: Self.frozen(at: 1_790_000_060_000))
      let chat = try await ahead.newConversation("A minute ahead")
      let question = try await ahead.say("Question", in: chat)
      try await ahead.say("Answer", in: chat, as: .assistant)
      try await ahead.close()
      let now = try await Replica.open(at: homes[0], surroundings: Self.frozen(at: 1_790_000_000_000))
      let branch = try await now.say("Again", in: chat, as: .assistant, at: .branch(from: question))
      #expect(try await now.message(branch).message.created == 1_790_000_000_000)
      try await now.close()
    }
  }
}
