internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire

internal import class Foundation.FileManager

/// One device's copy of the whole history: read it, write it, watch it, sync it. Works offline for as long as it
/// likes.
///
/// All work is done one piece after the other on a queue of its own. A method that throws has changed nothing a
/// reader could see; of an import, and of a message too large for one change, pieces may be left that are used when it
/// is tried again or stay unseen.
/// One process at a time writes a home; any number may read it.
public actor Replica {
  /// The folder it lies in.
  public nonisolated let home: Home
  let surroundings: Surroundings
  private let access: Store.Access
  private let executor = ReplicaExecutor()
  private var opened: Opened?
  let observers = Observers()
  /// The connections to other replicas, by number.
  var links: [Int: Link] = [:]
  var nextLink = 0
  /// Where a running server's events go.
  var serverEvents: AsyncStream<SyncEvent>.Continuation?
  /// Seals the open change after a rest.
  var resting: Task<Void, Never>?
  /// The message that text was added to last.
  var streamed: ObjectID?
  private let started = ContinuousClock.now

  private struct Opened {
    let store: Store
    let lock: WriterLock?
    let key: DeviceKey?
  }

  /// How long this replica has been open, on a clock that never goes back.
  var uptime: Duration {
    started.duration(to: .now)
  }

  /// The queue that does the work.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  private init(home: Home, access: Store.Access, surroundings: Surroundings) {
    self.home = home
    self.access = access
    self.surroundings = surroundings
  }

  /// Makes a replica called `name` in a new home, and a key for its device.
  ///
  /// Throws ``AnabranchError/Code/exists`` where the home has one, and leaves that one as it is.
  public static func create(
    at home: Home, name: String, surroundings: Surroundings = .system
  ) async throws(AnabranchError) -> Replica {
    try await create(at: home, name: name, copying: nil, surroundings: surroundings)
  }

  /// Makes a replica, empty or with the history in the file at `backup`.
  static func create(
    at home: Home, name: String, copying backup: String?, surroundings: Surroundings
  ) async throws(AnabranchError) -> Replica {
    try checkName(name)
    let replica = Replica(home: home, access: .write, surroundings: surroundings)
    try await replica.make(name: name, copying: backup)
    return replica
  }

  /// Opens the replica in `home` for reading and writing.
  ///
  /// `holder` is what another process is told that wants to write meanwhile. Throws
  /// ``AnabranchError/Code/notFound`` where there is none and ``AnabranchError/Code/locked`` where another process
  /// writes it.
  public static func open(
    at home: Home, holder: String = "an app", surroundings: Surroundings = .system
  ) async throws(AnabranchError) -> Replica {
    let replica = Replica(home: home, access: .write, surroundings: surroundings)
    try await replica.open(holder: holder)
    return replica
  }

  /// Opens the replica in `home` for reading only, also while another process writes it.
  public static func read(
    at home: Home, surroundings: Surroundings = .system
  ) async throws(AnabranchError) -> Replica {
    let replica = Replica(home: home, access: .read, surroundings: surroundings)
    try await replica.open(holder: "")
    return replica
  }

  /// Bytes of a device's name.
  public static let nameBytesMax = Limits.nameBytesMax

  private static func checkName(_ name: String) throws(AnabranchError) {
    guard (1...nameBytesMax).contains(name.utf8.count), !name.contains(where: \.isNewline) else {
      throw AnabranchError(
        .invalid, "expected a name of 1 to \(nameBytesMax) bytes in one line", remedy: "choose a shorter one")
    }
  }

  /// Either makes a whole replica or leaves everything as it was.
  private func make(name: String, copying backup: String?) throws(AnabranchError) {
    try checkNew()
    let files = FileManager.default
    let (hadFolder, hadKey) = (files.fileExists(atPath: home.path), files.fileExists(atPath: home.key))
    try home.makeFolder()
    do {
      let lock = try attempt { () throws(StoreError) in try WriterLock(at: home.lock, holder: "anabranch init") }
      try checkNew()
      let key = try hadKey ? DeviceKey.load(at: home.key) : DeviceKey.create(at: home.key)
      let store = try makeStore(name: name, copying: backup, newLogHeader(key))
      opened = Opened(store: store, lock: lock, key: key)
    } catch {
      // Nobody else has made one meanwhile: that would have needed the lock.
      guard error.code != .locked, error.code != .exists else { throw error }
      if !hadKey { try? files.removeItem(atPath: home.key) }
      if !hadFolder { try? files.removeItem(atPath: home.path) }
      throw error
    }
  }

  private func checkNew() throws(AnabranchError) {
    guard home.exists else { return }
    throw AnabranchError(
      .exists, "there is a replica in \(home.path) already; it was left as it is",
      remedy: "choose another folder with --home")
  }

  /// Makes the database under another name, so that a home either has a whole replica or none.
  private func makeStore(
    name: String, copying backup: String?, _ header: LogHeader
  ) throws(AnabranchError) -> Store {
    let partial = home.database + ".partial"
    Store.remove(at: partial)
    let wall = surroundings.wall()
    return try attempt { () throws(StoreError) in
      do throws(StoreError) {
        if let backup { try Store.copyBackup(backup, to: partial) }
        let store = try Store(at: partial)
        try store.setName(name)
        try store.openLog(header, wall: wall)
        try Store.restrict(partial)
        try store.close()
        try Store.rename(partial, to: home.database)
        return try Store(at: home.database, access: .write)
      } catch {
        Store.remove(at: partial)
        throw error
      }
    }
  }

  private func open(holder: String) throws(AnabranchError) {
    guard home.exists else {
      throw AnabranchError(
        .notFound, "there is no replica in \(home.path)", remedy: "make one with `anabranch init --name NAME`")
    }
    guard access == .write else {
      let store = try attempt { () throws(StoreError) in try Store(at: home.database, access: .read) }
      opened = Opened(store: store, lock: nil, key: nil)
      return
    }
    let lock = try attempt { () throws(StoreError) in try WriterLock(at: home.lock, holder: holder) }
    let key = try DeviceKey.load(at: home.key)
    let store = try attempt { () throws(StoreError) in try Store(at: home.database, access: .write) }
    opened = Opened(store: store, lock: lock, key: key)
    try continueLog(key, store)
  }

  /// Seals what an earlier process left open, and opens a log where the database has none of this device: it is a
  /// restored backup, or a copy from elsewhere, and must not go on under numbers that were used.
  private func continueLog(_ key: DeviceKey, _ store: Store) throws(AnabranchError) {
    let wall = surroundings.wall()
    let own = store.ownLog.flatMap { store.header(of: $0) }
    let header = newLogHeader(key)
    try attempt { () throws(StoreError) in
      if case .device(key.publicKey, _)? = own {
        try store.sealOpenChange(wall: wall)
      } else {
        try store.openLog(header, wall: wall)
      }
    }
  }

  private func newLogHeader(_ key: DeviceKey) -> LogHeader {
    var generator = SurroundingsGenerator(surroundings: surroundings)
    return key.newLog(using: &generator)
  }

  /// Ends every session, closes the files and gives up the lock. Everything written is durable already. Using the
  /// replica afterwards throws.
  public func close() throws(AnabranchError) {
    guard let opened else { return }
    resting?.cancel()
    serverEvents?.finish()
    endLinks()
    self.opened = nil
    observers.finish()
    try attempt { () throws(StoreError) in try opened.store.close() }
  }

  /// The store, for one step of work.
  func withStore<Result>(_ body: (Store) throws(StoreError) -> Result) throws(AnabranchError) -> Result {
    guard let opened else {
      throw AnabranchError(.invalid, "this replica was closed", remedy: "open it again")
    }
    return try attempt { () throws(StoreError) in try body(opened.store) }
  }

  /// The device's key. Only who writes has it.
  func deviceKey() throws(AnabranchError) -> DeviceKey {
    guard let key = opened?.key else {
      throw AnabranchError(.invalid, "this replica was opened for reading only", remedy: "open it for writing")
    }
    return key
  }

  /// Runs `body` and gives its error in this library's terms.
  func attempt<Result>(_ body: () throws(StoreError) -> Result) throws(AnabranchError) -> Result {
    do {
      return try body()
    } catch {
      throw AnabranchError(error)
    }
  }
}
