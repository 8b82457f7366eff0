import GRDB
import Testing

@testable import AnabranchStore

@Suite("Hot statements find their rows by key")
struct QueryPlanTests {
  @Test(arguments: [
    "SELECT bytes FROM change WHERE id = ?",
    "SELECT hash FROM change WHERE id = ?",
    "SELECT id, hash FROM change WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1",
    "SELECT * FROM conversation WHERE key = ?",
    "SELECT tail FROM conversation WHERE key = ? AND tail IS NOT NULL",
    "SELECT * FROM message WHERE conversation = ? AND key = ?",
    "SELECT * FROM message WHERE conversation = ? ORDER BY key",
    "SELECT max(key) FROM message WHERE conversation = ? AND key BETWEEN ? AND ?",
    "SELECT operation FROM edit WHERE object = ? AND text = ? ORDER BY operation",
    "SELECT operation FROM edit WHERE object = ? ORDER BY text, operation",
    "SELECT operation, time FROM register WHERE object = ? AND register = ?",
    "SELECT operation FROM element WHERE object = ? AND kind = ? ORDER BY operation",
    "SELECT operation FROM deletion WHERE conversation = ? ORDER BY operation",
    "SELECT number FROM imported WHERE id = ?",
    "SELECT conversation, others FROM imported WHERE number = ?",
    "DELETE FROM register WHERE object = ? AND register = ? AND operation = ?",
    "DELETE FROM element WHERE object = ? AND kind = ? AND operation = ?",
  ])
  func plan(sql: String) throws {
    let folder = try TemporaryFolder()
    let store = try folder.store()
    try store.queue.inDatabase { db in
      let count = sql.count { $0 == "?" }
      let rows = try Row.fetchAll(
        db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: StatementArguments([Int](repeating: 0, count: count))
      )
      let steps = rows.map { $0["detail"] as String }
      #expect(steps.count == 1, "\(steps)")
      for step in steps {
        #expect(step.hasPrefix("SEARCH"), "\(step)")
        #expect(step.contains("PRIMARY KEY") || step.contains("(id=?)"), "\(step)")
      }
    }
  }
}
