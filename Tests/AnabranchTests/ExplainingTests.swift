import Anabranch
import Testing

/// What was done to one thing about a conversation, and what became of it.
@Suite struct ExplainingTests {
  @Test func whatPeopleWriteGoesBeforeWhatAnImportSays() async throws {
    try await withDevices { laptop, _, _ in
      _ = try await laptop.importHistory(from: Events(UndoSamples.export(1)))
      let id = try #require(try await laptop.visible().first { $0.title == "Conversation 0.1" }).id
      let imported = try await laptop.contenders(for: .title, of: id)
      #expect(imported.map(\.value) == ["Conversation 0.1"] && imported.map(\.fate) == [.stands])
      #expect(imported.map(\.kind) == [.importConversation])
      try await laptop.setTitle("Mine", of: id)
      let both = try await laptop.contenders(for: .title, of: id)
      #expect(both.map(\.value) == ["Mine", "Conversation 0.1"])
      #expect(both.map(\.fate) == [.stands, .yields(to: both[0].operation)])
      #expect(both[1].decidedBy == both[0].action)
      let undo = try await laptop.undoLast()
      let after = try await laptop.contenders(for: .title, of: id)
      #expect(after.map(\.value) == ["Conversation 0.1", "Mine"])
      guard case .withdrawn = after[1].fate else { return #expect(Bool(false), "\(after[1])") }
      #expect(after[1].decidedBy?.actionName == undo.undo)
    }
  }

  @Test func eachFieldIsExplainedByItself() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      try await laptop.setField("state", to: "open", of: chat)
      try await laptop.setField("city", to: "Lisbon", of: chat)
      try await syncAll(laptop, phone)
      try await laptop.setField("state", to: nil, of: chat)
      try await phone.setField("state", to: "done", of: chat)
      try await syncAll(laptop, phone)
      for device in [laptop, phone] {
        let states = try await device.contenders(for: .field("state"), of: chat)
        #expect(Set(states.map(\.value)) == [nil, "done", "open"])
        // Both may have been written within one millisecond.
        let isOutranked = states.contains { state in
          [.time, .log].contains { state.fate == .outranked(by: states[0].operation, $0) }
        }
        #expect(isOutranked)
        #expect(states.last?.value == "open", "what was replaced comes last")
        #expect(try await device.contenders(for: .field("city"), of: chat).map(\.value) == ["Lisbon"])
        #expect(try await device.contenders(for: .field("nothing"), of: chat).isEmpty)
      }
    }
  }
}
