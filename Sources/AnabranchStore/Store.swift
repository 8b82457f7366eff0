internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A replica's history in one SQLite file.
///
/// The log is the truth; views are kept with it, in the same transaction, and can be rebuilt from it. Everything is
/// synchronous and on one connection. A failed write changes nothing. Not thread-safe: its owner serialises calls.
public final class Store {
  /// Who may do what with the file.
  public enum Access: Sendable {
    /// Makes the file if there is none. Its owner holds the ``WriterLock``.
    case write
    /// Never changes anything and never blocks the writer.
    case read
  }

  /// How hard a commit is pressed onto the disk.
  public enum Durability: String, Sendable {
    /// A commit survives a power cut.
    case full = "FULL"
    /// A commit survives the end of the process; a power cut may take the last ones.
    case normal = "NORMAL"
    /// For scratch databases.
    case off = "OFF"
  }

  /// The file.
  public let path: String
  let queue: DatabaseQueue
  var state = LogState()
  /// The changes that an import decoded last.
  var recentChanges: [(key: ChangeKey, change: Change)] = []
  private let access: Access

  /// Opens, or makes, the database at `path`.
  ///
  /// An older schema is migrated after a copy was put beside the file; a newer one is refused. Throws
  /// ``StoreError``, and leaves the file as it was.
  public init(at path: String, access: Access = .write, durability: Durability = .full) throws(StoreError) {
    self.path = path
    self.access = access
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.configuration(access, durability))
      try queue.inDatabase { db in
        try Self.prepareSchema(db, path: path, access: access)
        state = try LogState(db)
      }
      if access == .write { try rebuildViewsOfOlderLevel() }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Closes the file. What was committed stays.
  public func close() throws(StoreError) {
    do {
      try queue.close()
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// How long a connection waits for another one, in seconds.
  private static let busySeconds = 5.0

  private static func configuration(_ access: Access, _ durability: Durability) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = access == .read
    configuration.busyMode = .timeout(busySeconds)
    configuration.label = "anabranch"
    configuration.prepareDatabase { db in
      // GRDB's own WAL mode sets synchronous=NORMAL behind it, so both are set here.
      if access == .write {
        try db.execute(sql: "PRAGMA journal_mode = WAL")
        try db.execute(sql: "PRAGMA synchronous = \(durability.rawValue)")
      }
      try db.execute(sql: "PRAGMA temp_store = MEMORY")
    }
    return configuration
  }

  /// The mode and the level of synchronisation that SQLite reports.
  func journal() throws -> (mode: String, synchronous: Int) {
    try queue.inDatabase { db in
      (
        try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "",
        try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
      )
    }
  }

  /// Runs `body` as one transaction on a copy of the logs' state; both take effect, or neither.
  func transaction<Result>(
    _ body: (Database, inout LogState) throws -> Result
  ) throws(StoreError) -> Result {
    do {
      return try queue.inDatabase { db in
        var next = state
        var result: Result?
        try db.inTransaction(.immediate) {
          result = try body(db, &next)
          return .commit
        }
        state = next
        guard let result else { throw StoreError(.io, "a transaction ended without a result") }
        return result
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Runs `body` on one consistent state of the database, without writing.
  ///
  /// Where another process writes, the logs' state is read again first, so that it fits what `body` finds. O(logs).
  func reading<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    do {
      return try queue.inDatabase { db in
        var result: Result?
        try db.inTransaction(.deferred) {
          if access == .read { state = try LogState(db) }
          result = try body(db)
          return .commit
        }
        guard let result else { throw StoreError(.io, "a transaction ended without a result") }
        return result
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }
}
