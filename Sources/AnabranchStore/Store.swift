public import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A replica's history in one SQLite file.
///
/// The log is the truth; views are kept with it, in the same transaction, and can be rebuilt from it. Everything is
/// synchronous and on one connection. A failed write changes nothing. Not thread-safe: its owner serialises calls.
/// A store opened for reading follows the writer with every method that reads the file; its vector and heads are
/// as of the last one.
public final class Store {
  /// Who may do what with the file.
  public enum Access: Sendable {
    /// Writes, and makes the file if there is none. Its owner holds the ``WriterLock``.
    case create
    /// Writes a database that is there: an empty file is none. Its owner holds the ``WriterLock``.
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
    /// For one whose file is new, and has no name any more as soon as it is open: nothing is left of it, however the process ends. Where the
    /// file system cannot do that it keeps its name.
    case nameless
  }

  /// The file.
  public let path: String
  let queue: DatabaseQueue
  var state = LogState()
  /// Documents in a shard of the search index that is filled from now on.
  var shardDocumentsMax = SearchIndex.shardDocumentsMax
  /// From how many bytes on the newest messages of a conversation go to the table.
  var tailBytesMax = MessageTail.bytesMax
  /// The changes that an import decoded last.
  var recentChanges: [(key: ChangeKey, change: Change)] = []
  /// The purges that are being carried out.
  var erasure: Erasure?
  /// The numbers of blobs that are being taken in: nothing refers to them yet, and they are to stay all the same.
  /// Each as often as somebody holds it.
  var attaching: [Int64: Int] = [:]
  let access: Access
  /// What tells a reader that the writer has committed something.
  private var dataVersion: Int64?
  /// The device's key, where it is there: it signs the logs that this device writes.
  public var signer: LogSigner?
  /// Whether each transaction in which this device writes ends in its signature. Else it has to be asked for, with ``sign()``,
  /// and comes by itself every ``unsignedBytesMax`` bytes.
  public var signsAtOnce = true
  /// Bytes of what this device has written since it signed.
  var unsignedBytes = 0
  /// Whether a checkpoint is the word of the author of a log.
  var isSigned: (Checkpoint, LogHeader) -> Bool = { $0.isSigned(under: $1) }
  /// Whether the transaction that is open was begun to sign.
  private var isSigning = false
  /// The action that the transaction which is open has begun: all that is written in one belongs together.
  public internal(set) var action: UInt32?
  /// The transaction that ``consistently(_:)`` or ``atomically(_:)`` has begun, and whether it writes.
  private var current: (db: Database, writes: Bool)?
  /// Why a step of it failed, so that none of it may be kept.
  private var failedStep: (any Error)?
  /// Whether the file is to have no name any more.
  private(set) var isNameless = false
  /// Whether a past of the history is read, which nothing changes any more.
  var isPast = false
  /// What writes the views; nil where nothing is known that was committed.
  private(set) var viewWriter: ViewWriter?
  /// Why nothing can be relied on any more, until the file is opened again.
  private var failure: StoreError?

  /// Opens, or makes, the database at `path`.
  ///
  /// An older schema is migrated after a copy was put beside the file; a newer one is refused. Throws
  /// ``StoreError``, and leaves the file as it was.
  public convenience init(
    at path: String, access: Access = .create, durability: Durability = .full
  ) throws(StoreError) {
    try self.init(at: path, access: access, durability: durability, isTrusted: true)
  }

