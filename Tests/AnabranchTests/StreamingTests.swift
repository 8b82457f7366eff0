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
}

/// Runs `body` with as many homes in a temporary folder, which is removed afterwards.
func withHomes(_ count: Int, _ body: ([Home]) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.path + "/anabranch-tests-\(UUID().uuidString)"
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try await body((0..<count).map { Home("\(folder)/\($0)") })
}
