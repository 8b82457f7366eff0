import Anabranch
import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct WordsTests {
  /// A laptop, and a desktop that never meets it: the phone between them relays.
  private func withRow(
    _ body: (_ laptop: Replica, _ desktop: Replica, _ phone: Replica) async throws -> Void
  ) async throws {
    try await withDevices { laptop, phone, desktop in
      let hub = try await phone.serve(on: "127.0.0.1:0")
      let servers = [
        try await laptop.serve(on: "127.0.0.1:0", peers: [hub.address]),
        try await desktop.serve(on: "127.0.0.1:0", peers: [hub.address]),
      ]
      try await body(laptop, desktop, phone)
      for server in servers + [hub] { await server.stop() }
      #expect(Set([try await laptop.status().stateHash, try await desktop.status().stateHash]).count == 1)
    }
  }

  /// Waits until a replica has a message, and every replica in between.
  private func wait(for message: ObjectID, on replica: Replica) async throws {
    let changes = replica.changes
    if (try? await replica.message(message)) != nil { return }
    for await _ in changes where (try? await replica.message(message)) != nil { return }
  }

  /// The first thing told for which `condition` holds.
  private func first(
    _ words: AsyncStream<[LiveText]>, _ condition: ([LiveText]) -> Bool
  ) async throws -> [LiveText] {
    for await texts in words where condition(texts) { return texts }
    throw CancellationError()
  }

  @Test func wordsReachTheThirdDeviceBeforeTheChangeAndAreThereOnceAfterIt() async throws {
    try await withRow { laptop, desktop, phone in
      let chat = try await laptop.newConversation("Live")
      let answer = try await laptop.beginMessage(in: chat)
      try await wait(for: answer, on: desktop)
      let (words, changes) = (desktop.words, desktop.changes)
      let before = (try await desktop.status().stateHash, try await desktop.status().vector)
      var text = ""
      for word in ["Once", " upon", " a", " 時", " 👩‍👩‍👧", "."] {
        try await laptop.append(word, to: answer)
        text += word
      }
      let told = try await first(words) { $0.first?.reading == text }
      #expect(told.count == 1 && told[0].object == answer && told[0].conversation == chat && told[0].text == .body)
      #expect(told[0].devices == [try await laptop.status().device])
      #expect(try await desktop.liveText(of: answer) == text)
      #expect(try await desktop.message(answer).message.text == "", "it is not in the history yet")
      let now = (try await desktop.status().stateHash, try await desktop.status().vector)
      #expect(now == before, "nothing of the state knows of it")
      #expect(try await phone.liveText(of: answer) == text, "the relay sees it too")
      #expect(try await laptop.liveText(of: answer) == text)

      try await laptop.finishMessage(answer)
      _ = try await first(words) { $0.isEmpty }
      for await change in changes where change.isRemote { break }
      #expect(try await desktop.message(answer).message.text == text)
      #expect(try await desktop.liveText(of: answer) == text, "once, not twice")
      #expect(try await phone.liveText(of: answer) == text)
    }
  }

  @Test func anEditedDraftIsSeenAmongWhatWasTypedElsewhere() async throws {
    try await withRow { laptop, desktop, phone in
      let chat = try await laptop.newConversation("Draft")
      var edits = TextEdits()
      edits.insert("hello world", at: 0)
      try await laptop.edit(edits, of: .draft, in: chat, seen: [])
      _ = try await laptop.text(.draft, of: chat)
      let changes = desktop.changes
      while (try? await desktop.text(.draft, of: chat).text) != "hello world" {
        for await _ in changes { break }
      }
      let words = desktop.words
      // Both type in the middle of the same text; neither has sealed anything.
      var mine = TextEdits()
      mine.delete(6..<11)
      mine.insert("river", at: 6)
      try await laptop.edit(mine, of: .draft, in: chat, seen: laptop.text(.draft, of: chat).version)
      var theirs = TextEdits()
      theirs.insert("Oh, ", at: 0)
      try await desktop.edit(theirs, of: .draft, in: chat, seen: desktop.text(.draft, of: chat).version)
      let told = try await first(words) { $0.first?.reading.contains("river") == true }
      #expect(told[0].text == .draft && told[0].object == chat && told[0].conversation == chat)
      #expect(try await desktop.liveText(.draft, of: chat) == "Oh, hello river")
      // Each device seals after a rest, and both read that for good.
      _ = try await first(words) { $0.isEmpty }
      #expect(try await desktop.text(.draft, of: chat).text == "Oh, hello river")
      let later = laptop.changes
      while try await laptop.text(.draft, of: chat).text != "Oh, hello river" {
        for await _ in later { break }
      }
      _ = phone
    }
  }

  @Test func twoAnswersAtATimeAreTwoTexts() async throws {
    try await withRow { laptop, desktop, _ in
      let chat = try await laptop.newConversation("Two models")
      let question = try await laptop.say("Which?", in: chat)
      let one = try await laptop.beginMessage(in: chat, at: .branch(from: question))
      let two = try await laptop.beginMessage(in: chat, at: .branch(from: question))
      try await wait(for: two, on: desktop)
      let words = desktop.words
      for step in 1...20 {
        try await laptop.append("a\(step) ", to: one)
        try await laptop.append("b\(step) ", to: two)
      }
      let (first, second) = (try await laptop.liveText(of: one), try await laptop.liveText(of: two))
      #expect(first.hasPrefix("a1 a2 ") && second.hasSuffix("b19 b20 "))
      _ = try await self.first(words) { Set($0.map(\.reading)) == [first, second] }
      try await laptop.finishMessage(one)
      _ = try await self.first(words) { $0.isEmpty }
      #expect(try await desktop.message(one).message.text == first)
      #expect(try await desktop.message(two).message.text == second)
    }
  }

  @Test func whoConnectsLaterIsToldToo() async throws {
    try await withDevices { laptop, phone, desktop in
      let hub = try await phone.serve(on: "127.0.0.1:0")
      let chat = try await laptop.newConversation("Late")
      let answer = try await laptop.beginMessage(in: chat)
      try await desktop.sync(with: hub.address)
      let writer = try await laptop.serve(on: "127.0.0.1:0", peers: [hub.address])
      try await wait(for: answer, on: phone)
      let between = phone.words
      try await laptop.append("Before anybody listened", to: answer)
      _ = try await first(between) { !$0.isEmpty }
      let words = desktop.words
      let reader = try await desktop.serve(on: "127.0.0.1:0", peers: [hub.address])
      _ = try await first(words) { $0.first?.reading == "Before anybody listened" }
      // Who looks only now sees it as well.
      _ = try await first(desktop.words) { $0.first?.reading == "Before anybody listened" }
      for server in [reader, writer, hub] { await server.stop() }
    }
  }

  @Test func nothingThatIsOnlyToldIsInAnyFile() async throws {
    try await withRow { laptop, desktop, phone in
      let chat = try await laptop.newConversation("Secret")
      let answer = try await laptop.beginMessage(in: chat)
      try await wait(for: answer, on: desktop)
      let words = desktop.words
      let secret = "xyzzy-\(UUID().uuidString)"
      try await laptop.append(secret, to: answer)
      _ = try await first(words) { $0.first?.reading == secret }
      func holds(_ replica: Replica) throws -> Bool {
        try FileManager.default.subpathsOfDirectory(atPath: replica.home.path).contains { name in
          let bytes = FileManager.default.contents(atPath: replica.home.path + "/" + name) ?? Data()
          return bytes.range(of: Data(secret.utf8)) != nil
        }
      }
      #expect(try await desktop.message(answer).message.text.isEmpty, "it was not sealed meanwhile")
      #expect(try !holds(desktop) && !holds(phone))
      #expect(try holds(laptop), "its writer keeps it at once")
      try await laptop.finishMessage(answer)
      _ = try await first(words) { $0.isEmpty }
      #expect(try holds(desktop), "or this test would see nothing")
    }
  }

  @Test func whatIsUndoneWasNeverTold() async throws {
    try await withRow { laptop, desktop, _ in
      let chat = try await laptop.newConversation("Undone")
      let answer = try await laptop.beginMessage(in: chat)
      try await wait(for: answer, on: desktop)
      let words = desktop.words
      await #expect(throws: AnabranchError.self) {
        try await laptop.atomically { replica throws(AnabranchError) in
          try replica.append("never", to: answer)
          throw AnabranchError(.invalid, "no")
        }
      }
      try await laptop.append("kept", to: answer)
      let told = try await first(words) { !$0.isEmpty }
      #expect(told[0].reading == "kept")
      try await laptop.finishMessage(answer)
      _ = try await first(words) { $0.isEmpty }
    }
  }

  @Test func wordsOfWhatWasPurgedAreNotShown() async throws {
    try await withRow { laptop, desktop, _ in
      let chat = try await laptop.newConversation("Purged")
      let answer = try await laptop.beginMessage(in: chat)
      try await wait(for: answer, on: desktop)
      let words = desktop.words
      try await laptop.append("a secret", to: answer)
      _ = try await first(words) { $0.first?.reading == "a secret" }
      try await desktop.purge(answer)
      await #expect(throws: AnabranchError.self) { try await desktop.liveText(of: answer) }
      try await laptop.finishMessage(answer)
      _ = try await first(words) { $0.isEmpty }
      let theirs = laptop.changes
      while (try? await laptop.message(answer).message.isPurged) == false { for await _ in theirs { break } }
    }
  }

  @Test func aTextThatIsNotThereIsNotFound() async throws {
    try await withDevices { laptop, _, _ in
      let chat = try await laptop.newConversation("Here")
      #expect(try await laptop.liveText(.notes, of: chat) == "")
      await #expect(throws: AnabranchError.self) { try await laptop.liveText(of: chat) }
    }
  }
}
