import Anabranch
import Foundation
import Testing

/// Databases that earlier versions wrote, as they wrote them.
@Suite struct UpgradeTests {
  /// Written by the version of commit 3b7110b, at schema and semantics level 1, which knew no edits of a text: it
  /// received two from a newer replica, kept them without effect, and passed them on.
  @Test(arguments: [false, true]) func showsWhatAnOlderVersionOnlyKept(readOnly: Bool) async throws {
    try await withHomes(1) { homes in
      let source = try #require(Bundle.module.url(forResource: "Fixtures/schema-1", withExtension: "sqlite"))
      let fresh = try await Replica.create(at: homes[0], name: "old")
      try await fresh.close()
      for file in ["history.sqlite", "history.sqlite-wal", "history.sqlite-shm"] {
        try? FileManager.default.removeItem(atPath: homes[0].path + "/" + file)
      }
      try FileManager.default.copyItem(atPath: source.path, toPath: homes[0].path + "/history.sqlite")

      let replica = try await readOnly ? Replica.read(at: homes[0]) : Replica.open(at: homes[0])
      let chat = try #require(try await replica.conversations().first)
      #expect(chat.title == "Written before texts could be edited")
      let record = try await replica.conversation(chat.id)
      #expect(record.messages.map(\.text) == ["We both stay in Alfama for four nights"])
      #expect(record.messages.map(\.isEdited) == [true])
      #expect(record.notes == "Book the train")
      #expect(try await replica.verify().faults == [])
      try await replica.close()

      // What the older version had is still beside it.
      let backup = homes[0].path + "/history.sqlite.schema-1.backup"
      #expect(FileManager.default.contents(atPath: backup)?.isEmpty == false)
    }
  }
}
