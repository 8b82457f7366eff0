import Anabranch
import AnabranchExchange
import Foundation
import Testing

/// What is taken away for good, on every device.
@Suite struct PurgingTests {
  /// The names of a home's files in which `words` stand.
  private static func files(of replica: Replica, with words: String) throws -> [String] {
    let folder = URL(filePath: replica.home.path)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { name in
      try Data(contentsOf: folder.appending(path: name)).range(of: Data(words.utf8)) != nil
    }
  }

  private static func erase(_ replica: Replica) async throws {
    while try await replica.eraseStep() == .more {}
  }

  @Test func aConversationGoesFromEveryDevice() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Salaries")
      let other = try await laptop.newConversation("Recipes")
      let message = try await laptop.say("the figures are gybhnjmkzq", in: chat)
      try await laptop.say("bread", in: other)
      try await syncAll(laptop, phone, desktop)
      try await phone.setTitle("Salaries, gybhnjmkzq", of: chat)
      try await syncAll(laptop, phone, desktop)
      try await desktop.say("a late gybhnjmkzq", in: chat)

      try await laptop.purge(chat, immediately: true)
      #expect(try await laptop.conversations().map(\.id) == [other])
      #expect(try await laptop.search("gybhnjmkzq").isEmpty)
      let attempts: [@Sendable () async throws -> Void] = [
        { _ = try await laptop.conversation(chat) }, { _ = try await laptop.summary(of: chat) },
        { _ = try await laptop.message(message) }, { _ = try await laptop.find(chat.description, .conversation) },
        { _ = try await laptop.find(message.description) }, { try await laptop.purge(chat) },
      ]
      for attempt in attempts {
        await #expect { try await attempt() } throws: { ($0 as? AnabranchError)?.code == .purged }
      }
      await #expect(throws: AnabranchError.self) { try await laptop.say("more", in: chat) }
      try await Self.erase(laptop)
      #expect(try Self.files(of: laptop, with: "gybhnjmkzq") == [])

