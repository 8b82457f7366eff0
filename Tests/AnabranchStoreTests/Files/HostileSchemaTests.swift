import AnabranchCore
import AnabranchTestSupport
import Foundation
import GRDB
import Testing

@testable import AnabranchStore

/// Files whose list of tables somebody wrote who means harm.
@Suite("Databases with other tables than ours") struct HostileSchemaTests {
  /// A database with one conversation, handed over in a folder of its own, of which `edits` were made.
  private func database(_ edits: String...) throws -> TemporaryFolder {
    let (folder, target) = (try TemporaryFolder(), try TemporaryFolder())
    var author = try Author(folder.store())
    _ = try author.start("title")
    try author.store.backUp(to: target.file("evil"))
    try author.store.close()
    let queue = try DatabaseQueue(path: target.file("evil"))
    try queue.inDatabase { db in
      try db.execute(sql: "PRAGMA writable_schema = ON")
      for edit in edits { try db.execute(sql: edit) }
      try db.execute(sql: "PRAGMA schema_version = 4711")
    }
    try queue.close()
    return target
  }

  /// A view in place of a table, which would give rows for ever, were it not for the tests.
  private static func view(_ table: String, _ columns: String) -> String {
    """
    DELETE FROM sqlite_schema WHERE tbl_name = '\(table)';
    INSERT INTO sqlite_schema VALUES('view', '\(table)', '\(table)', 0, 'CREATE VIEW \(table) AS
      WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT \(columns) FROM n')
    """
  }

  private static let changes = view("change", "i AS id, NULL AS hash, NULL AS signature, NULL AS bytes")
  private static let logs = view("log", "i AS ordinal, NULL AS id, NULL AS header, 0 AS indexed")

  /// A column of ours that is computed whenever somebody reads it.
  private static let computed =
    "UPDATE sqlite_schema SET sql = replace(sql, 'bytes BLOB NOT NULL', 'bytes AS (zeroblob(1e9))') WHERE name = 'change'"

  /// A statement that stands behind a table's.
  private func tail(_ sql: String, behind table: String) -> String {
    "UPDATE sqlite_schema SET sql = sql || '; \(sql.replacing("'", with: "''"))' WHERE name = '\(table)'"
  }

  @Test("What stands behind the statement of a table is never run")
  func tails() throws {
    let folder = try TemporaryFolder()
    let target = try database(
      tail("COMMIT; VACUUM INTO '\(folder.file("written"))'; BEGIN; --", behind: "conversation"))
    // Also where nobody looks at the tables first.
    let store = try Store(at: target.file("evil"), access: .read)
    try store.rewind(to: .moment(.max))
    #expect(try store.conversations().map(\.title) == ["title"])
    try store.close()
    #expect(try folder.names == [])
    let error = #expect(throws: StoreError.self) { _ = try Store.open(handedOver: target.file("evil")) }
    #expect(error?.code == .foreign)
  }

  @Test("A view or a trigger, and a table of ours that is another one, is refused; also where the file is called older")
  func strangers() throws {
    for edits in [
      [Self.changes], [Self.logs],
      ["CREATE VIEW harmless AS SELECT 1"],
      ["CREATE TRIGGER t AFTER INSERT ON setting BEGIN DELETE FROM change; END"],
      ["CREATE VIRTUAL TABLE other USING fts5(text)"],
      [Self.computed],
      ["DROP TABLE page"],
      ["CREATE VIEW harmless AS SELECT 1", "PRAGMA user_version = 3"],
      ["CREATE TRIGGER t AFTER DELETE ON change BEGIN DELETE FROM log; END", "PRAGMA user_version = 3"],
    ] {
      let target = try database(edits.joined(separator: "; "))
      let error = #expect(throws: StoreError.self, "\(edits)") { _ = try Store.open(handedOver: target.file("evil")) }
      #expect(error?.code == .foreign && error?.message.contains("tabl") == true, "\(edits): \(error as Any)")
      #expect(try target.names == ["evil"])
      #expect(throws: StoreError.self, "\(edits)") {
        try Store.copyBackup(target.file("evil"), to: target.file("mine"))
      }
    }
  }

  @Test("Tables beside ours are nobody's business, nor is a search's index")
  func harmless() throws {
    let target = try database("CREATE TABLE mine(word TEXT)", "CREATE INDEX by_word ON mine(word)", "ANALYZE")
    #expect(try Store.open(handedOver: target.file("evil")).conversations().count == 1)
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    _ = try author.say("words", in: author.start("title"))
    while try author.store.indexStep() {}
    try author.store.backUp(to: target.file("indexed"))
    #expect(try Store.open(handedOver: target.file("indexed")).search("words").count == 1)
  }

  @Test(
    "The logs of a file in which a table is a view, or computes, are read all the same, page by page",
    arguments: [changes, logs, computed])
  func surveyed(edit: String) throws {
    let target = try database(edit)
    #expect(throws: StoreError.self) { _ = try DamagedDatabase(at: target.file("evil")) }
    let found = try Store.survey(damaged: target.file("evil")) { _, _ in true }
    #expect(found.logs.map(\.sound) == [2])
    #expect(found.messages.contains(DamagedDatabase.foundWords))
  }
}
