import Anabranch
import AnabranchExchange
import Foundation
import Testing

@Suite struct ReimportingTests {
  @Test func aLaterExportOfOursBringsWhatHappenedSince() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("First title")
      let answer = try await laptop.say("An answer", in: chat, as: .assistant)
      let deleted = try await laptop.newConversation("Deleted later")
      let kept = try await laptop.newConversation("Renamed on both")
      try await phone.take(laptop)
      try await desktop.take(laptop)
      let copies = Dictionary(
        try await phone.conversations().map { ($0.id.description, $0.id) }, uniquingKeysWith: { first, _ in first })
      let copy = try #require(copies[chat.description])
      try await phone.setTitle("Given here", of: try #require(copies[kept.description]))

      try await Task.sleep(for: .milliseconds(2))
      try await laptop.setTitle("Second title", of: chat)
      try await laptop.setPinned(true, of: chat)
      try await laptop.say("One more", in: chat)
      try await laptop.append(", continued", to: answer)
      try await laptop.setTitle("Given there", of: kept)
      try await laptop.setTitle("Renamed, then deleted", of: deleted)
      try await laptop.delete(deleted)

      #expect(try await phone.take(laptop).new == 5, "three conversations, one message, and one that went on")
      let now = try await phone.conversation(copy)
      #expect(now.summary.title == "Second title" && now.summary.pinned)
      #expect(now.messages.map(\.text) == ["An answer, continued", "One more"])
      #expect(try await phone.conversations(trashed: true).map(\.title) == ["Renamed, then deleted"])
      #expect(try await phone.conversation(try #require(copies[kept.description])).summary.title == "Given here")

      let before = try await phone.status()
      #expect(try await phone.take(laptop).new == 0)
      #expect(try await phone.status().vector == before.vector, "a third import writes nothing")

      // What the phone made of it, title of its own included, goes on to the next device in the same way.
      try await desktop.take(phone)
      #expect(
        Set(try await desktop.conversations().map(\.title)) == ["Second title", "Given here"])
      #expect(try await laptop.take(phone).new == 0)
    }
  }

  @Test func theTrashFollowsUnlessItWasDecidedHere() async throws {
    try await withDevices { laptop, phone, _ in
      var source = SourceConversation(source: "anabranch", id: "0123456789abcdef0123456789abcdef")
      source.title = "Deleted there"
      source.updated = 1_700_000_000_000
      let message = SourceMessage(id: "fedcba9876543210fedcba9876543210", parents: [], role: .user, text: "Hello")
      // As after a kill between the messages and the deletion.
      _ = try await phone.importHistory(from: Events([.conversation(source), .message(message)]))
      let id = try #require(try await phone.conversations().first).id
      var older = source
      older.trashed = true
      older.updated = 1_600_000_000_000
      _ = try await phone.importHistory(from: Events([.conversation(older)]))
      #expect(try await phone.conversations().count == 1, "an older export decides nothing")
      source.trashed = true
      _ = try await phone.importHistory(from: Events([.conversation(source), .message(message)]))
      #expect(try await phone.conversations().isEmpty)
      try await phone.restore(id)
      _ = try await phone.importHistory(from: Events([.conversation(source), .message(message)]))
      #expect(try await phone.conversations().count == 1, "what a person restored stays")
      try await phone.delete(id)
      source.trashed = false
      _ = try await phone.importHistory(from: Events([.conversation(source), .message(message)]))
      #expect(try await phone.conversations().isEmpty, "importing revives nothing")

      source.trashed = true
      _ = try await laptop.importHistory(from: Events([.conversation(source), .conversation(source)]))
      #expect(try await laptop.conversations(trashed: true).count == 1, "also where it is new")
    }
  }

  @Test func aTagThatIsTooLongIsLeftOut() async throws {
    try await withDevices { laptop, _, _ in
      var source = SourceConversation(source: "anabranch", id: "0123456789abcdef0123456789abcdef")
      source.tags = ["good", "good", String(repeating: "t", count: Replica.valueBytesMax + 1)]
      let summary = try await laptop.importHistory(from: Events([.conversation(source)]))
      #expect(summary.warnings.map(\.code) == ["long-tag"] && summary.skipped)
      #expect(try await laptop.conversations().map(\.tags) == [["good"]])
    }
  }

  @Test func aConversationWithAMebibyteOfUnknownFieldsIsKeptWhole() async throws {
    try await withDevices { laptop, phone, _ in
      let unknown = (0..<(1 << 17)).map { String(format: "%07d ", $0) }.joined()
      let export = MergingTests.export.replacing("{\"id\": \"c1\",", with: "{\"id\": \"c1\", \"x\": \"\(unknown)\",")
      try await withFile(Data(export.utf8)) { file in
        guard case .conversation(let told)? = try HistoryFile.open(file).next() else {
          Issue.record("expected a conversation first")
          return
        }
        let verbatim = try #require(told.verbatim)
        #expect(verbatim.utf8.count > 1 << 20)
        let summary = try await laptop.importHistory(from: HistoryFile.open(file))
        #expect(summary.new == 4 && summary.warnings.isEmpty)
        let conversation = try #require(try await laptop.conversations().first)
        #expect(conversation.title == "Bread" && conversation.verbatim == verbatim)
        let before = try await laptop.status()
        #expect(try await laptop.importHistory(from: HistoryFile.open(file)).new == 0)
        #expect(try await laptop.status().vector == before.vector)
        try await syncAll(laptop, phone)
        #expect(try await phone.conversations().map(\.verbatim) == [verbatim])
        #expect(try await phone.importHistory(from: HistoryFile.open(file)).new == 0)
      }
    }
  }
}

/// A history that lies in memory.
final class Events: HistoryReader {
  private var rest: ArraySlice<HistoryEvent>

  init(_ events: [HistoryEvent]) {
    rest = events[...]
  }

  func next() -> HistoryEvent? {
    rest.popFirst()
  }

  var progress: WorkProgress {
    WorkProgress(done: 0, total: 0)
  }
}

/// Runs `body` with a file of that content.
private func withFile(_ content: Data, _ body: (String) async throws -> Void) async throws {
  let file = FileManager.default.temporaryDirectory.path + "/anabranch-reimport-\(UUID().uuidString)"
  defer { try? FileManager.default.removeItem(atPath: file) }
  try content.write(to: URL(fileURLWithPath: file))
  try await body(file)
}

extension Replica {
  /// Imports an export of everything that `other` holds.
  @discardableResult
  func take(_ other: Replica) async throws -> ImportSummary {
    let lines = Lines()
    var writer = JSONLinesWriter { lines.bytes += $0 }
    try await other.export(to: &writer)
    let file = FileManager.default.temporaryDirectory.path + "/anabranch-reimport-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Data(lines.bytes).write(to: URL(fileURLWithPath: file))
    return try await importHistory(from: HistoryFile.open(file))
  }
}
