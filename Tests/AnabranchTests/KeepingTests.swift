import Anabranch
import AnabranchExchange
import Foundation
import Testing

@Suite struct KeepingTests {
  @Test func anExportOfOursImportsBackToTheSame() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Größe \u{0} 大きさ")
      let first = try await laptop.say("With a NUL \u{0}, a newline\nand 👩‍👩‍👧", in: chat)
      try await laptop.say("An answer", in: chat, as: .assistant, model: "a model")
      try await laptop.say("A branch", in: chat, as: .assistant, at: .branch(from: first))
      try await laptop.addTag("a tag", to: chat)
      try await laptop.setPinned(true, of: chat)
      let trashed = try await laptop.newConversation("In the trash")
      try await laptop.delete(trashed)

      let lines = Lines()
      var writer = JSONLinesWriter { lines.bytes += $0 }
      try await laptop.export(to: &writer)
      let file = FileManager.default.temporaryDirectory.path + "/anabranch-lines-\(UUID().uuidString).jsonl"
      defer { try? FileManager.default.removeItem(atPath: file) }
      try Data(lines.bytes).write(to: URL(fileURLWithPath: file))

      #expect(try await laptop.importHistory(from: HistoryFile.open(file)).new == 0)
      let summary = try await phone.importHistory(from: HistoryFile.open(file))
      #expect(summary.new == 5 && summary.warnings.isEmpty)
      let (mine, theirs) = (try await laptop.conversation(chat), try await phone.conversations())
      let copy = try await phone.conversation(try #require(theirs.first).id)
      #expect(copy.messages.map(\.text) == mine.messages.map(\.text))
      #expect(copy.messages.map(\.role) == mine.messages.map(\.role))
      #expect(copy.messages.map(\.id.description) == mine.messages.map(\.id.description))
      #expect(
        copy.messages.map { $0.parents.map(\.description) } == mine.messages.map { $0.parents.map(\.description) })
      #expect(copy.messages.map(\.startsLine) == mine.messages.map(\.startsLine))
      #expect(copy.summary.title == mine.summary.title)
      #expect(copy.summary.tags == ["a tag"] && copy.summary.pinned)
      #expect(try await phone.conversations(trashed: true).map(\.title) == ["In the trash"])
      #expect(try await phone.importHistory(from: HistoryFile.open(file)).new == 0)
    }
  }

  @Test func aRestoredBackupIsADeviceOfItsOwn() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Before")
      try await syncAll(laptop, phone)
      let file = FileManager.default.temporaryDirectory.path + "/anabranch-backup-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: file) }
      try await laptop.backUp(to: file)
      try await laptop.say("After the backup", in: chat)
      try await withHomes(1) { homes in
        let restored = try await Replica.restore(from: file, to: homes[0], name: "Restored")
        #expect(try await restored.status().log != laptop.status().log)
        try await restored.say("On the restored one", in: chat)
        try await syncAll(laptop, phone, restored, desktop)
        #expect(try await phone.messages(of: chat).count == 2)
        try await restored.close()
        await #expect(throws: AnabranchError.self, "a live database is no backup") {
          _ = try await Replica.restore(from: laptop.home.database, to: Home(homes[0].path + "-2"), name: "Copy")
        }
      }
    }
  }

  @Test func aReaderSeesWhatIsWrittenMeanwhile() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Open")
      let reader = try await Replica.read(at: laptop.home)
      try await laptop.say("One", in: chat)
      #expect(try await reader.messages(of: chat).count == 1)
      // A log that the reader did not know when it was opened.
      try await syncAll(laptop, phone)
      try await phone.say("Two", in: chat)
      try await syncAll(laptop, phone)
      #expect(try await reader.messages(of: chat).map(\.text) == ["One", "Two"])
      #expect(try await reader.search("two").count == 1)
      await #expect(throws: AnabranchError.self) { try await reader.say("Three", in: chat) }
      try await reader.close()
    }
  }

  @Test func anotherWriterIsToldWhoHoldsTheReplica() async throws {
    try await withDevices { laptop, _, _ in
      let error = await #expect(throws: AnabranchError.self) { _ = try await Replica.open(at: laptop.home) }
      #expect(error?.code == .locked)
      #expect(error?.message.contains("\(getpid())") == true)
    }
  }

  @Test func aHomeIsMadeOnceAndItsKeyIsItsOwners() async throws {
    try await withDevices { laptop, _, _ in
      let before = try Data(contentsOf: URL(fileURLWithPath: laptop.home.database))
      let error = await #expect(throws: AnabranchError.self) {
        _ = try await Replica.create(at: laptop.home, name: "Again")
      }
      #expect(error?.code == .locked || error?.code == .exists)
      #expect(try Data(contentsOf: URL(fileURLWithPath: laptop.home.database)) == before)
      for path in [laptop.home.key, laptop.home.database] {
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
      }
    }
  }
}

/// Bytes that a writer hands out.
final class Lines: @unchecked Sendable {
  var bytes: [UInt8] = []
}

extension Replica {
  /// Writes the whole history.
  func export(to writer: inout JSONLinesWriter) throws {
    var copy = writer
    try exportHistory { event throws(AnabranchError) in
      do { try copy.write(event) } catch { throw AnabranchError(.io, "\(error)") }
    }
    try copy.finish()
    writer = copy
  }
}
