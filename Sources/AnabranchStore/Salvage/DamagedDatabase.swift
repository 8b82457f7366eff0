internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import class Foundation.FileManager

/// A database that may be damaged, to be read as it is, or was when reading it began. Nothing of it is trusted, and nothing of it is
/// changed.
struct DamagedDatabase {
  /// The file.
  let path: String
  let queue: DatabaseQueue
  /// Whether its rows were found page by page, and not by SQLite.
  let isFound: Bool

  /// Opens the file at `path`, also where the list of its tables is damaged in part. Throws ``StoreError/Code/notFound`` where
  /// there is none, ``StoreError/Code/format`` where it is no database, ``StoreError/Code/damaged`` where SQLite can read nothing of it, and ``StoreError/Code/older`` or
  /// ``StoreError/Code/newer`` where another version wrote it.
  init(at path: String) throws(StoreError) {
    (self.path, isFound) = (path, false)
    guard FileManager.default.fileExists(atPath: path) else {
      throw StoreError(.notFound, "there is no file \(path)", remedy: "check the name")
    }
    var configuration = Self.configuration
    configuration.readonly = true
    configuration.prepareDatabase { db in
      // What is wrong in the list of tables is passed over, and so the tables are read that it names rightly.
      try db.execute(sql: "PRAGMA writable_schema = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY")
    }
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.inDatabase { db in
        try Self.check(version: Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0, of: path)
        try Schema.checkNothingRuns(db, path: path)
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// The rows that are found in the pages of the file at `path`, wherever they lie, in a database that has no name and goes with this:
  /// where SQLite does not find them. Throws ``StoreError/Code/damaged`` where there is nothing of a log, and ``StoreError/Code/older`` or
  /// ``StoreError/Code/newer`` where the file says that another version wrote it. O(bytes of the file), and as many on the disk.
  init(foundIn path: String) throws(StoreError) {
    (self.path, isFound) = (path, true)
    do {
      guard let pages = try DatabasePages(at: path) else {
        throw StoreError(.damaged, "\(path) has not one page of a database")
      }
      try Self.check(version: pages.userVersion ?? 0, of: path)
      queue = try Self.fullerRows(of: pages, try pages.hasUsualLayout ? nil : DatabasePages(at: path, isUsual: true))
      try queue.inDatabase { db in
        guard try Int64.fetchOne(db, sql: "SELECT 1 FROM log UNION ALL SELECT 1 FROM change LIMIT 1") != nil else {
          throw StoreError(.damaged, "no page of \(path) has anything of a log")
        }
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// The rows of `pages`, or of `others` where more changes are found in these: the header that says how large pages are may be damaged.
  private static func fullerRows(of pages: DatabasePages, _ others: DatabasePages?) throws -> DatabaseQueue {
    let first = try rows(of: pages)
    guard let others else { return first.queue }
    let second = try rows(of: others)
    return first.changes >= second.changes ? first.queue : second.queue
  }

  private static func rows(of pages: DatabasePages) throws -> (queue: DatabaseQueue, changes: Int) {
    let queue = try DatabaseQueue(path: "", configuration: configuration)
    let changes = try queue.inDatabase { db in
      try db.execute(sql: "PRAGMA journal_mode = OFF")
      try Schema.creation(db)
      try db.inTransaction {
        try FoundRows.copy(from: pages, to: db)
        return .commit
      }
      return try Int.fetchOne(db, sql: "SELECT count(*) FROM change") ?? 0
    }
    return (queue, changes)
  }

  /// The rows that are found in the pages of the file at `path`, or where somebody writes meanwhile in those of a copy as of one moment.
  /// `read` is called before it is looked whether somebody does. Throws as ``init(foundIn:)``. O(bytes of the file).
  static func found(in path: String, read: () throws(StoreError) -> Void = {}) throws(StoreError) -> DamagedDatabase {
    let file = try HandedOverFile(path)
    let before = file.states
    let found = try DamagedDatabase(foundIn: file.path)
    try read()
    return file.states == before ? found : try file.copied { try DamagedDatabase(foundIn: $0) }
  }

  /// What SQLite finds at `path` and what of its logs is sound; or, where that is not all, what is found page by page, if more of that is.
  ///
  /// `known` are logs that are known elsewhere, of which it may have lost what they are founded on. Throws what opening it throws, where that finds nothing either, and what `progress` throws, which is told how many changes are read.
  /// O(bytes of the file).
  static func fullest(
    at path: String, knowing known: [LogHeader] = [], isSigned: @escaping (Checkpoint, LogHeader) -> Bool,
    progress: @escaping (_ done: UInt64) throws -> Void = { _ in }
  ) throws(StoreError) -> (database: DamagedDatabase, survey: LogSurvey) {
    func surveyed(_ database: DamagedDatabase) throws(StoreError) -> (database: DamagedDatabase, survey: LogSurvey) {
      (
        database,
        try database.reading { db in try LogSurvey(db, knowing: known, isSigned: isSigned, progress: progress) }
      )
    }
    let usual: (database: DamagedDatabase, survey: LogSurvey)
    do throws(StoreError) {
      usual = try surveyed(DamagedDatabase(at: path))
    } catch {
      guard error.code == .format || error.code == .damaged, let found = try? found(in: path) else {
        throw error
      }
      return try surveyed(found)
    }
    // A table that was taken for another one, or is defined otherwise, may be read well and have nothing.
    guard !usual.survey.isWhole || usual.survey.soundChanges == 0, let found = try? found(in: path) else {
      return usual
    }
    let other = try surveyed(found)
    guard other.survey.soundChanges > usual.survey.soundChanges else {
      try other.database.close()
      return usual
    }
    try usual.database.close()
    return other
  }

  /// What is wrong with the file itself, one sentence each.
  func fileFaults() throws(StoreError) -> [String] {
    guard !isFound else { return [Self.foundWords] }
    return try reading { db in
      do {
        return try Store.fileFaults(db)
      } catch {
        return [StoreError(error, path: path).message]
      }
    }
  }

  /// What is said of one whose rows were found page by page.
  static let foundWords =
    "the file itself: what tells where its tables lie is damaged, so its pages were read one by one"

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(Store.busySeconds)
    configuration.label = "anabranch damaged"
    // The transaction stays open.
    configuration.allowsUnsafeTransactions = true
    return configuration
  }

  /// A version that there is none of was made by the damage.
  private static func check(version: Int32, of path: String) throws(StoreError) {
    guard version != Schema.version, (1...Schema.version + 1_000).contains(version) else { return }
    throw StoreError(
      version < Schema.version ? .older : .newer,
      "\(path) has schema \(version), and what is damaged is read only where it is \(Schema.version)",
      remedy: "keep a copy of the file, and repair it with the version that wrote it")
  }

  /// Runs `body` on the state that the database had the first time, until it is closed: what somebody writes meanwhile is not seen.
  func reading<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    do {
      return try queue.inDatabase { db in
        if !db.isInsideTransaction { try db.run("BEGIN") }
        return try body(db)
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Closes the file.
  func close() throws(StoreError) {
    do {
      try queue.close()
    } catch {
      throw StoreError(error, path: path)
    }
  }
}
