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

  @Test func aChangeIsExplainedByTheValuesThatItWrote() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      try await laptop.setField("city", to: "Lisbon", of: chat)
      try await laptop.addTag("travel", to: chat)
      try await syncAll(laptop, phone)
      try await laptop.removeTag("travel", from: chat)
      try await laptop.delete(chat)
      try await laptop.restore(chat)
      let hello = try await laptop.say("Hello", in: chat)
      let said = try #require(try await laptop.graph(limit: 1).nodes.first).id
      _ = try await laptop.undoLast()
      let written = try await laptop.graph(limit: 100).nodes.reversed().map(\.id)
      var facets: [Facet] = []
      for change in written {
        for explanation in try await laptop.explanations(of: change, limit: 20) {
          let object = explanation.facet == .message ? hello : chat
          #expect(explanation.object == object)
          facets.append(explanation.facet)
          #expect(try await explanation.contenders == laptop.contenders(for: explanation.facet, of: object))
          #expect(explanation.contenders.contains { $0.operation.change == change })
        }
        #expect(try await laptop.explanations(of: change, limit: 0).isEmpty)
      }
      #expect(facets == [.title, .field("city"), .tag("travel"), .tag("travel"), .trash, .trash, .message, .message])
      // What said it, and what took that back.
      #expect(try await laptop.contenders(for: .message, of: hello).map(\.kind) == [.withdraw, .createMessage])
      let other = ChangeID(log: written[0].log, sequence: 1_000)
      #expect(try await laptop.explanations(of: other, limit: 20).isEmpty)
      // Of what is gone for good, there is nothing to be said but that.
      try await laptop.purge(chat)
      var purges: [Explanation] = []
      for change in written where change < said { purges += try await laptop.explanations(of: change, limit: 20) }
      #expect(purges.map(\.facet) == Array(repeating: .purge, count: 6) && purges.allSatisfy { $0.object == chat })
      #expect(purges.allSatisfy { $0.contenders.map(\.kind) == [.purge] })
      let gone = try await laptop.explanations(of: said, limit: 20)
      #expect(gone.map(\.object) == [hello] && gone[0].contenders.map(\.kind) == [.purge, .createMessage])
    }
  }

  /// Lists of changes and of actions go by this device's clock as to what has not come yet.
  @Test func whatIsFromTheFutureIsNotTheLatest() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Trip")
      try await syncAll(laptop, phone, desktop)
      try await laptop.setTitle("Of today", of: chat)
      let today = try #require(try await laptop.graph(limit: 1).nodes.first)
      try await Task.sleep(for: .milliseconds(20))
      try await phone.setTitle("From the future", of: chat)
      try await syncAll(laptop, phone, desktop)
      // As of five minutes, which clocks may be apart, before that of today.
      let wall = today.time.milliseconds - 300_000
      let reader = try await Replica.read(
        at: laptop.home,
        surroundings: Surroundings(
          wall: { wall }, random: Surroundings.system.random, uptime: Surroundings.system.uptime))
      #expect(try await reader.graph(limit: 1).nodes.map(\.id) == [today.id])
      #expect(try await reader.actions(limit: 1).actions.map(\.first) == [today.id])
      #expect(try await laptop.graph(limit: 1).nodes.map(\.id) != [today.id])
      try await reader.close()
    }
  }
}
