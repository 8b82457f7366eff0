internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

/// A version vector as it lies in a row: of each log the number that it has in the database, and its last change, eight bytes each. That
/// there are such logs is not asked.
struct StoredVector {
  private(set) var entries: [(ordinal: Int, sequence: UInt32)] = []

  /// Reads one; nil where the bytes can be none, since they were altered.
  init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count.isMultiple(of: 16) else { return nil }
    let words = KeyList.keys(bytes)
    for place in stride(from: 0, to: words.count, by: 2) {
      guard (0..<Int64(Limits.logsMax)).contains(words[place]), let sequence = UInt32(exactly: words[place + 1]) else {
        return nil
      }
      entries.append((ordinal: Int(words[place]), sequence: sequence))
    }
  }

  /// Its bytes in a row.
  var bytes: Data {
    Data(KeyList.bytes(entries.flatMap { [Int64($0.ordinal), Int64($0.sequence)] }))
  }

  /// The same once a log was cut: its changes from `cut` on are the first ones of the log with the number `ordinal`.
  func moved(from cut: ChangeKey, to ordinal: Int) -> StoredVector {
    var moved = self
    moved.entries = entries.flatMap { entry in
      guard entry.ordinal == cut.ordinal, entry.sequence >= cut.sequence, cut.sequence > 0 else { return [entry] }
      return [
        (ordinal: entry.ordinal, sequence: cut.sequence - 1),
        (ordinal: ordinal, sequence: entry.sequence - cut.sequence + 1),
      ]
    }
    return moved
  }

  /// The last change of a log; 0 where it has none. O(logs).
  subscript(ordinal: Int) -> UInt32 {
    entries.first { $0.ordinal == ordinal }?.sequence ?? 0
  }
}

extension LogState {
  /// Whether a value can be a vector that was kept in a row.
  func isVector(_ value: DatabaseValue) -> Bool {
    guard let stored = Data.fromDatabaseValue(value).flatMap({ StoredVector($0) }) else { return false }
    return stored.entries.allSatisfy { records.indices.contains($0.ordinal) }
  }

  /// The vector in a row; nil where that was altered: it is none, or of logs that are not known, or of nothing.
  func vector(exactly stored: Data) -> VersionVector? {
    guard let entries = StoredVector(stored)?.entries, !entries.isEmpty,
      entries.allSatisfy({ records.indices.contains($0.ordinal) && $0.sequence > 0 })
    else { return nil }
    return VersionVector(entries.map { (records[$0.ordinal].id, $0.sequence) })
  }

  /// A vector as it lies in a row. Logs that are not known are left out.
  func stored(_ vector: VersionVector) -> Data {
    Data(
      KeyList.bytes(
        vector.entries.flatMap { entry in ordinal(of: entry.log).map { [Int64($0), Int64(entry.sequence)] } ?? [] }))
  }

  /// The vector in a row, without logs that are not known; one of nothing where there is none, or its bytes can be none.
  func vector(stored bytes: Data?) -> VersionVector {
    let entries = StoredVector(bytes ?? Data())?.entries ?? []
    return VersionVector(
      entries.compactMap { records.indices.contains($0.ordinal) ? (records[$0.ordinal].id, $0.sequence) : nil })
  }
}
