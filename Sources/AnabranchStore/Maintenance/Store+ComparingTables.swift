internal import AnabranchCore
internal import AnabranchWire
internal import Foundation
internal import GRDB

/// The rows of views that no conversation's dump has: compared with those of a database that was built anew.
extension Store {
  /// Of which tables which columns are the same in every database whose logs have the same ordinals; a star stands for names of
  /// objects, of which imported ones are numbered as they came.
  private static let compared: [(table: String, columns: [String])] = [
    ("register", ["object*", "register", "operation", "time"]), ("element", ["object*", "kind", "operation"]),
    ("deletion", ["conversation*", "operation"]), ("edit", ["object*", "text", "operation"]), ("imported", ["id"]),
    ("unshown", ["object*", "operation"]), ("purge", ["object*", "operation"]), ("receipt", ["purge", "operation"]),
    ("redaction", ["object*", "operation", "purge"]), ("withdrawal", ["object*", "operation"]),
    ("reinstatement", ["object*", "operation"]), ("undoing", ["action", "operation"]),
    ("action", ["first", "last", "changes", "conversations", "messages"]), ("regained", ["edit", "operation"]),
    ("reading", ["conversation*", "log", "message"]), ("attached", ["blob", "operation"]), ("roster", ["operation"]),
    ("uncounted", ["operation", "object*"]),
  ]

  /// The tables whose rows are others than `copy` has. O(rows).
  func compareTables(with copy: Store) throws(StoreError) -> [String] {
    var differences: [String] = []
    for table in Schema.viewTables where !Schema.pageTables.contains(table) {
      let columns = Self.compared.first { $0.table == table }?.columns ?? []
      let (kept, built) = (try rows(of: table, columns), try copy.rows(of: table, columns))
      if kept.count != built.count {
        differences.append("table \(table) has \(kept.count) rows, and \(built.count) when built anew")
      } else if kept.sum != built.sum {
        differences.append("table \(table) has other rows than when built anew")
      }
    }
    return differences
  }

  /// How many rows a table has, and the sum of their hashes.
  private func rows(of table: String, _ columns: [String]) throws(StoreError) -> (count: Int, sum: StateHash) {
    let selected = columns.map { column in
      guard column.hasSuffix("*") else { return column }
      let name = column.dropLast()
      return "CASE WHEN \(name) < 0 THEN (SELECT id FROM imported WHERE number = -\(table).\(name)) ELSE \(name) END"
    }
    let sql = "SELECT \(selected.joined(separator: ", ")) FROM \(table)"
    return try reading { db in
      var (count, sum) = (0, StateHash())
      guard !columns.isEmpty else {
        count = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
        // How many of the newest messages have come to the table says nothing.
        return (count + (table == "message" ? try MessageTail.messageCount(db) : 0), sum)
      }
      let cursor = try Row.fetchCursor(db, sql: sql)
      while let row = try cursor.next() {
        var bytes: [UInt8] = []
        for (_, value) in row { bytes += Self.bytes(of: value) }
        count += 1
        sum.add(StateHash(Hashing.hash(.state, bytes[...])))
      }
      return (count, sum)
    }
  }

  /// A value with its type, which damage may alter, too.
  private static func bytes(of value: DatabaseValue) -> [UInt8] {
    switch value.storage {
    case .null: [0]
    case .int64(let number): [1] + withUnsafeBytes(of: number.bigEndian) { Array($0) }
    case .double(let number): [2] + withUnsafeBytes(of: number.bitPattern.bigEndian) { Array($0) }
    case .string(let text): [3] + withUnsafeBytes(of: text.utf8.count.bigEndian) { Array($0) } + Array(text.utf8)
    case .blob(let data): [4] + withUnsafeBytes(of: data.count.bigEndian) { Array($0) } + Array(data)
    }
  }
}

/// What is to be overwritten stands in a local table, which no log tells.
extension Store {
  /// Purges that are to be carried out and are not held: a disk has altered their names, and what they took would stay.
  func erasureFaults() throws(StoreError) -> [String] {
    try reading { db in
      let strays = try Int64.fetchAll(
        db,
        sql: """
          SELECT purge FROM erasure
          WHERE purge NOT IN (SELECT operation FROM purge UNION ALL SELECT purge FROM redaction) ORDER BY purge
          """)
      return strays.map { "a purge is to be carried out that is not held, number \($0)" }
    }
  }
}
