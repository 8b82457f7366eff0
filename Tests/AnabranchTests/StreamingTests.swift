import Anabranch
import Foundation
import Testing

@Suite struct StreamingTests {
  @Test func piecesOfAnAnswerBecomeOneChange() async throws {
    try await withHomes(1) { homes in
      let replica = try await Replica.create(at: homes[0], name: "Laptop")
      let chat = try await replica.newConversation("A chat")
      try await replica.say("Tell me a story.", in: chat)
      let before = try await replica.status().vector.changes
      let answer = try await replica.beginMessage(in: chat, model: "a model")
      for word in ["Once", " upon", " a", " 時", " 👩‍👩‍👧", "."] { try await replica.append(word, to: answer) }
      #expect(try await replica.messages(of: chat).last?.text == "Once upon a 時 👩‍👩‍👧.")
      #expect(try await replica.status().vector.changes == before + 1, "nothing is sealed yet")

      // Somebody who only reads sees the words too, and a restart keeps them.
      let reader = try await Replica.read(at: homes[0])
      #expect(try await reader.messages(of: chat).last?.text == "Once upon a 時 👩‍👩‍👧.")
      try await reader.close()
      try await replica.close()
      let again = try await Replica.open(at: homes[0])
      #expect(try await again.messages(of: chat).last?.text == "Once upon a 時 👩‍👩‍👧.")
      #expect(try await again.status().vector.changes == before + 2, "sealed as one change when it was opened")

      try await again.append(" The end.", to: answer)
      try await again.finishMessage(answer)
      #expect(try await again.messages(of: chat).last?.text == "Once upon a 時 👩‍👩‍👧. The end.")
      #expect(try await again.verify().faults == [])
      try await again.close()
    }
  }

  @Test func aRestSealsByItself() async throws {
    try await withHomes(1) { homes in
      let replica = try await Replica.create(at: homes[0], name: "Laptop")
      let chat = try await replica.newConversation("A chat")
      let answer = try await replica.beginMessage(in: chat)
      let before = try await replica.status().vector.changes
      try await replica.append("Hello", to: answer)
      let changes = replica.changes
      for await change in changes {
        #expect(change.conversations == [chat])
        break
      }
      #expect(try await replica.status().vector.changes == before + 1)
      try await replica.close()
    }
  }

  /// The first 64 KiB are sealed at once, because they are as much as a change holds; the rest has to follow.
  @Test(.timeLimit(.minutes(1))) func whatIsLeftOfALongPieceIsSealedAfterARest() async throws {
    try await withHomes(1) { homes in
      let replica = try await Replica.create(at: homes[0], name: "Laptop")
      let chat = try await replica.newConversation("A chat")
      let answer = try await replica.beginMessage(in: chat)
      let before = try await replica.status().vector.changes
      let changes = replica.changes
      try await replica.append(String(repeating: "word ", count: 15_000), to: answer)
      #expect(try await replica.status().vector.changes == before + 1)
      var told = changes.makeAsyncIterator()
      _ = await told.next()
      _ = await told.next()
      #expect(try await replica.status().vector.changes == before + 2)
      try await replica.close()
    }
  }
}

/// Runs `body` with as many homes in a temporary folder, which is removed afterwards.
func withHomes(_ count: Int, _ body: ([Home]) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.path + "/anabranch-tests-\(UUID().uuidString)"
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try await body((0..<count).map { Home("\(folder)/\($0)") })
}
