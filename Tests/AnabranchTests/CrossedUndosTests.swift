import Anabranch
import SeededRandom
import Testing

/// Why words are not there though all who deleted them were undone, and what brings them back.
@Suite("Crossed undos") struct CrossedUndosTests {
  private static let words = ["one", "two", "three", "four", "five"]

  /// Rewrites a message as somebody would who sees `text`.
  private func write(_ text: String, to message: ObjectID, on device: Replica) async throws {
    let now = try await device.text(.body, of: message)
    try await device.edit(TextEdits(from: now.text, to: text), of: .body, in: message, seen: now.version)
  }

  /// Three devices delete words without knowing of each other, and take each other's deletions back without knowing of each other's undos.
  private func cross(
    _ random: inout RandomStream, _ devices: [Replica], _ message: ObjectID
  ) async throws {
    var deletions: [ActionRecord] = []
    for device in devices {
      let (start, count) = (random.below(4), 1 + random.below(3))
      let left = Self.words.enumerated().filter { !(start..<start + count).contains($0.offset) }.map(\.element)
      try await write(left.joined(separator: " "), to: message, on: device)
      deletions.append(try #require(try await device.lastAction()))
    }
    try await syncAll(devices[0], devices[1], devices[2])
    // Each is undone by somebody, or by two, in any order.
    for action in random.shuffled(deletions) {
      for device in random.shuffled(devices).prefix(1 + random.below(5) / 4) { try await device.undo(action) }
    }
    try await syncAll(devices[0], devices[1], devices[2])
  }

  @Test("Of words that all have put back, and that are not there, it is told what brings them back", arguments: 0..<16)
  func remediesHelp(seed: Int) async throws {
    try await withDevices { laptop, phone, desktop in
      var random = RandomStream(seed: UInt64(seed))
      let chat = try await laptop.newConversation("Trip")
      let message = try await laptop.say(Self.words.joined(separator: " "), in: chat)
      try await syncAll(laptop, phone, desktop)
      try await cross(&random, [laptop, phone, desktop], message)
      for round in 0..<8 {
        let told = try await laptop.explanation(of: .body, of: message, limit: .max)
        #expect(try await phone.explanation(of: .body, of: message, limit: .max).meetings == told.meetings)
        let text = try await laptop.text(.body, of: message).text
        var crossed: (words: String, crossing: ExplainedText.Crossing)?
        for meeting in told.meetings {
          guard case .deletions(let words, let deleters, let again) = meeting.meeting, again == nil else { continue }
          let isUndone = told.steps.allSatisfy { !deleters.contains($0.step.operation) || $0.undoneBy != nil }
          // At first nobody has deleted anything since all of it was undone.
          if round == 0 { #expect((meeting.crossing != nil) == isUndone, "“\(words.text)” of “\(text)”") }
          crossed = meeting.crossing.map { (words.text, $0) }
        }
        guard let (words, crossing) = crossed else { break }
        guard !crossing.remedy.isEmpty else { return }
        for action in crossing.remedy { try await laptop.undo(laptop.action(action.actionName)) }
        let after = try await laptop.text(.body, of: message).text
        #expect(after.contains(words), "“\(words)” in “\(after)”, which was “\(text)”")
        try await syncAll(laptop, phone, desktop)
      }
    }
  }
}
