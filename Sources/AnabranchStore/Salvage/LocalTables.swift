internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

/// What a database has beside its log that is not made of it.
enum LocalTables {
  /// Settings that are true of another database with the same logs, beside the name of the own one.
  private static let settings: [Setting] = [.name, .space, .rosterSpace, .inviters, .originMark, .clock, .formerWork]

  /// Tables whose rows are copied as they stand.
  private static let tables: [(name: String, columns: [String])] = [
    ("peer", ["device", "name", "address", "vector", "contact"]), ("preference", ["name", "value"]),
    ("blob_holder", ["blob", "device"]), ("open_change", ["id", "time", "wall", "action"]),
    ("open_operation", ["position", "draft"]),
  ]

  /// Copies the name of the log that this device writes. Returns what is wrong with that, one sentence each.
  static func copyOwnLog(from old: Database, to new: Database) -> [String] {
    copy(.ownLog, from: old, to: new)
  }

  private static func copy(_ setting: Setting, from old: Database, to new: Database) -> [String] {
    do {
      let sql = "SELECT value FROM setting WHERE name = ?"
      let value = try DatabaseValue.fetchOne(old, sql: sql, arguments: [setting.rawValue])
      if let value, !value.isNull { try setting.set(value, in: new) }
      return []
    } catch {
      return ["this device's setting “\(setting.rawValue)” cannot be read"]
    }
  }

  /// Copies what can be read. Returns what cannot, one sentence each. Where logs have other numbers than before, what names them by
  /// these is left out.
  static func copy(from old: Database, to new: Database, numbersMatch: Bool) -> [String] {
    var faults: [String] = []
    for setting in settings where numbersMatch || setting != .formerWork {
      faults += copy(setting, from: old, to: new)
    }
    for (name, columns) in tables {
      do {
        let rows = try Row.fetchCursor(old, sql: "SELECT \(columns.joined(separator: ", ")) FROM \(name)")
        let places = columns.map { _ in "?" }.joined(separator: ", ")
        let insert = "INSERT OR REPLACE INTO \(name)(\(columns.joined(separator: ", "))) VALUES(\(places))"
        while let row = try rows.next() {
          var values: [DatabaseValue] = columns.map { row[$0] }
          if !numbersMatch, let place = columns.firstIndex(of: "vector") { values[place] = Data().databaseValue }
          try new.execute(sql: insert, arguments: StatementArguments(values))
        }
      } catch {
        faults.append("not all of the table \(name) can be read")
      }
    }
    return faults
  }

  /// Copies the attached files, as far as their blocks are what their names say. Returns how many blocks are not. O(bytes), one
  /// block at a time.
  static func copyBlobs(from old: Database, to new: Database) throws -> Int {
    var lost = 0
    let ids =
      (try? old.all("SELECT id FROM blob WHERE missing >= 0 ORDER BY number") { _ in
      } _: {
        try $0.bytes(0)
      }) ?? []
    for id in ids {
      guard let id = Digest(id).map({ BlobID($0) }), let row = try? BlobRow.fetch(old, id),
        let outline = row.outline(of: id)
      else { continue }
      var missing = 0
      for index in outline.blocks.indices {
        let key = row.key(ofBlock: UInt32(clamping: index))
        let bytes = try? old.first("SELECT bytes FROM block WHERE id = ?") {
          $0.add(key)
        } _: {
          try $0.bytes(0)
        }
        guard let bytes, outline.holds(bytes[...], at: index) else {
          missing += 1
          continue
        }
        try new.run("INSERT INTO block(id, bytes) VALUES(?, ?)") { values in
          values.add(key)
          values.add(bytes)
        }
      }
      // What had not come yet is not lost.
      lost += max(0, missing - Int(clamping: row.missing))
      try new.run("INSERT INTO blob(number, id, bytes, missing, wanted, outline) VALUES(?, ?, ?, ?, ?, ?)") { values in
        values.add(row.number)
        values.add(id.digest)
        values.add(Int64(clamping: outline.byteCount))
        values.add(Int64(missing))
        values.add(Int64(row.isWanted ? 1 : 0))
        values.add(outline.blocks.flatMap(\.bytes))
      }
    }
    return lost
  }
}