      try await syncAll(laptop, phone, desktop)
      // What the desktop wrote meanwhile came late, and goes too.
      #expect(try Self.files(of: desktop, with: "gybhnjmkzq") != [])
      for device in [laptop, phone, desktop] {
        #expect(try await device.conversations().map(\.id) == [other])
        try await Self.erase(device)
        #expect(try Self.files(of: device, with: "gybhnjmkzq") == [])
      }
      #expect(try await desktop.purges()[0].record.unseen == 1)
      #expect(try await phone.purges()[0].record.unseen == 0)
      try await syncAll(laptop, phone, desktop)
      for device in [laptop, phone, desktop] {
        let purge = try #require(try await device.purges().first)
        #expect(purge.outstanding.isEmpty && purge.confirmed.count == 3 && purge.record.due == nil)
        #expect(purge.record.id == chat && purge.record.kind == .conversation)
      }
      #expect(try await laptop.messages(of: other).map(\.text) == ["bread"])
    }
  }

  @Test func aMessageLeavesItsPlace() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Keys")
      let question = try await laptop.say("Is this safe?", in: chat)
      let secret = try await laptop.say("my key is plmoknijbu", in: chat)
      let answer = try await laptop.say("Not any more", in: chat, as: .assistant)
      _ = try await laptop.rewrite(.body, of: secret, from: "my key is plmoknijbu", to: "my key is plmoknijbuhv")
      try await syncAll(laptop, phone)
      let preview = try await phone.purgePreview(of: secret)
      #expect(preview.messages == 1 && preview.contents == 2)
      try await phone.purge(secret, immediately: true)
      try await syncAll(laptop, phone)
      for device in [laptop, phone] {
        try await Self.erase(device)
        #expect(try Self.files(of: device, with: "plmoknijbu") == [])
        let messages = try await device.messages(of: chat)
        #expect(messages.map(\.id) == [question, secret, answer])
        #expect(messages.map(\.isPurged) == [false, true, false])
        #expect(messages[1].content == nil && !messages[1].isEdited)
        await #expect(throws: AnabranchError.self) { try await device.text(.body, of: secret) }
        await #expect(throws: AnabranchError.self) { try await device.append("more", to: secret) }
      }
      try await syncAll(laptop, phone)
    }
  }

  @Test func itsDayIsWaitedFor() async throws {
    try await withDevices { laptop, _, _ in
      let chat = try await laptop.newConversation("A mistake: qwazsxedcr")
      try await laptop.purge(chat)
      #expect(try await laptop.eraseStep() == .idle)
      #expect(try Self.files(of: laptop, with: "qwazsxedcr") != [])
      let due = try #require(try await laptop.purges().first?.record.due)
      let day = Double(due) / 1000 - Date().timeIntervalSince1970
      #expect(day > 86_000 && day <= 86_400)
      try await laptop.purge(chat, immediately: true)
      try await Self.erase(laptop)
      #expect(try Self.files(of: laptop, with: "qwazsxedcr") == [])
      await #expect(throws: AnabranchError.self) { try await laptop.purge(chat, immediately: true) }
    }
  }

  @Test func importingBringsNothingBack() async throws {
    try await withDevices { laptop, _, _ in
      var source = SourceConversation(source: "chatgpt", id: "c-1")
      source.title = "Medical"
      source.updated = 1_700_000_000_000
      let message = SourceMessage(id: "m-1", parents: [], role: .user, text: "ujmnhytgbv")
      let kept = SourceMessage(id: "m-2", parents: ["m-1"], role: .assistant, text: "an answer")
      let events = [HistoryEvent.conversation(source), .message(message), .message(kept)]
      _ = try await laptop.importHistory(from: Events(events))
      let chat = try #require(try await laptop.conversations().first?.id)
      let first = try #require(try await laptop.messages(of: chat).first?.id)
      try await laptop.purge(first, immediately: true)
      try await Self.erase(laptop)
      let vector = try await laptop.status().vector
      source.updated = 1_800_000_000_000
      let newer = [HistoryEvent.conversation(source), .message(message), .message(kept)]
      #expect(try await laptop.importHistory(from: Events(newer)).new == 0)
      #expect(try await laptop.status().vector == vector)
      #expect(try await laptop.messages(of: chat).map(\.text) == ["", "an answer"])
      try await laptop.purge(chat, immediately: true)
      try await Self.erase(laptop)
      let more = SourceMessage(id: "m-3", parents: ["m-2"], role: .user, text: "ujmnhytgbv again")
      #expect(try await laptop.importHistory(from: Events(newer + [.message(more)])).new == 0)
      #expect(try Self.files(of: laptop, with: "ujmnhytgbv") == [])
      #expect(try await laptop.conversations().isEmpty)
    }
  }

  @Test func copiesBesideTheDatabaseGoToo() async throws {
    try await withDevices { laptop, _, _ in
      let chat = try await laptop.newConversation("Copied: rfvtgbyhnu")
      for copy in ["history.sqlite.schema-1.backup", "history.sqlite.partial"] {
        try await laptop.backUp(to: laptop.home.path + "/" + copy)
      }
      try await laptop.purge(chat, immediately: true)
      try await Self.erase(laptop)
      #expect(try Self.files(of: laptop, with: "rfvtgbyhnu") == [])
    }
  }

  @Test func aPastedPasswordGoesAndTheRestStays() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Login")
      let first = "use hunterqzwxec to log in"
      let message = try await laptop.say(first, in: chat)
      try await syncAll(laptop, phone, desktop)
      _ = try await laptop.rewrite(.body, of: message, from: first, to: "use … to log in")
      _ = try await phone.rewrite(.body, of: message, from: first, to: first + ", please")
      try await laptop.rewrite(.notes, of: chat, from: "", to: "also plmqzwxecok here")
      try await laptop.rewrite(.notes, of: chat, from: "also plmqzwxecok here", to: "also here")
      try await syncAll(laptop, phone, desktop)
      while try await laptop.indexStep() {}
      while try await phone.indexStep() {}
      let text = "use … to log in, please"
      #expect(try await phone.message(message).message.text == text)
      let before = try await phone.authors(of: .body, of: message)

      #expect(try await phone.pastCount(of: .body, in: message) == 12)
      #expect(try await phone.purgePast(of: .body, in: message, immediately: true) == 12)
      #expect(try await phone.purgePast(of: .body, in: message, immediately: true) == 0)
      #expect(try await phone.purgePast(of: .notes, in: chat, immediately: true) == 12)
      // What it said before shows without it at once.
      #expect(try await phone.revisions(of: .body, of: message).document(after: 0).text == "use  to log in")
      try await syncAll(laptop, phone, desktop)
      let late = try await desktop.rewrite(.body, of: message, from: text, to: text + "!")
      #expect(late)
      for device in [laptop, phone, desktop] {
        try await Self.erase(device)
        #expect(try Self.files(of: device, with: "hunterqzwxec") == [])
        #expect(try Self.files(of: device, with: "qzwxec") == [])
      }
      try await syncAll(laptop, phone, desktop)
      for device in [laptop, phone, desktop] {
        #expect(try await device.message(message).message.text == text + "!")
        #expect(try await device.conversation(chat).notes == "also here")
        #expect(try await device.search("login").isEmpty)
        #expect(try await device.search("log in please").map(\.message) == [message])
        #expect(try await device.search("hunterqzwxec").isEmpty)
        #expect(try await device.revisions(of: .body, of: message).document(after: 0).text == "use  to log in")
        #expect(try await device.authors(of: .body, of: message).dropLast() == before[...])
        let purges = try await device.purges()
        #expect(purges.count == 2 && purges.allSatisfy { $0.record.isPast && $0.outstanding.isEmpty })
      }
      // Still there, and still to be edited.
      _ = try await laptop.rewrite(.body, of: message, from: text + "!", to: "use the door")
      try await syncAll(laptop, phone, desktop)
      #expect(try await desktop.message(message).message.text == "use the door")
      try await desktop.purge(message, immediately: true)
      try await Self.erase(desktop)
      #expect(try Self.files(of: desktop, with: "to log in") == [])
    }
  }

  @Test func thePastOfAnImportGoesInEveryVersionOfIt() async throws {
    try await withDevices { laptop, _, _ in
      var source = SourceConversation(source: "chatgpt", id: "c-1")
      source.updated = 1_700_000_000_000
      func events(_ text: String) -> [HistoryEvent] {
        [.conversation(source), .message(SourceMessage(id: "m-1", parents: [], role: .user, text: text))]
      }
      _ = try await laptop.importHistory(from: Events(events("first ikmnjuhbgv")))
      source.updated = 1_700_000_100_000
      _ = try await laptop.importHistory(from: Events(events("second ikmnjuhbgv too")))
      let chat = try #require(try await laptop.conversations().first?.id)
      let message = try #require(try await laptop.messages(of: chat).first?.id)
      _ = try await laptop.rewrite(.body, of: message, from: "second ikmnjuhbgv too", to: "second too")
      #expect(try await laptop.purgePast(of: .body, in: message, immediately: true) > 0)
      try await Self.erase(laptop)
      #expect(try Self.files(of: laptop, with: "ikmnjuhbgv") == [])
      #expect(try await laptop.messages(of: chat).map(\.text) == ["second too"])
      source.updated = 1_700_000_200_000
      #expect(try await laptop.importHistory(from: Events(events("third ikmnjuhbgv"))).new == 0)
      #expect(try await laptop.messages(of: chat).map(\.text) == ["second too"])
    }
  }
}
