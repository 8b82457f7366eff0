import Anabranch
import Foundation
import Testing

/// What was done, and what takes it back.
@Suite struct UndoTests {
  @Test func aTitleGivesWayToTheOneBeforeAndComesAgain() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("First")
      try await laptop.setTitle("Second", of: chat)
      let second = try await laptop.last()
      try await laptop.setTitle("Third", of: chat)
      try await laptop.undoLast()
      #expect(try await laptop.summary(of: chat).title == "Second")
      let back = try #require(try await laptop.undoLast().undo)
      #expect(try await laptop.summary(of: chat).title == "First")
      #expect(try await laptop.action(second.id).undoneBy != nil)
      try await laptop.undo(laptop.action(back))
      #expect(try await laptop.summary(of: chat).title == "Second", "to undo an undo brings it back")
      #expect(try await laptop.action(second.id).undoneBy == nil)
      try await laptop.undoLast()
      #expect(try await laptop.summary(of: chat).title == "First", "and it can be undone again")
      await #expect(throws: AnabranchError.self) { try await laptop.undo(second) }
      try await syncAll(laptop, phone)
      #expect(try await phone.summary(of: chat).title == "First")
      #expect(try await phone.conversation(chat).titles.count == 1)
    }
  }

  @Test func whatOthersWroteSinceStaysAndIsNamed() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("First")
      try await laptop.setTitle("Second", of: chat)
      let renamed = try await laptop.last()
      let question = try await laptop.say("Which way?", in: chat)
      let asked = try await laptop.last()
      try await syncAll(laptop, phone)
      try await phone.setTitle("Third", of: chat)
      try await phone.say("That way.", in: chat, as: .assistant, at: .after(question))
      try await syncAll(laptop, phone)
      let before = try await laptop.status()
      let phoneLog = try await phone.status().log
      for (action, kind, reason) in [
        (renamed, OperationKind.writeRegister, UndoRemainder.Reason.changedSince),
        (asked, .createMessage, .continuedSince),
      ] {
        let summary = try await laptop.undo(action)
        #expect(summary.undo == nil && summary.reversed == 0)
        #expect(summary.remaining.map(\.kind) == [kind] && summary.remaining.map(\.reason) == [reason])
        #expect(summary.remaining.map(\.by) == [phoneLog])
      }
      #expect(try await laptop.status().vector == before.vector, "nothing of it stands, so nothing is written")
      // The other device can take its own back, and then there is nothing in the way.
      try await phone.undoLast()
      try await phone.undoLast()
      try await syncAll(laptop, phone)
      #expect(try await laptop.undo(asked).reversed == 1)
      #expect(try await laptop.undo(renamed).reversed == 1)
      try await syncAll(laptop, phone)
      #expect(try await phone.messages(of: chat).isEmpty)
      #expect(try await phone.summary(of: chat).title == "First")
    }
  }

  @Test func aConcurrentReplyBringsAMessageBack() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let question = try await laptop.say("Which way?", in: chat)
      try await syncAll(laptop, phone)
      try await laptop.undoLast()
      #expect(try await laptop.messages(of: chat).isEmpty)
      #expect(try await laptop.search("which").isEmpty)
      await #expect(throws: AnabranchError.self) { try await laptop.message(question) }
      try await phone.say("That way.", in: chat, as: .assistant, at: .after(question))
      try await syncAll(laptop, phone)
      #expect(try await laptop.messages(of: chat).map(\.text) == ["Which way?", "That way."])
      try await phone.undoLast()
      try await syncAll(laptop, phone)
      #expect(try await laptop.messages(of: chat).isEmpty, "without the answer nothing holds it")
      #expect(try await laptop.summary(of: chat).messages == 0)
    }
  }

  @Test func wordsTypedMeanwhileBringAMessageBack() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let note = try await laptop.say("Buy bread", in: chat)
      try await syncAll(laptop, phone)
      try await laptop.undoLast()
      try await phone.rewrite(.body, of: note, from: "Buy bread", to: "Buy bread and salt")
      try await syncAll(laptop, phone)
      #expect(try await laptop.messages(of: chat).map(\.text) == ["Buy bread and salt"])
    }
  }

  @Test func aFileAttachedMeanwhileKeepsAMessageAlsoWhereItIsDetached() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let note = try await laptop.say("See the map", in: chat)
      try await syncAll(laptop, phone)
      try await laptop.undoLast()
      let map = try await phone.attach([AttachmentBytes([1, 2, 3], name: "map")], to: note)
      try await syncAll(laptop, phone)
      try await laptop.detach(try #require(map.first))
      #expect(try await laptop.attachments(of: note).isEmpty, "the message is there, without its file")
      try await syncAll(laptop, phone)
      #expect(try await phone.messages(of: chat).map(\.text) == ["See the map"])
    }
  }

  @Test func anImportIsOneActionAndComesAgainByImporting() async throws {
    try await withDevices { laptop, phone, _ in
      let mine = try await laptop.newConversation("Mine")
      let before = try await laptop.visible()
      func events(_ version: Int) -> Events { Events(UndoSamples.export(version)) }
      _ = try await laptop.importHistory(from: events(1))
      let first = try await laptop.last()
      #expect(first.conversations == 2 && first.messages == 40)
      let imported = try await laptop.visible()
      _ = try await laptop.importHistory(from: events(2))
      let newer = try await laptop.visible()
      #expect(newer != imported)
      try await laptop.undoLast()
      #expect(try await laptop.visible() == imported, "the older words show again")
      try await laptop.undo(first)
      #expect(try await laptop.visible() == before)
      #expect(try await laptop.conversations().map(\.id) == [mine])
      #expect(try await laptop.search("walrus").isEmpty)
      try await syncAll(laptop, phone)
      #expect(try await phone.conversations().map(\.id) == [mine])
      #expect(try await phone.importHistory(from: events(2)).new == 42, "to import it again brings it back")
      try await syncAll(laptop, phone)
      #expect(try await laptop.visible() == newer)
      #expect(try await laptop.importHistory(from: events(2)).new == 0)
    }
  }

  @Test func whatOneDoesAtOnceIsUndoneAtOnce() async throws {
    try await withDevices { laptop, _, _ in
      let old = try await laptop.newConversation("Old")
      let before = try await laptop.visible()
      let actions = try await laptop.actions(limit: 100).actions.count
      try await laptop.atomically { (laptop) throws(AnabranchError) in
        try laptop.setTitle("Renamed", of: old)
        try laptop.addTag("x", to: old)
        let chat = try laptop.newConversation("New")
        let question = try laptop.say("Which?", in: chat)
        try laptop.say(String(repeating: "This. ", count: 100_000), in: chat, as: .assistant, at: .after(question))
      }
      let after = try await laptop.visible()
      #expect(try await laptop.actions(limit: 100).actions.count == actions + 1)
      let back = try #require(try await laptop.undoLast().undo)
      #expect(try await laptop.visible() == before)
      try await laptop.undo(laptop.action(back))
      #expect(try await laptop.visible() == after)
    }
  }

  @Test func anAnswerThatStreamsIsOneActionWithItsBeginning() async throws {
    try await withDevices { laptop, _, _ in
      let chat = try await laptop.newConversation("Trip")
      let question = try await laptop.say("Which way?", in: chat)
      let before = try await laptop.visible()
      let answer = try await laptop.beginMessage(in: chat, at: .after(question))
      for word in ["That ", "way", "."] { try await laptop.append(word, to: answer) }
      try await laptop.finishMessage(answer)
      try await laptop.undoLast()
      #expect(try await laptop.visible() == before)
    }
  }

  @Test func edits() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let note = try await laptop.say("one two three four", in: chat)
      try await laptop.rewrite(.body, of: note, from: "one two three four", to: "one 2 four")
      let edited = try await laptop.last()
      try await syncAll(laptop, phone)
      try await phone.rewrite(.body, of: note, from: "one 2 four", to: "zero one 2 four five")
      try await syncAll(laptop, phone)
      let back = try #require(try await laptop.undo(edited).undo)
      #expect(try await laptop.message(note).message.text == "zero one two three four five")
      try await laptop.undo(laptop.action(back))
      #expect(try await laptop.message(note).message.text == "zero one 2 four five")
      try await laptop.undo(edited)
      #expect(try await laptop.message(note).message.text == "zero one two three four five")
      // What both deleted is still deleted by the one that is not undone.
      try await syncAll(laptop, phone)
      let text = "zero one two three four five"
      try await laptop.rewrite(.body, of: note, from: text, to: "zero two three four five")
      try await phone.rewrite(.body, of: note, from: text, to: "zero two three four five")
      let (mine, theirs) = (try await laptop.last(), try await phone.last())
      try await syncAll(laptop, phone)
      #expect(try await laptop.undo(mine).reversed == 0)
      try await phone.undo(theirs)
      #expect(try await phone.message(note).message.text == "zero two three four five")
      try await syncAll(laptop, phone)
    }
  }

  @Test func whatAMergeBroughtIsTakenBack() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Trip")
      try await laptop.say("Which way?", in: chat)
      try await syncAll(laptop, phone, desktop)
      let device = try await phone.status().device
      try await phone.setTitle("Kept", of: chat)
      let before = try await phone.visible()
      try await phone.setTitle("One", of: chat)
      let since = try await phone.last()
      try await phone.setTitle("Two", of: chat)
      try await phone.addTag("x", to: chat)
      try await phone.say("Hello?", in: chat)
      _ = try await phone.importHistory(from: Events(UndoSamples.export(1)))
      try await phone.markRead(chat)
      try await syncAll(laptop, phone)
      let preview = try await laptop.undoPreview(from: device, since: since)
      let summary = try await laptop.undo(from: device, since: laptop.action(since.id))
      #expect(preview.actions == summary.actions && preview.reversed == summary.reversed)
      #expect(summary.remaining.map(\.reason) == [.final], "that somebody has read stays")
      try await syncAll(laptop, phone, desktop)
      var seen = try await desktop.visible()
      for index in seen.indices { seen[index].unread = before[index].unread }
      #expect(seen == before)
      #expect(try await laptop.findDevice("Phone") == device)
      await #expect(throws: AnabranchError.self) { try await laptop.undo(from: device, since: laptop.last()) }
    }
  }

  @Test func purgesAndReceiptsAreLeft() async throws {
    try await withDevices { laptop, _, _ in
      let chat = try await laptop.newConversation("Trip")
      let note = try await laptop.say("secret", in: chat)
      let said = try await laptop.last()
      try await laptop.undo(said)
      // What was taken back can still be purged.
      try await laptop.purge(note, immediately: true)
      while try await laptop.eraseStep() == .more {}
      let purges = try await laptop.actions(limit: 2).actions
      for purge in purges { #expect(try await laptop.undo(purge).undo == nil) }
      #expect(try await laptop.lastAction()?.steps.first?.kind == .createConversation)
      let undone = try await laptop.action(said.id)
      let back = try #require(undone.undoneBy)
      let undo = try await laptop.action(.native(OperationID(log: back.log, sequence: back.sequence, index: 0)))
      _ = try await laptop.undo(undo)
      #expect(try await laptop.messages(of: chat).allSatisfy { $0.content == nil })
      let file = try Data(contentsOf: URL(filePath: laptop.home.database))
      #expect(file.range(of: Data("secret".utf8)) == nil)
    }
  }

  @Test func theLastThingThatCanBeUndoneIsAndTheRestIsNamed() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("First")
      try await laptop.setTitle("Second", of: chat)
      let renamed = try await laptop.last()
      let tagged = try await laptop.newConversation("Tagged")
      try await laptop.addTag("work", to: tagged)
      try await laptop.setTitle("Third", of: chat)
      let replaced = try await laptop.last()
      try await syncAll(laptop, phone)
      try await phone.setTitle("Fourth", of: chat)
      try await syncAll(laptop, phone)
      let preview = try await laptop.undoLastPreview()
      let undone = try await laptop.undoLast()
      #expect(preview.actions == undone.actions && preview.passedOver == undone.passedOver)
      #expect(undone.passedOver == [replaced.id] && undone.actions != [replaced.id])
      #expect(try await laptop.summary(of: tagged).tags.isEmpty)
      _ = try await laptop.purge(tagged, immediately: true)
      let left = try await #require(throws: AnabranchError.self) { try await laptop.undoLast() }
      #expect(left.code == .invalid, "a purge is not passed over")
      try await phone.undoLast()
      try await syncAll(laptop, phone)
      for action in [replaced, renamed] { #expect(try await laptop.undo(laptop.action(action.id)).reversed == 1) }
    }
  }

  @Test func theListTellsWhatWasDonePageByPage() async throws {
    try await withDevices { laptop, phone, _ in
      // That they know each other was done, too.
      let introductions = try await laptop.actions(limit: 100).actions
      let ownDevice = try await laptop.status().device
      let own = try await laptop.actions(of: ownDevice, limit: 100).actions.count
      let chat = try await laptop.newConversation("Trip")
      for number in 0..<12 { try await laptop.say("\(number)", in: chat) }
      _ = try await laptop.importHistory(from: Events(UndoSamples.export(1)))
      try await syncAll(laptop, phone)
      try await phone.setTitle("Renamed", of: chat)
      try await syncAll(laptop, phone)
      let all = try await laptop.actions(limit: 100)
      #expect(all.next == nil && all.actions.count == 15 + introductions.count)
      #expect(all.actions.map(\.time) == all.actions.map(\.time).sorted(by: >))
      #expect(all.actions[0].steps.map(\.content) == ["Renamed"] && all.actions[0].steps.map(\.before) == ["Trip"])
      var paged: [ActionRecord] = []
      var place: VersionVector?
      repeat {
        let page = try await phone.actions(from: place, limit: 4)
        paged += page.actions
        place = page.next
      } while place != nil
      #expect(paged.map(\.id) == all.actions.map(\.id))
      let mine = try await laptop.actions(of: ownDevice, limit: 100).actions
      #expect(own > 1 && mine.count == 14 + own)
      #expect(try await laptop.findAction(String(mine[3].id.description.prefix(12))).id == mine[3].id)
      await #expect(throws: AnabranchError.self) { try await laptop.findAction("xyz") }
    }
  }
}
