internal import AnabranchCore
internal import GRDB

internal import struct Foundation.Data

/// What the views keep of one conversation as a whole.
struct ConversationRow {
  /// A tip and the line it belongs to.
  struct Tip: Hashable {
    let message: ObjectKey
    let line: ObjectKey
  }

  let key: ObjectKey
  /// When it was started here; nil for an imported one, and for one that is only referred to.
  var created: Int64?
  /// The import that shows, for an imported one.
  var source: OperationKey?
  /// When its last message was written, or when it was started.
  var updated: Int64 = 0
  var messages: Int64 = 0
  var tips: [Tip] = []
  /// Whether it lies in the trash; nil as long as nobody ever deleted it.
  var trashed: Bool?
  /// Whether some message names a parent that is not there, or something changed its place or its time: then the
  /// shape is computed from all messages instead of from what is new.
  var irregular = false
  /// The last operation of each log on it, messages and imports apart.
  var activity: [OperationKey] = []
  /// The sum over its items of the state.
  var fingerprint = StateHash()

  init(key: ObjectKey) {
    self.key = key
  }

  /// What ``init(_:)`` reads, in this order: to look a column up by its name costs more than to read it.
  static let columns =
    "key, created, source, updated, messages, trashed, irregular, tips, activity, fingerprint"

  /// A row of ``columns``.
  init(_ row: Row) throws {
    key = try row.decode(atIndex: 0)
    created = try row.decode(atIndex: 1)
    source = try row.decode(Int64?.self, atIndex: 2).map(OperationKey.init(rawValue:))
    updated = try row.decode(atIndex: 3)
    messages = try row.decode(atIndex: 4)
    trashed = try row.decode(atIndex: 5)
    irregular = try row.decode(atIndex: 6)
    let words = KeyList.keys(try row.decode(Data.self, atIndex: 7))
    tips = stride(from: 0, to: words.count - 1, by: 2).map { Tip(message: words[$0], line: words[$0 + 1]) }
    activity = KeyList.keys(try row.decode(Data.self, atIndex: 8)).map(OperationKey.init(rawValue:))
    fingerprint = try Digest(row.decode(Data.self, atIndex: 9)).map { StateHash($0) } ?? StateHash()
  }

  /// Whether somebody started or imported it, rather than only referred to it.
  var exists: Bool {
    created != nil || source != nil
  }

  /// How many lines have several tips.
  var diverged: Int {
    Dictionary(grouping: tips, by: \.line).values.count { $0.count > 1 }
  }

  static func fetch(_ db: Database, key: ObjectKey) throws -> ConversationRow? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT \(columns) FROM conversation WHERE key = ?"), arguments: [key]
    ).map { try ConversationRow($0) }
  }

  func save(_ db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO conversation
        (key, created, source, updated, messages, diverged, trashed, irregular, tips, activity, fingerprint)
        VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      key, created, source?.rawValue, updated, messages, diverged, trashed, irregular,
      Data(KeyList.bytes(tips.flatMap { [$0.message, $0.line] })),
      Data(KeyList.bytes(activity.map(\.rawValue))), Data(fingerprint.digest.bytes),
    ])
  }
}
