import Anabranch
import AnabranchExchange
import Foundation
import Testing

/// Folders, fields, settings, and how far something was read.
@Suite struct SortingTests {
  @Test func aConversationLiesInEveryFolderItWasPutInto() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Lisbon")
      let other = try await laptop.newConversation("Porto")
      try await laptop.addFolder("Trips", to: chat)
      try await laptop.addFolder("Trips", to: other)
      try await syncAll(laptop, phone)
      try await laptop.removeFolder("Trips", from: chat)
      // Put there again by somebody who does not know of that.
      try await phone.removeFolder("Trips", from: chat)
      try await phone.addFolder("Trips", to: chat)
      try await phone.addFolder("2026", to: chat)
      try await syncAll(laptop, phone)
      #expect(try await laptop.summary(of: chat).folders == ["2026", "Trips"])
      #expect(try await Set(laptop.conversations(folder: "Trips").map(\.id)) == [chat, other])
      #expect(try await laptop.conversations(folder: "2026", limit: 1).map(\.id) == [chat])
      #expect(try await laptop.conversations(folder: "Trips", tag: "x").isEmpty)
      try await laptop.addTag("x", to: other)
      #expect(try await laptop.conversations(folder: "Trips", tag: "x").map(\.id) == [other])
      await #expect(throws: AnabranchError.self) { try await laptop.removeFolder("Elsewhere", from: chat) }
    }
  }

  /// Whoever says it again has said it after all.
  @Test func aTagThatIsAddedAgainOutlivesARemovalThatDidNotKnow() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Lisbon")
      for word in ["kept", "lost"] { try await laptop.addTag(word, to: chat) }
      try await syncAll(laptop, phone)
      try await laptop.addTag("kept", to: chat)
      for word in ["kept", "lost"] { try await phone.removeTag(word, from: chat) }
      try await syncAll(laptop, phone)
      for device in [laptop, phone] { #expect(try await device.summary(of: chat).tags == ["kept"]) }
      // It is one tag, however often it was added, and an undo takes back one time.
      try await phone.addTag("kept", to: chat)
      try await phone.undoLast()
      #expect(try await phone.summary(of: chat).tags == ["kept"])
      for _ in 0..<2 * Replica.additionsMax { try await phone.addTag("kept", to: chat) }
      #expect(
        try await phone.contenders(for: .tag("kept"), of: chat).count { $0.fate == .stands } == Replica.additionsMax)
      try await phone.removeTag("kept", from: chat)
      try await syncAll(laptop, phone)
      for device in [laptop, phone] { #expect(try await device.summary(of: chat).tags.isEmpty) }
    }
  }

  @Test func fieldsAreOneRegisterEach() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Lisbon")
      try await laptop.setField("state", to: "open", of: chat)
      try await laptop.setField("rating", to: "3", of: chat)
      try await syncAll(laptop, phone)
      try await laptop.setField("state", to: "done", of: chat)
      try await phone.setField("rating", to: nil, of: chat)
      try await phone.setField("état", to: "e\u{301}", of: chat)
      try await syncAll(laptop, phone)
      for device in [laptop, phone] {
        let summary = try await device.summary(of: chat)
        #expect(
          summary.fields == [FieldRecord(name: "state", value: "done"), FieldRecord(name: "état", value: "e\u{301}")])
        #expect(summary.conflicts == 0)
      }
      try await laptop.setField("state", to: "a", of: chat)
      try await phone.setField("state", to: "b", of: chat)
      try await syncAll(laptop, phone)
      #expect(try await laptop.summary(of: chat).conflicts == 1)
      #expect(try await laptop.status().conflicts == 1)
      let shown = try await laptop.summary(of: chat).fields
      #expect(try await phone.summary(of: chat).fields == shown)
      try await phone.setField("state", to: "c", of: chat)
      #expect(try await phone.summary(of: chat).conflicts == 0)
      let vector = try await phone.status().vector
      try await phone.setField("never set", to: nil, of: chat)
      #expect(try await phone.status().vector == vector, "there was nothing to take away")
      for name in ["", " ", "two\nlines", String(repeating: "x", count: 5_000)] {
        await #expect(throws: AnabranchError.self) { try await laptop.setField(name, to: "x", of: chat) }
      }
      try await syncAll(laptop, phone)
    }
  }

  @Test func settingsAreSharedAndLocalOnesAreNot() async throws {
    try await withDevices { laptop, phone, _ in
      try await laptop.setSetting("theme", to: "dark")
      try await laptop.setLocalSetting("font", to: "12 qpalzmwoxk")
      try await syncAll(laptop, phone)
      #expect(try await phone.settings() == [FieldRecord(name: "theme", value: "dark")])
      #expect(try await phone.localSettings().isEmpty)
      try await phone.setSetting("theme", to: nil)
      try await syncAll(laptop, phone)
      #expect(try await laptop.settings().isEmpty)
      #expect(try await laptop.localSettings() == [FieldRecord(name: "font", value: "12 qpalzmwoxk")])
      #expect(try await laptop.conversations().isEmpty)
      #expect(try await laptop.status().conversations == 0)
      let folder = URL(filePath: phone.home.path)
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
        #expect(try Data(contentsOf: folder.appending(path: name)).range(of: Data("qpalzmwoxk".utf8)) == nil)
      }
      try await laptop.setLocalSetting("font", to: nil)
      #expect(try await laptop.localSettings().isEmpty)
      await #expect(throws: AnabranchError.self) { try await laptop.setLocalSetting("", to: "x") }
    }
  }

  @Test func whatWasReadOnOneDeviceIsReadOnAll() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Lisbon")
      try await laptop.say("question", in: chat)
      try await laptop.say("answer", in: chat, as: .assistant)
      #expect(try await laptop.summary(of: chat).unread == nil)
      try await syncAll(laptop, phone)
      try await phone.markRead(chat)
      #expect(try await phone.summary(of: chat).unread == 0)
      try await laptop.say("another question", in: chat)
      try await laptop.say("another answer", in: chat, as: .assistant)
      try await laptop.say("a third", in: chat, as: .assistant)
      try await syncAll(laptop, phone)
      #expect(try await phone.summary(of: chat).unread == 2, "what a person says they know")
      #expect(try await laptop.summary(of: chat).unread == 0, "it was written here")
      try await laptop.markRead(chat)
      try await syncAll(laptop, phone)
      #expect(try await phone.summary(of: chat).unread == 0)
      let vector = try await phone.status().vector
      try await phone.markRead(chat)
      #expect(try await phone.status().vector == vector, "nothing more was read")
    }
  }

  @Test func anExportOfOursBringsNotesAndDrafts() async throws {
    try await withDevices { laptop, phone, _ in
      let long = String(repeating: "日本語 e\u{301} words of notes. ", count: 9_000)
      let chat = try await laptop.newConversation("Lisbon")
      try await laptop.rewrite(.notes, of: chat, from: "", to: long)
      try await laptop.rewrite(.draft, of: chat, from: "", to: "what I was about to say")
      try await phone.take(laptop)
      let copy = try #require(try await phone.conversations().first).id
      #expect(try await phone.conversation(copy).notes.utf8.elementsEqual(long.utf8))
      #expect(try await phone.conversation(copy).draft == "what I was about to say")
      #expect(try await phone.search("notes ").map(\.text) == [.notes])
      #expect(try await phone.status().vector.changes < 20, "as few changes as the bytes need")
      #expect(try await phone.take(laptop).new == 0)
      #expect(try await phone.conversation(copy).notes.utf8.count == long.utf8.count, "once is enough")
      // What somebody wrote, or took away, stays so.
      try await phone.rewrite(.draft, of: copy, from: "what I was about to say", to: "")
      try await phone.take(laptop)
      #expect(try await phone.conversation(copy).draft.isEmpty)
    }
  }

  @Test func anExportOfOursBringsFoldersAndFields() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Lisbon")
      try await laptop.addFolder("Trips", to: chat)
      try await laptop.setField("state", to: "open", of: chat)
      try await phone.take(laptop)
      let copy = try #require(try await phone.conversations().first)
      #expect(copy.folders == ["Trips"] && copy.fields == [FieldRecord(name: "state", value: "open")])
      try await phone.setField("state", to: "done", of: copy.id)
      #expect(try await phone.take(laptop).new == 0)
      #expect(try await phone.summary(of: copy.id).fields == [FieldRecord(name: "state", value: "done")])
    }
  }
}