  /// The same; of a file that is not trusted, since anybody may have made it, the tables are looked at before anything is read.
  init(at path: String, access: Access, durability: Durability, isTrusted: Bool) throws(StoreError) {
    self.path = path
    self.access = access
    do {
      let configuration = Self.configuration(access, durability, path: path, isTrusted: isTrusted)
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.inDatabase { db in
        isNameless = durability == .nameless && db.isMoved()
        try Self.prepareSchema(db, path: path, access: access)
        state = try LogState(db)
      }
      if access != .read {
        try state.checkOpenChange()
        try rebuildViewsOfOlderLevel()
        try giveUpAbandonedBlobs()
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Closes the file. What was committed stays.
  public func close() throws(StoreError) {
    try checkAlone()
    // It keeps statements.
    viewWriter = nil
    emptyLogIfMoved()
    do {
      try queue.close()
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Forgets what can be read again.
  package func releaseMemory() {
    queue.releaseMemory()
  }

  /// Moves what the write-ahead log holds into the database, as far as no reader still needs it there. SQLite does so
  /// by itself every ``logPagesMax`` pages.
  package func checkpoint() throws(StoreError) {
    try alone { db in _ = try db.checkpoint(.passive) }
  }

  /// Runs `body` with the connection for itself, outside of every transaction.
  func alone<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    try checkUsable()
    try checkAlone()
    do {
      return try queue.inDatabase(body)
    } catch {
      throw taken(error)
    }
  }

  /// How long a connection waits for another one, in seconds.
  static let busySeconds = 5.0

  /// So many pages the write-ahead log holds before SQLite moves them into the database: 16 MB. The same few pages
  /// are written again and again, and of each only the last is moved; SQLite's own 1,000 would do it four times as
  /// often, with two syncs each.
  static let logPagesMax = 4_000
  /// A page in the write-ahead log, with its head. A log that one large transaction made longer is cut to that many.
  static let logPageBytes = 4_096 + 24

  /// What a connection remembers of the file at most. SQLite's own 2 MiB are less than what a batch of a thousand
  /// messages touches.
  private static let cacheKiB = 8_192

  private static func configuration(
    _ access: Access, _ durability: Durability, path: String, isTrusted: Bool
  ) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = access == .read
    configuration.busyMode = .timeout(busySeconds)
    configuration.label = "anabranch"
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA trusted_schema = OFF")
      if !isTrusted { try checkTables(db, path: path, access: access) }
      // GRDB's own WAL mode sets synchronous=NORMAL behind it, so both are set here.
      if durability == .nameless {
        try takeName(of: path, db)
      } else if access != .read {
        // The mode is written into the file, so first it has to be ours.
        _ = try checkSchema(db, path: path, access: access)
        // The step to WAL is a transaction with a rollback journal. Were its removal lost with the power, the
        // journal would be rolled back over all that came later: so this one time the directory is synced too.
        if durability == .full { try db.execute(sql: "PRAGMA synchronous = EXTRA") }
        try db.execute(sql: "PRAGMA journal_mode = WAL")
        try db.execute(sql: "PRAGMA synchronous = \(durability.rawValue)")
        try db.execute(
          sql: "PRAGMA wal_autocheckpoint = \(logPagesMax); PRAGMA journal_size_limit = \(logPagesMax * logPageBytes)")
        if durability == .full {
          try db.keepLogOnClose(true)
          try db.rewriteLog()
          try db.keepLogOnClose(false)
        }
      }
      // What is deleted is overwritten: SQLite can be built without.
      try db.execute(sql: "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -\(cacheKiB); PRAGMA secure_delete = ON")
    }
    return configuration
  }

  /// Runs `body` as one transaction on a copy of the logs' state; both take effect, or neither. Within
  /// ``atomically(_:)`` it is a step of that transaction.
  func transaction<Result>(
    _ body: (Database, inout LogState) throws -> Result
  ) throws(StoreError) -> Result {
    try joined { db in
      var next = state
      let result = try body(db, &next)
      state = next
      return result
    }
  }

  /// Runs `body`, which reads and writes in several steps, as one transaction: all of it takes effect, and is durable
  /// when this returns, or nothing. Where a step fails nothing is kept, also if `body` goes on. May be nested; the
  /// outermost is the transaction, and only when that returns is durable what its steps say is.
  public func atomically<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
    try joined { _ in try body() }
  }

  /// Signs what this device has written and not signed yet, where its key is there; durable when this returns.
  public func sign() throws(StoreError) {
    guard hasUnsigned else { return }
    isSigning = true
    defer { isSigning = false }
    try joined { _ in }
  }

  /// Runs `body` within the transaction that is open, or within one of its own.
  private func joined<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    try checkUsable()
    do {
      if let current {
        guard current.writes else { throw StoreError(.io, "what only reads was to write") }
        try checkGoesOn(current.db)
        do {
          return try body(current.db)
        } catch {
          failedStep = failedStep ?? error
          throw error
        }
      }
      guard access != .read else {
        throw StoreError(.io, "\(path) was opened for reading only", remedy: "open it for writing")
      }
      return try queue.inDatabase { db in
        let before = state
        current = (db, true)
        action = nil
        failedStep = nil
        defer { current = nil }
        do {
          try db.run("BEGIN IMMEDIATE")
          // Looking is a call of the system: of a burst, which is signed every now and then, it is enough to look then.
          guard !(signsAtOnce || isSigning) || isNameless || !db.isMoved() else { throw FileMoved() }
          let result = try body(db)
          try checkGoesOn(db)
          try viewWriter?.finish(logs: state)
          if signsAtOnce || isSigning { try signOwnLog(db, &state) }
          try db.run("COMMIT")
          if viewWriter?.isLarge == true { viewWriter = nil }
          return result
        } catch {
          if db.isInsideTransaction { try? db.run("ROLLBACK") }
          state = before
          viewWriter = nil
          recentChanges = []
          throw error
        }
      }
    } catch {
      throw taken(error)
    }
  }

