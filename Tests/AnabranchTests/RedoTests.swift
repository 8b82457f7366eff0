import Anabranch
import Testing

/// Undos that are undone, here and elsewhere, and undone again.
@Suite struct RedoTests {
  /// What brings something on a message back counts as done to it, whatever that was, and by whomever first.
  @Test func whatIsDoneAgainMeanwhileBringsAMessageBackInAnyOrder() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Trip")
      let message = try await laptop.say("Which way?", in: chat)
      let asked = try await laptop.last()
      try await syncAll(laptop, phone, desktop)
      try await phone.setPinned(true, of: message)
      try await phone.undoLast()
      let unpinned = try await phone.last()
      try await syncAll(laptop, phone, desktop)
      // The pin comes back in two places at once, and one of them has seen that of the other when the message goes.
      try await phone.undo(unpinned)
      try await laptop.undo(asked)
      try await desktop.undo(unpinned)
      try await syncAll(laptop, desktop)
      try await syncAll(phone, desktop)
      try await syncAll(laptop, phone, desktop)
      for device in [laptop, phone, desktop] {
        #expect(try await device.messages(of: chat).map(\.text) == ["Which way?"])
        #expect(try await device.verify().faults == [])
      }
    }
  }

  /// The same where two devices bring it back without knowing of each other, and a third undo has seen one of them.
  @Test func aSecondOneThatBringsItBackCountsThoughTheFirstDid() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Trip")
      let message = try await laptop.say("Which way?", in: chat)
      let asked = try await laptop.last()
      try await laptop.setPinned(true, of: message)
      try await laptop.undoLast()
      let unpinned = try await laptop.last()
      try await syncAll(laptop, phone, desktop)
      try await laptop.undo(unpinned)
      try await phone.undo(unpinned)
      try await laptop.undo(asked)
      // The desktop gets them in another order than the laptop.
      try await syncAll(phone, desktop)
      try await syncAll(laptop, desktop)
      try await syncAll(laptop, phone, desktop)
      for device in [laptop, phone, desktop] {
        #expect(try await device.messages(of: chat).map(\.text) == ["Which way?"])
        #expect(try await device.verify().faults == [])
      }
    }
  }

  /// Text that was added by another action goes and comes with the message, though only the message was taken back.
  @Test func whatWasAddedLaterComesAndGoesWithAMessage() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let answer = try await laptop.beginMessage(in: chat, as: .assistant)
      try await laptop.append("That way", to: answer)
      try await laptop.finishMessage(answer)
      let began = try await laptop.last()
      try await laptop.setTitle("Lisbon", of: chat)
      try await laptop.append(", then left.", to: answer)
      try await laptop.finishMessage(answer)
      try await syncAll(laptop, phone)
      let before = try await phone.visible()
      try await phone.undo(from: laptop.status().device, since: began)
      let gone = try await phone.visible()
      #expect(gone.flatMap(\.messages).isEmpty)
      for _ in 0..<3 {
        #expect(try await phone.undo(phone.last()).remaining == [])
        #expect(try await phone.visible() == before)
        #expect(try await phone.undo(phone.last()).remaining == [])
        #expect(try await phone.visible() == gone)
      }
    }
  }

  /// An answer that went on while somebody took it back shows, and goes on to show when that is undone, and that again.
  @Test func whatWentOnMeanwhileStaysThroughUndoAndRedo() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let answer = try await laptop.beginMessage(in: chat, as: .assistant)
      try await laptop.append("That way", to: answer)
      try await syncAll(laptop, phone)
      let began = try #require(try await phone.actions(limit: 1).actions.first)
      try await phone.undo(began)
      let undo = try await phone.last()
      // The same answer, of the same action.
      try await laptop.append(", then left.", to: answer)
      try await laptop.finishMessage(answer)
      try await syncAll(laptop, phone)
      let before = try await phone.visible()
      #expect(before.flatMap(\.messages).count == 1)
      try await phone.undo(undo)
      #expect(try await phone.visible() == before)
      let summary = try await phone.undo(phone.last())
      #expect(try await phone.visible() == before)
      #expect(summary.remaining.map(\.reason) == [.continuedSince])
    }
  }

  /// What was taken back in a conversation that lies in the trash does not bring it out of there, nor does undoing that,
  /// and undoing that in turn.
  @Test func whatLiesInTheTrashStaysThereThroughUndoAndRedo() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      try await laptop.say("Which way?", in: chat)
      let asked = try await laptop.last()
      try await syncAll(laptop, phone)
      try await phone.delete(chat)
      try await phone.undo(from: laptop.status().device, since: asked)
      let merged = try await phone.last()
      for undone in [merged.id, nil, nil, nil] {
        let action = if let undone { try await phone.action(undone) } else { try await phone.last() }
        try await phone.undo(action)
        #expect(try await phone.conversations().isEmpty)
        #expect(try await phone.conversations(trashed: true).map(\.id) == [chat])
      }
      try await syncAll(laptop, phone)
      #expect(try await laptop.conversations().isEmpty)
    }
  }

  /// A message that a deletion had not seen keeps its conversation out of the trash, also when it comes back.
  @Test func whatADeletionHadNotSeenBringsOutOfTheTrashAgain() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let question = try await laptop.say("Which way?", in: chat)
      try await syncAll(laptop, phone)
      try await phone.delete(chat)
      try await laptop.say("That way.", in: chat, at: .after(question))
      try await syncAll(laptop, phone)
      let both = try await laptop.visible()
      try await laptop.undoLast()
      #expect(try await laptop.conversations().isEmpty)
      try await laptop.undo(laptop.last())
      #expect(try await laptop.visible() == both)
      // Who deletes it now has seen that message too.
      let brought = try await laptop.last()
      try await syncAll(laptop, phone)
      try await phone.delete(chat)
      try await syncAll(laptop, phone)
      for undone in [brought, nil] {
        if let undone { try await laptop.undo(undone) } else { try await laptop.undo(laptop.last()) }
        #expect(try await laptop.conversations().isEmpty)
      }
      try await syncAll(laptop, phone)
      #expect(try await phone.conversations().isEmpty)
    }
  }

  /// Two devices that undo the same deletion bring the words twice. Undoing one of the two, and undoing that, changes nothing.
  @Test func whatCameTwiceGoesAndComesOneByOne() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let message = try await laptop.say("three nights in Alfama", in: chat)
      try await laptop.rewrite(.body, of: message, from: "three nights in Alfama", to: "nights in Alfama")
      let shortened = try await laptop.last()
      try await syncAll(laptop, phone)
      for device in [laptop, phone] { try await device.undo(shortened) }
      try await syncAll(laptop, phone)
      let twice = try await laptop.visible()
      #expect(twice[0].messages.map(\.text) == ["three three nights in Alfama"])
      for _ in 0..<2 {
        try await laptop.undo(laptop.last())
        #expect(try await laptop.visible()[0].messages.map(\.text) == ["three nights in Alfama"])
        try await laptop.undo(laptop.last())
        #expect(try await laptop.visible() == twice)
      }
    }
  }

  /// Two devices that undo the same import take it back twice. Undoing one of the undos brings it again all the same, and
  /// undoing that takes it away, on each of them, though the other undo has taken it back all the time.
  @Test func whatWasTakenBackTwiceGoesAndComesAsOne() async throws {
    try await withDevices { laptop, phone, _ in
      _ = try await laptop.importHistory(from: Events(UndoSamples.export(1)))
      let imported = try await laptop.visible()
      let action = try await laptop.last()
      try await syncAll(laptop, phone)
      var undos: [ActionRecord] = []
      for device in [laptop, phone] {
        try await device.undo(action)
        undos.append(try await device.last())
      }
      try await syncAll(laptop, phone)
      for (device, undo) in [(laptop, undos[1]), (phone, undos[0])] {
        #expect(try await device.visible() == [])
        try await device.undo(undo)
        for _ in 0..<2 {
          #expect(try await device.visible() == imported)
          #expect(try await device.undo(device.last()).remaining == [])
          #expect(try await device.visible() == [])
          #expect(try await device.undo(device.last()).remaining == [])
        }
        #expect(try await device.undo(device.last()).remaining == [])
        try await syncAll(laptop, phone)
      }
      for device in [laptop, phone] { #expect(try await device.verify().faults == []) }
    }
  }

  /// A conversation whose import is taken back shows as long as something in it does, and goes again with that.
  @Test func whatShowsForAMessageThatComesAgainGoesWithIt() async throws {
    try await withDevices { laptop, phone, _ in
      _ = try await laptop.importHistory(from: Events(UndoSamples.export(1)))
      let imported = try await laptop.last()
      let chat = try #require(try await laptop.conversations().first).id
      try await laptop.say("And then?", in: chat)
      try await laptop.undoLast()
      let unsaid = try await laptop.last()
      try await laptop.undo(imported)
      let before = try await laptop.visible()
      #expect(!(try await laptop.conversations().contains { $0.id == chat }))
      var undone = unsaid
      for _ in 0..<2 {
        try await laptop.undo(undone)
        #expect(try await laptop.messages(of: chat).last?.text == "And then?")
        #expect(try await laptop.undo(laptop.last()).remaining == [])
        undone = try await laptop.last()
        #expect(try await laptop.visible() == before)
        try await syncAll(laptop, phone)
        #expect(try await phone.visible() == before)
      }
      // But not with what somebody else did to it.
      try await laptop.undo(undone)
      let said = try await laptop.last()
      try await laptop.addTag("kept", to: chat)
      try await laptop.undo(said)
      #expect(try await laptop.conversations().contains { $0.id == chat && $0.tags == ["kept"] })
      #expect(try await laptop.verify().faults == [])
    }
  }

  /// Of what an undo brought again a title stayed taken back, since somebody else's stands: it stays so when that is undone, too.
  @Test func whatStayedTakenBackDoesNotComeAgainWithTheRest() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation()
      try await syncAll(laptop, phone, desktop)
      try await desktop.setTitle("Desktop's", of: chat)
      try await phone.addTag("travel", to: chat)
      let first = try await phone.last()
      try await phone.setTitle("Phone's", of: chat)
      try await syncAll(laptop, phone)
      try await laptop.undo(from: phone.device(), since: first)
      let undo = try await laptop.last()
      try await syncAll(laptop, desktop)
      let before = try await laptop.visible()
      #expect(try await laptop.conversations().map(\.title) == ["Desktop's"])
      try await laptop.undo(undo)
      #expect(try await laptop.conversations().map(\.tags) == [["travel"]])
      #expect(try await laptop.undo(laptop.last()).remaining == [])
      #expect(try await laptop.visible() == before)
      #expect(try await laptop.conversations().map(\.title) == ["Desktop's"])
      #expect(try await laptop.status().conflicts == 0)
    }
  }

  /// What was done to a message that is taken back may be undone, and that too: it goes on not to show.
  @Test func whatIsTakenBackDoesNotShowForAPinThatComesAgain() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let message = try await laptop.say("Which way?", in: chat)
      let asked = try await laptop.last()
      try await laptop.setPinned(true, of: message)
      let pinned = try await laptop.last()
      try await laptop.undo(asked)
      try await laptop.undo(pinned)
      try await laptop.undo(laptop.last())
      #expect(try await laptop.messages(of: chat).isEmpty)
      try await syncAll(laptop, phone)
      #expect(try await phone.messages(of: chat).isEmpty)
      #expect(try await phone.verify().faults == [])
    }
  }

  /// What comes again in what is taken back leaves that hidden, and so does undoing it, and so on.
  @Test func whatIsTakenBackStaysSoHoweverOftenSomethingInItComesAndGoes() async throws {
    try await withDevices { laptop, phone, _ in
      _ = try await laptop.importHistory(from: Events(UndoSamples.export(1)))
      let imported = try await laptop.last()
      let chat = try #require(try await laptop.conversations().first).id
      try await laptop.setTitle("Ours", of: chat)
      try await laptop.undoLast()
      let untitled = try await laptop.last()
      try await laptop.undo(imported)

      let trip = try await laptop.newConversation("Trip")
      let message = try await laptop.say("Which way?", in: trip)
      let asked = try await laptop.last()
      try await laptop.rewrite(.body, of: message, from: "Which way?", to: "Which way then?")
      try await laptop.undoLast()
      let unedited = try await laptop.last()
      try await laptop.undo(asked)
      let before = try await laptop.visible()
      #expect(before.map(\.id) == [trip] && before.first?.messages == [])
      for undo in [untitled, unedited] {
        try await laptop.undo(undo)
        for _ in 0..<4 {
          #expect(try await laptop.visible() == before)
          try await laptop.undo(laptop.last())
        }
      }
      try await syncAll(laptop, phone)
      #expect(try await phone.visible() == before)
      for device in [laptop, phone] { #expect(try await device.verify().faults == []) }
    }
  }

  /// A message that was taken back, and shows for a file that somebody attached to it meanwhile, comes and goes with that file.
  @Test func aMessageComesAndGoesWithTheFileForWhichItShows() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let message = try await laptop.say("Which way?", in: chat)
      try await syncAll(laptop, phone)
      _ = try await phone.attach([AttachmentBytes([1, 2, 3], name: "map")], to: message)
      let attached = try await phone.last()
      try await laptop.undoLast()
      let without = try await laptop.visible()
      try await syncAll(laptop, phone)
      let before = try await phone.visible()
      #expect(before.first?.messages.map(\.id) == [message] && without.first?.messages == [])
      try await phone.undo(attached)
      for _ in 0..<3 {
        #expect(try await phone.visible().first?.messages == [])
        try await phone.undo(phone.last())
        #expect(try await phone.visible() == before)
        try await phone.undo(phone.last())
      }
      try await phone.undo(phone.last())
      try await syncAll(laptop, phone)
      for device in [laptop, phone] {
        #expect(try await device.visible() == before)
        #expect(try await device.verify().faults == [])
      }
    }
  }

  /// To undo what brought a message back takes it away with the words and files that came with it, as the first undo did.
  @Test func anUndoComesAndGoesWithAllThatItMade() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let question = try await laptop.say("Which way?", in: chat)
      let asked = try await laptop.visible()
      let answer = try await laptop.beginMessage(in: chat, at: .after(question))
      for word in ["That ", "way", "."] { try await laptop.append(word, to: answer) }
      try await laptop.finishMessage(answer)
      let answered = try await laptop.visible()
      try await syncAll(laptop, phone)
      for device in [laptop, phone] {
        try await device.undo(device.action(answer))
        for _ in 0..<3 {
          let back = try await device.undo(device.last())
          #expect(back.remaining == [] && back.reversed > 0)
          #expect(try await device.visible() == answered)
          let gone = try await device.undo(device.last())
          #expect(gone.remaining == [] && gone.reversed > 0)
          #expect(try await device.visible() == asked)
        }
        try await device.undo(device.last())
        try await syncAll(laptop, phone)
      }
      // What somebody else added since is not theirs to take away.
      try await phone.rewrite(.body, of: answer, from: "That way.", to: "Yes. That way.")
      let brought = try await laptop.last()
      try await syncAll(laptop, phone)
      let left = try await laptop.undo(brought)
      #expect(left.reversed == 0 && left.remaining.map(\.reason).contains(.continuedSince))
      #expect(try await laptop.message(answer).message.text == "Yes. That way.")
    }
  }
}
