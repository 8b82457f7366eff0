public import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension Store {
  /// What a person keeps under names of their own at an object, in ascending order of the names' UTF-8 bytes.
  public func fields(of id: ObjectID) throws(StoreError) -> [FieldRecord] {
    try reading { db in
      let reader = ContentReader(showing: db, state)
      guard let key = try db.key(of: id, state), try !reader.isPurged(key) else { return [] }
      return try reader.fields(on: key).compactMap(\.record)
    }
  }

  /// The writes of a field that nobody has replaced: what a further one replaces.
  public func writes(of field: String, on id: ObjectID) throws(StoreError) -> [OperationID] {
    try reading { db in
      guard let key = try db.key(of: id, state) else { return [] }
      let held = try ContentReader(db, state).fields(on: key).first { $0.name.utf8.elementsEqual(field.utf8) }
      return held?.writes.map(\.operation) ?? []
    }
  }

  /// Of each log, the last message in a conversation: what somebody has read who has read all of it. O(logs).
  public func lastMessages(in id: ObjectID) throws(StoreError) -> [OperationID] {
    try reading { db in
      guard let key = try db.key(of: id, state) else { return [] }
      let read = try db.lastRead(in: key)
      let unread = try db.lastMessages(of: key, state).filter { last in read[last.ordinal].map { $0 < last } ?? true }
      return try unread.map { try state.operation(of: $0) }
    }
  }

  /// What a person set on this device alone, in ascending order of the names' UTF-8 bytes.
  public func preferences() throws(StoreError) -> [FieldRecord] {
    try reading(onlyRows: true) { db in
      try db.all("SELECT name, value FROM preference ORDER BY name") { _ in
      } _: {
        FieldRecord(
          name: String(decoding: try $0.bytes(0), as: UTF8.self),
          value: String(decoding: try $0.bytes(1), as: UTF8.self))
      }
    }
  }

  /// Sets something on this device alone; nil takes it away.
  public func setPreference(_ name: String, to value: String?) throws(StoreError) {
    try transaction { db, _ in
      // A string would end at its first U+0000.
      guard let value else {
        return try db.run("DELETE FROM preference WHERE name = ?") { $0.add(Array(name.utf8)) }
      }
      try db.run("INSERT OR REPLACE INTO preference(name, value) VALUES(?, ?)") { values in
        values.add(Array(name.utf8))
        values.add(Array(value.utf8))
      }
    }
  }
}
