import Anabranch
import Foundation
import Testing

/// Databases that earlier versions wrote, as they wrote them.
@Suite struct UpgradeTests {
  /// Written by the version of commit 3b7110b, at schema and semantics level 1, which knew no edits of a text: it
  /// received two from a newer replica, kept them without effect, and passed them on.
  @Test(arguments: [false, true]) func showsWhatAnOlderVersionOnlyKept(readOnly: Bool) async throws {
    try await withHomes(1) { homes in
      try await Self.copy("schema-1", to: homes[0])
      // Whoever only reads needs no key for that.
      if readOnly { try FileManager.default.removeItem(atPath: homes[0].key) }
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

  /// Written by the same version, which had received purges, a purge of what was deleted, a folder, a field, a setting
  /// and a read marker from a newer replica, and knew none of them.
  @Test func doesWhatAnOlderVersionOnlyKept() async throws {
    try await withHomes(1) { homes in
      try await Self.copy("schema-1-purged", to: homes[0])
      let later = Surroundings(
        wall: { 1_800_000_000_000 }, random: Surroundings.system.random, uptime: Surroundings.system.uptime)
      let replica = try await Replica.open(at: homes[0], surroundings: later)
      let chat = try #require(try await replica.conversations().first)
      #expect(try await replica.conversations().count == 1 && chat.title == "Kept by an older version")
      #expect(chat.folders == ["Trips"] && chat.fields == [FieldRecord(name: "state", value: "open")])
      #expect(chat.unread == 0)
      #expect(try await replica.settings() == [FieldRecord(name: "theme", value: "dark")])
      let messages = try await replica.messages(of: chat.id)
      #expect(messages.map(\.text) == ["this stays", "", "pasted here"])
      #expect(messages.map(\.isPurged) == [false, true, false])
      #expect(try await replica.search("zxcvqwerty").isEmpty)
      while try await replica.eraseStep() == .more {}
      #expect(try await replica.purges().count == 3)
      #expect(try await replica.purges().allSatisfy { $0.record.due == nil && $0.confirmed.count == 1 })
      #expect(try await replica.verify().faults == [])
      // The copy made before the migration is gone too.
      let folder = URL(filePath: homes[0].path)
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
        #expect(try Data(contentsOf: folder.appending(path: name)).range(of: Data("zxcvqwerty".utf8)) == nil, "\(name)")
      }
      try await replica.close()
    }
  }

  /// Written by the version of commit fcba1ec, at schema and semantics level 3, which had received two attached files,
  /// and a title, a message, an edit and a tag that were taken back, the tag twice undone. It showed the title and the
  /// message that the newer device had withdrawn, and no files.
  @Test func showsFilesAndWithdrawalsThatAnOlderVersionOnlyKept() async throws {
    try await withHomes(1) { homes in
      try await Self.copy("schema-3", to: homes[0])
      let replica = try await Replica.open(at: homes[0])
      let chat = try #require(try await replica.conversations().first)
      #expect(chat.title == "Kept by an older version" && chat.tags == ["trip"])
      let messages = try await replica.messages(of: chat.id)
      #expect(messages.map(\.text) == ["Which way to the sea?", "Down the hill."])
      let files = messages[0].attachments
      #expect(files.map(\.content.name) == ["photo.png", "list.txt"])
      #expect(files.map(\.presence) == [.partial(blocks: 0), .partial(blocks: 0)])
      #expect(try await replica.holders(of: files[0]) == ["newer"])
      #expect(try await replica.search("Taken").isEmpty)
      #expect(try await replica.verify().faults == [])
      // What was done before can be undone and done again by now.
      let actions = try await replica.actions(limit: 100).actions
      #expect(actions.count { !$0.undoes.isEmpty } == 5 && actions.count { $0.undoneBy != nil } == 4)
      let said = try #require(actions.first { $0.undoneBy != nil && $0.steps.contains { $0.kind == .createMessage } })
      let undo = try #require(actions.first { $0.undoes == [said.first] })
      try await replica.undo(undo)
      #expect(try await replica.messages(of: chat.id).map(\.text).last == "Taken back")
      #expect(try await replica.verify().faults == [])
      try await replica.close()
    }
  }

  /// Puts a database of the fixtures into a home that has a key.
  private static func copy(_ fixture: String, to home: Home) async throws {
    let source = try #require(Bundle.module.url(forResource: "Fixtures/\(fixture)", withExtension: "sqlite"))
    try await Replica.create(at: home, name: "old").close()
    for file in ["history.sqlite", "history.sqlite-wal", "history.sqlite-shm"] {
      try? FileManager.default.removeItem(atPath: home.path + "/" + file)
    }
    try FileManager.default.copyItem(atPath: source.path, toPath: home.path + "/history.sqlite")
  }
}
