internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Reads changes that are held, each log in its order, some rows at a time: to ask for a row by itself costs more than the row.
///
/// Nothing may write to the log meanwhile. Holds at most ``bytesMax`` and one log's window.
struct ReadAhead {
  /// The row of a change.
  struct Row {
    /// Its canonical bytes.
    let bytes: [UInt8]
    /// The hash that is kept of it, which is not checked; nil where that is none.
    let hash: Digest?
  }

  /// Rows of a log that follow each other.
  private struct Window {
    var first: Int64
    var rows: [Row] = []
    var bytes = 0
  }

  private static let (rowsMax, windowBytesMax, bytesMax) = (256, 64 * 1024, 8 * 1024 * 1024)

  private let db: Database
  private let logs: LogState
  /// By the logs' ordinals.
  private var windows: [Int: Window] = [:]
  private var bytes = 0
  /// The change that was decoded last: who asks what it builds on mostly wants it next.
  private var last: Change?

  /// A reader of what `logs` holds in `db`.
  init(_ db: Database, _ logs: LogState) {
    (self.db, self.logs) = (db, logs)
  }

  /// A held change. Its hash is not checked.
  mutating func change(_ id: ChangeID) throws -> Change {
    if let last, last.id == id { return last }
    let bytes = try row(of: id).bytes
    let change = try logs.change(id, held: bytes, in: db)
    last = change
    return change
  }

  /// What a held change builds on, of which nothing else is wanted.
  mutating func dependencies(of id: ChangeID) throws -> [ChangeID] {
    let bytes = try row(of: id).bytes
    return try logs.changeHeader(id, held: bytes, in: db).dependencies.map(\.change)
  }

  /// The row of a held change.
  mutating func row(of id: ChangeID) throws -> Row {
    let key = try logs.keyOfHeld(id)
    if let window = windows[key.ordinal] {
      let (offset, overflow) = key.rawValue.subtractingReportingOverflow(window.first)
      if !overflow, window.rows.indices.contains(Int(offset)) { return window.rows[Int(offset)] }
    }
    let window = try load(from: key)
    guard let row = window.rows.first else { throw StoreError(missing: id) }
    bytes += window.bytes - (windows.removeValue(forKey: key.ordinal)?.bytes ?? 0)
    if bytes > Self.bytesMax { (windows, bytes) = ([:], window.bytes) }
    windows[key.ordinal] = window
    return row
  }

  /// The rows from that of `key` on that follow each other, as far as the window goes.
  private func load(from key: ChangeKey) throws -> Window {
    var window = Window(first: key.rawValue)
    try db.forEachUntil("SELECT id, bytes, hash FROM change WHERE id BETWEEN ? AND ? ORDER BY id") { values in
      values.add(key.rawValue)
      values.add(ChangeKey.range(ofOrdinal: key.ordinal).upperBound)
    } _: { columns in
      guard try columns.integer(0) == key.rawValue + Int64(window.rows.count) else { return false }
      guard let bytes = try columns.withBytes(1, PackedChange.bytes) else {
        // It is told of when it is asked for.
        guard window.rows.isEmpty else { return false }
        throw StoreError(unpackable: key)
      }
      window.rows.append(Row(bytes: bytes, hash: (try? columns.withBytes(2) { Digest($0) }) ?? nil))
      window.bytes += bytes.count
      return window.rows.count < Self.rowsMax && window.bytes < Self.windowBytesMax
    }
    return window
  }
}
