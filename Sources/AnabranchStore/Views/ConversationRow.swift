internal import AnabranchCore
internal import GRDB

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
  /// Whether it was purged.
  var purged = false
  /// Whether all that made it was taken back, and nothing else shows of it; nil as long as nobody took anything of that
  /// kind back.
  var hidden: Bool?
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

  /// What ``init(_:)`` reads, in this order.
  static let columns =
    "key, created, source, updated, messages, trashed, irregular, tips, activity, fingerprint, purged, hidden"

  /// A row of ``columns``.
  init(_ columns: Database.Columns) throws {
    key = try columns.integer(0)
    created = try columns.optionalInteger(1)
    source = try columns.optionalInteger(2).map(OperationKey.init(rawValue:))
    updated = try columns.integer(3)
    messages = try columns.integer(4)
    trashed = try columns.optionalInteger(5).map { $0 != 0 }
    irregular = try columns.integer(6) != 0
    let words = KeyList.keys(try columns.bytes(7))
    tips = stride(from: 0, to: words.count - 1, by: 2).map { Tip(message: words[$0], line: words[$0 + 1]) }
    activity = KeyList.keys(try columns.bytes(8)).map(OperationKey.init(rawValue:))
    fingerprint = Digest(try columns.bytes(9)).map { StateHash($0) } ?? StateHash()
    purged = try columns.integer(10) != 0
    hidden = try columns.optionalInteger(11).map { $0 != 0 }
  }

  /// Whether somebody started or imported it, rather than only referred to it, and nobody purged it, or took it back.
  var exists: Bool {
    !purged && hidden != true && (created != nil || source != nil)
  }

  /// What holds for the rows of those that exist.
  static let existing = "(created IS NOT NULL OR source IS NOT NULL) AND purged = 0 AND coalesce(hidden, 0) = 0"

  /// How many lines have several tips.
  var diverged: Int {
    guard tips.count > 1 else { return 0 }
    return Dictionary(grouping: tips, by: \.line).values.count { $0.count > 1 }
  }

  static func fetch(_ db: Database, key: ObjectKey) throws -> ConversationRow? {
    try db.first("SELECT \(columns) FROM conversation WHERE key = ?") {
      $0.add(key)
    } _: {
      try ConversationRow($0)
    }
  }

  /// The same with its newest messages.
  static func fetchWithTail(_ db: Database, key: ObjectKey) throws -> (row: ConversationRow, tail: MessageTail)? {
    try db.first("SELECT \(columns), tail FROM conversation WHERE key = ?") {
      $0.add(key)
    } _: {
      (try ConversationRow($0), MessageTail(try $0.optionalBytes(12) ?? [], of: key))
    }
  }

  func save(_ db: Database, tail: MessageTail) throws {
    try db.run(
      """
      INSERT OR REPLACE INTO conversation
      (key, created, source, updated, messages, diverged, trashed, irregular, tips, activity, fingerprint, purged,
       hidden, tail)
      VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """
    ) { values in
      values.add(key)
      values.add(created)
      values.add(source?.rawValue)
      values.add(updated)
      values.add(messages)
      values.add(Int64(diverged))
      values.add(trashed)
      values.add(irregular)
      values.add(KeyList.bytes(tips.flatMap { [$0.message, $0.line] }))
      values.add(KeyList.bytes(activity.map(\.rawValue)))
      values.add(fingerprint.digest)
      values.add(purged)
      values.add(hidden)
      values.add(tail.isEmpty ? nil : tail.bytes)
    }
  }
}
