import Anabranch
import Testing

@Suite("Several actions as one") struct AtomicityTests {
  private static let enough = AnabranchError(.invalid, "enough", remedy: "none")

  @Test("All of them are kept, and whoever watches hears of it once") func success() async throws {
    try await withDevices { laptop, phone, _ in
      var heard = laptop.changes.makeAsyncIterator()
      let chats = try await laptop.atomically { (laptop) throws(AnabranchError) in
        let chats = [try laptop.newConversation("One"), try laptop.newConversation("Two")]
        for chat in chats {
          let question = try laptop.say("Which one?", in: chat)
          try laptop.say("This one.", in: chat, as: .assistant, at: .after(question))
          try laptop.addTag("a tag", to: chat)
        }
        return chats
      }
      #expect(await heard.next()?.conversations == Set(chats))
      try await syncAll(laptop, phone)
      for chat in chats {
        let copy = try await phone.conversation(chat)
        #expect(copy.messages.map(\.text) == ["Which one?", "This one."])
        #expect(copy.messages[1].parents == [copy.messages[0].id] && copy.summary.tags == ["a tag"])
      }
    }
  }

  @Test("None is kept where one fails, though it is caught, and what comes next is written as if they had never been")
  func failure() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Before")
      try await laptop.say("Kept", in: chat)
      let before = try await laptop.status()
      let thrown = await #expect(throws: AnabranchError.self) {
        try await laptop.atomically { (laptop) throws(AnabranchError) in
          try laptop.say("Lost", in: chat)
          try laptop.setTitle("After", of: chat)
          throw Self.enough
        }
      }
      #expect(thrown?.code == .invalid && thrown?.message == "enough")
      await #expect(throws: AnabranchError.self) {
        try await laptop.atomically { (laptop) throws(AnabranchError) in
          try laptop.say("Lost", in: chat)
          _ = try? laptop.say("Nowhere", in: .imported(Bytes16(high: 1, low: 2)))
        }
      }
      let after = try await laptop.status()
      #expect(after.stateHash == before.stateHash && after.logHash == before.logHash)
      try await laptop.say("Also kept", in: chat)
      try await syncAll(laptop, phone)
      #expect(try await phone.messages(of: chat).map(\.text) == ["Kept", "Also kept"])
      #expect(try await phone.conversation(chat).summary.title == "Before")
      #expect(try await laptop.verify().isSound)
    }
  }
}
