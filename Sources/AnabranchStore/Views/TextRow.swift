internal import AnabranchCore
internal import GRDB

/// What the views keep of an edited text beside its pages.
struct TextRow {
  let key: TextKey
  /// Of an imported message's body, the import whose words were edited; of several that say the same, the first by name.
  var root: OperationKey?
  /// The operations that all others of it come before: what the next edit builds on; empty where none did anything. Nil
  /// where no pages are kept of it, since the words of several imports were edited: then it is replayed whenever it is
  /// read.
  var version: [OperationKey]?
  /// How many scalars it has.
  var count = 0
  /// How many operations are in it, numbered from 0.
  var operations = 0
  /// Whether any of them did more than add text at its end.
  var isEdited = false

  init(key: TextKey) {
    self.key = key
  }

  static func fetch(_ db: Database, _ key: TextKey) throws -> TextRow? {
    try db.first("SELECT root, version, count, operations, edited FROM text WHERE object = ? AND text = ?") {
      key.bind(to: &$0)
    } _: { columns in
      var row = TextRow(key: key)
      row.root = try columns.optionalInteger(0).map(OperationKey.init(rawValue:))
      row.version = try columns.optionalBytes(1).map { KeyList.keys($0).map(OperationKey.init(rawValue:)) }
      let (count, operations) = (try columns.integer(2), try columns.integer(3))
      guard 0...Self.countMax ~= count, 0...Self.countMax ~= operations else {
        throw StoreError(
          .damaged, "a text has \(count) scalars by \(operations) operations", remedy: "see `anabranch inspect check`")
      }
      (row.count, row.operations) = (Int(count), Int(operations))
      row.isEdited = try columns.integer(4) != 0
      return row
    }
  }

  /// More scalars than any text has, by far; so that sums of them do not overflow.
  static let countMax: Int64 = 1 << 48

  func save(_ db: Database) throws {
    try db.run(
      "INSERT OR REPLACE INTO text(object, text, root, version, count, operations, edited) VALUES(?, ?, ?, ?, ?, ?, ?)"
    ) { values in
      key.bind(to: &values)
      values.add(root?.rawValue)
      values.add(version.map { KeyList.bytes($0.map(\.rawValue)) })
      values.add(Int64(count))
      values.add(Int64(operations))
      values.add(isEdited)
    }
  }
}

extension TextKey {
  /// Gives a statement its next two values.
  func bind(to values: inout Database.Values) {
    values.add(object)
    values.add(Int64(text.rawValue))
  }
}

extension Database {
  /// The texts of `object` that the views keep, in order.
  func keptTexts(of object: ObjectKey) throws -> [TextKey] {
    try all("SELECT text FROM text WHERE object = ? ORDER BY text") {
      $0.add(object)
    } _: {
      TextKey(object: object, text: TextKind(rawValue: UInt32(truncatingIfNeeded: try $0.integer(0))))
    }
  }

  /// The bodies of a conversation's messages that the views keep, in the order of the keys; those of hidden ones come after.
  func keptBodies(in conversation: ObjectKey) throws -> [TextKey] {
    try MessageRow.Table.allCases.flatMap { table in
      try ofMessages(in: conversation, from: table) {
        "SELECT key FROM \($0) JOIN text ON object = key WHERE text = \(TextKind.body.rawValue)"
      } _: {
        TextKey(object: try $0.integer(0), text: .body)
      }.sorted()
    }
  }

  /// Removes what the views keep of a text.
  func removeText(_ key: TextKey) throws {
    try removePages(of: key)
    try run("DELETE FROM text WHERE object = ? AND text = ?") { key.bind(to: &$0) }
  }

  /// Removes the pages that are kept of a text.
  func removePages(of key: TextKey) throws {
    try run("DELETE FROM page WHERE id IN (SELECT page FROM text_page WHERE object = ? AND text = ?)") {
      key.bind(to: &$0)
    }
    try run("DELETE FROM text_page WHERE object = ? AND text = ?") { key.bind(to: &$0) }
  }
}
