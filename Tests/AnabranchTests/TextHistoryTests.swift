import Anabranch
import Foundation
import Testing

/// Earlier versions of texts, what differs between them, and who wrote what.
@Suite struct TextHistoryTests {
  @Test func everyVersionCanBeRead() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let message = try await laptop.say("three nights in Alfama", in: chat)
      try await laptop.rewrite(.body, of: message, from: "three nights in Alfama", to: "four nights in Alfama")
      try await syncAll(laptop, phone)
      try await phone.rewrite(.body, of: message, from: "four nights in Alfama", to: "four nights in Graça")
      try await syncAll(laptop, phone)
      let revisions = try await laptop.revisions(of: .body, of: message)
      #expect(revisions.revisions.count == 2 && revisions.base.text == "three nights in Alfama")
      #expect(revisions.revisions.map(\.inserted) == [4, 5] && revisions.revisions.map(\.deleted) == [5, 6])
      #expect(
        (0...2).map { revisions.document(after: $0).text } == [
          "three nights in Alfama", "four nights in Alfama", "four nights in Graça",
        ])
      #expect(
        revisions.difference(between: 0, and: 2) == [
          TextDifference(kind: .removed, text: "three"), TextDifference(kind: .inserted, text: "four"),
          TextDifference(kind: .same, text: " nights in "), TextDifference(kind: .removed, text: "Alfama"),
          TextDifference(kind: .inserted, text: "Graça"),
        ])
      #expect(try await phone.revisions(of: .body, of: message).revisions == revisions.revisions)

      let authors = try await phone.authors(of: .body, of: message)
      #expect(
        authors.map(\.text) == ["four", " nights in ", "Graça"] && authors.map(\.position) == [0, 4, 15])
      let logs = try await (laptop.status().log, phone.status().log)
      #expect(authors.map { $0.operation?.log } == [logs.0, logs.0, logs.1])
      #expect(authors[1].operation == message.operation && authors.allSatisfy { $0.time != nil })
      await #expect(throws: AnabranchError.self) { try await laptop.revisions(of: .body, of: chat) }
      try await laptop.purge(message)
      await #expect { _ = try await laptop.revisions(of: .body, of: message) } throws: {
        ($0 as? AnabranchError)?.code == .purged
      }
    }
  }

  @Test(arguments: UInt64(0)..<20)
  func aDifferenceMakesOneOfTheOther(seed: UInt64) async throws {
    try await withDevices { laptop, _, _ in
      let chat = try await laptop.newConversation()
      var text = ""
      var generator = SystemRandomNumberGenerator()
      for _ in 0..<6 {
        var words = text.split(separator: " ").map(String.init)
        for _ in 0...Int.random(in: 0...3, using: &generator) {
          if words.isEmpty || Bool.random() {
            words.insert(["a", "bé", "🎉", "long word"].randomElement() ?? "a", at: Int.random(in: 0...words.count))
          } else {
            words.remove(at: Int.random(in: 0..<words.count))
          }
        }
        let new = words.joined(separator: " ")
        try await laptop.rewrite(.notes, of: chat, from: text, to: new)
        text = new
      }
      let revisions = try await laptop.revisions(of: .notes, of: chat)
      let count = revisions.revisions.count
      for (earlier, later) in [(0, count), (count / 2, count), (count, count / 2), (1, 1)] {
        let parts = revisions.difference(between: earlier, and: later)
        func text(without kind: TextDifference.Kind) -> String {
          parts.filter { $0.kind != kind }.map(\.text).joined()
        }
        #expect(text(without: .inserted) == revisions.document(after: earlier).text)
        #expect(text(without: .removed) == revisions.document(after: later).text)
      }
    }
  }
}