  /// Throws where a step of the transaction failed: SQLite may have undone all of it by then, and each further step would
  /// be a transaction of its own.
  private func checkGoesOn(_ db: Database) throws {
    if let failedStep { throw failedStep }
    try checkUsable()
    guard db.isInTransaction else { throw StoreError(.io, "the transaction was undone") }
  }

  /// What writes the views of the transaction that is open. It knows what earlier ones wrote.
  func views(_ db: Database) -> ViewWriter {
    let writer = viewWriter ?? ViewWriter(db, tailBytesMax: tailBytesMax)
    viewWriter = writer
    return writer
  }

  /// Forgets what is known of the views, which somebody else has written.
  func forgetViews() {
    viewWriter = nil
  }

  /// Takes note of an error of the disk. After a failed fsync nobody knows what is on the disk and what is only in
  /// memory, and a second fsync that succeeds says nothing about the first: so nothing is tried again on this
  /// connection (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
  private func taken(_ error: any Error) -> StoreError {
    if error is FileMoved {
      let moved = Self.moved(path)
      failure = moved
      emptyLogIfMoved()
      return moved
    }
    let result = StoreError(error, path: path)
    if (error as? DatabaseError)?.resultCode.primaryResultCode == .SQLITE_IOERR {
      failure = StoreError(
        .io, "the disk failed while \(path) was in use (\(result.message))",
        remedy: "check the disk, start the program again, then see `anabranch inspect check`", cause: error)
      try? queue.unsafeReentrantWrite { try $0.keepLogOnClose(true) }
    }
    return result
  }

  /// Whether the disk failed, so that nothing works until the file is opened again.
  package var hasFailed: Bool {
    failure != nil
  }

  /// Throws within a transaction: what follows needs the connection for itself.
  func checkAlone() throws(StoreError) {
    guard current == nil else {
      throw StoreError(.busy, "\(path) is in the middle of a transaction", remedy: "finish it first")
    }
  }

  private func checkUsable() throws(StoreError) {
    if let failure { throw failure }
  }

  /// Takes over what another connection has committed.
  private func follow(_ db: Database) throws {
    guard !isPast else { return }
    let version = try Int64.fetchOne(db, sql: "PRAGMA data_version")
    guard version != dataVersion else { return }
    state = try LogState(db, knowing: state)
    dataVersion = version
  }

  /// Runs `body`, which does not write, on one consistent state of the database; within ``atomically(_:)`` on what that
  /// has written so far.
  ///
  /// Where another process writes, the logs' state is read again first, so that it fits what `body` finds. The table of
  /// conversations is brought up to date first, unless `onlyRows` says that `body` looks at none of it but by
  /// ``conversationRow(_:_:)``. O(logs).
  func reading<Result>(
    onlyRows: Bool = false, _ body: (Database) throws -> Result
  ) throws(StoreError) -> Result {
    try checkUsable()
    do {
      if let current {
        guard current.writes else { return try body(current.db) }
        try checkGoesOn(current.db)
        do {
          if !onlyRows { try viewWriter?.finish(logs: state) }
          return try body(current.db)
        } catch let error as DatabaseError {
          failedStep = failedStep ?? error
          throw error
        }
      }
      return try queue.inDatabase { db in
        try db.run("BEGIN")
        do {
          if access == .read { try follow(db) }
          let result = try body(db)
          // There is nothing to commit; a damaged file may refuse it all the same.
          if (try? db.run("COMMIT")) == nil, db.isInsideTransaction { try db.run("ROLLBACK") }
          return result
        } catch {
          if db.isInsideTransaction { try? db.run("ROLLBACK") }
          throw error
        }
      }
    } catch {
      let result = taken(error)
      // Where no past is built that needs no room: SQLite says so, too, where a page names one that no file can have.
      guard result.code == .diskFull, access == .read, !isPast else { throw result }
      throw StoreError(damaged: path, "a page names one that there cannot be", cause: error)
    }
  }

  /// Runs `body`, which reads in several steps, on one state of the database: what others commit meanwhile is seen
  /// by none of them. `body` must not write.
  public func consistently<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
    try reading { db in
      let outer = current
      current = outer ?? (db, false)
      defer { current = outer }
      return try body()
    }
  }
}
