internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

/// What a database has beside its log that is not made of it.
enum LocalTables {
  /// Settings that are true of another database with the same logs, beside the name of the own one.
  private static let settings: [Setting] = [
    .name, .space, .rosterSpace, .inviters, .originMark, .clock, .formerMembers, .formerOutsiders,
  ]
  /// Those that name logs by their numbers.
  private static let numbered: [Setting] = [.formerWork, .awaitedChanges]

  /// What a column has.
  private enum Column {
    case hash, bytes, bytesOrNull, vector, integer
    /// Its reader tells what it can be.
    case anything

    func canHave(_ value: DatabaseValue) -> Bool {
      switch (self, value.storage) {
      case (.hash, .blob(let bytes)): bytes.count == Digest.count
      case (.bytes, .blob), (.vector, .blob), (.bytesOrNull, .blob), (.bytesOrNull, .null), (.integer, .int64): true
      case (.anything, _): true
      default: false
      }
    }
  }

  private typealias Table = (name: String, columns: KeyValuePairs<String, Column>)

  /// Tables whose rows are copied as they stand, each by itself.
  private static let tables: [Table] = [
    ("peer", ["device": .hash, "name": .bytes, "address": .bytesOrNull, "vector": .vector, "contact": .integer]),
    ("preference", ["name": .bytes, "value": .bytes]), ("blob_holder", ["blob": .hash, "device": .hash]),
  ]
  /// Those that name logs by their numbers, and of which no row can be left out alone.
  private static let numberedTables: [Table] = [
    ("open_change", ["id": .anything, "time": .anything, "wall": .anything, "action": .anything]),
    ("open_operation", ["position": .anything, "draft": .anything]),
  ]

  /// Copies the name of the log that this device writes. Returns what is wrong with that, one sentence each.
  static func copyOwnLog(from old: Database, to new: Database) -> [String] {
    copy(.ownLog, from: old, to: new)
  }

  private static func copy(_ setting: Setting, from old: Database, to new: Database) -> [String] {
    do {
      let sql = "SELECT value FROM setting WHERE name = ?"
      let value = try DatabaseValue.fetchOne(old, sql: sql, arguments: [setting.rawValue])
      guard let value, !value.isNull else { return [] }
      guard setting.isSound(value) else { return ["this device's setting “\(setting.rawValue)” is not what it can be"] }
      try setting.set(value, in: new)
      return []
    } catch {
      return ["this device's setting “\(setting.rawValue)” cannot be read"]
    }
  }

  /// Leaves out which space it is where two settings say different things: what was said of the device tells it again.
  static func dropContradictions(_ db: Database) throws {
    guard try Setting.contradictSpaces(db) else { return }
    for setting in [Setting.space, .rosterSpace] {
      try db.execute(sql: "DELETE FROM setting WHERE name = ?", arguments: [setting.rawValue])
    }
  }

  /// Copies what can be read. Returns what cannot, one sentence each. Where logs have other numbers than before, what names them by
  /// these is left out.
  static func copy(from old: Database, to new: Database, numbersMatch: Bool) -> [String] {
    var faults: [String] = []
    for setting in settings + (numbersMatch ? numbered : []) { faults += copy(setting, from: old, to: new) }
    let logs = try? LogState(new)
    for (name, columns) in tables + (numbersMatch ? numberedTables : []) {
      do {
        let names = columns.map(\.key).joined(separator: ", ")
        let rows = try Row.fetchCursor(old, sql: "SELECT \(names) FROM \(name)")
        let places = columns.map { _ in "?" }.joined(separator: ", ")
        let insert = "INSERT OR REPLACE INTO \(name)(\(names)) VALUES(\(places))"
        var isWhole = true
        while let row = try rows.next() {
          var values: [DatabaseValue] = columns.map { row[$0.key] }
          // Who has what is told again when one meets.
          for (place, column) in columns.enumerated() where column.value == .vector {
            let isSound = numbersMatch && logs?.isVector(values[place]) == true
            if !isSound { values[place] = Data().databaseValue }
          }
          // A row that cannot be is left out alone.
          guard zip(columns, values).allSatisfy({ $0.value.canHave($1) }) else {
            isWhole = false
            continue
          }
          do {
            try new.execute(sql: insert, arguments: StatementArguments(values))
          } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            isWhole = false
          }
        }
        if !isWhole { faults.append("not all of the table \(name) is what it can be") }
      } catch {
        faults.append("not all of the table \(name) can be read")
      }
    }
    return faults
  }

  /// Copies the attached files, as far as their blocks are what their names say. Returns how many blocks are not, and what else is wrong,
  /// one sentence each. O(bytes), one block at a time.
  static func copyBlobs(from old: Database, to new: Database) throws -> (lostBlocks: Int, faults: [String]) {
    var (lost, unreadable, ids): (Int, Int, [Digest?]) = (0, 0, [])
    var faults: [String] = []
    do {
      try old.forEach("SELECT id FROM blob WHERE missing >= 0 ORDER BY number") { _ in
      } _: {
        ids.append((try? $0.bytes(0)).flatMap { Digest($0) })
      }
    } catch {
      faults.append("not all of the table blob can be read, so attached files may be lacking")
    }
    for id in ids {
      guard let id = id.map({ BlobID($0) }), let row = try? BlobRow.fetch(old, id) else {
        unreadable += 1
        continue
      }
      // What it is made of is not here yet.
      guard row.blocks != nil else { continue }
      guard let outline = row.outline(of: id) else {
        unreadable += 1
        continue
      }
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
        try new.run("INSERT OR IGNORE INTO block(id, bytes) VALUES(?, ?)") { values in
          values.add(key)
          values.add(bytes)
        }
      }
      // What had not come yet is not lost.
      lost += max(0, missing - Int(clamping: row.missing))
      try new.run("INSERT OR IGNORE INTO blob(number, id, bytes, missing, wanted, outline) VALUES(?, ?, ?, ?, ?, ?)") {
        values in
        values.add(row.number)
        values.add(id.digest)
        values.add(Int64(clamping: outline.byteCount))
        values.add(Int64(missing))
        values.add(Int64(row.isWanted ? 1 : 0))
        values.add(outline.blocks.flatMap(\.bytes))
      }
    }
    if unreadable > 0 { faults.append("of \(unreadable) attached files it cannot be read what they are made of") }
    return (lost, faults)
  }
}
