public import AnabranchStore

internal import class Foundation.FileManager
internal import struct Foundation.URL

/// What is wrong with a database that is read all the same.
public struct Damage: Sendable {
  /// The file.
  public var file: String
  /// What is wrong with it and with its logs; nothing where only its views are not what the logs say.
  public var faults: [Verification.Fault]
  /// Whether its pages were read one by one, for SQLite does not find all that is there, or its tables are not those of a replica.
  public var isPageByPage: Bool
  /// What can be read.
  public var salvage: Salvage
}

extension Replica {
  /// Opens for reading what can be read of the damaged replica in `home`, as ``read(at:surroundings:)`` opens a sound one, and says what is
  /// wrong with it.
  ///
  /// What is read is made anew of what is sound of each log, in a scratch database beside that of the home that has no name: see
  /// ``AnabranchStore/Store/remains(of:scratch:isSigned:progress:)``. The home is left as it is. Works while another process writes it,
  /// and does not follow that. `progress` is told how many changes of how many, which are read twice, are done. Throws
  /// ``AnabranchError/Code/damaged`` where no log can be read. O(history), and each time as much disk as the database takes, until the
  /// replica is closed; while it is made, twice as much where its pages are read one by one.
  public static func readRemains(
    at home: Home, surroundings: Surroundings = .system,
    progress: @escaping @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) async throws(AnabranchError) -> (replica: Replica, damage: Damage) {
    try home.check()
    let replica = Replica(home: home, surroundings: surroundings)
    let damage = try await replica.openRemains { (replica) throws(StoreError) in
      try Store.remains(of: home.database, scratch: replica.scratchFile, progress: progress)
    }
    return (replica, damage)
  }

  /// The same of a database file that somebody handed over, as ``read(database:surroundings:)`` opens a sound one. The scratch database
  /// lies in a temporary folder. Throws ``AnabranchError/Code/format`` at once where the file neither is called as that of a home is nor
  /// looks like a database.
  public static func readRemains(
    database file: String, surroundings: Surroundings = .system,
    progress: @escaping @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) async throws(AnabranchError) -> (replica: Replica, damage: Damage) {
    // What somebody writes is read beside it, as any reader does.
    let isServed = served(file) != nil
    let path = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
    guard Home(ofDatabase: path).database == path || Store.looksLikeDatabase(path) else {
      throw AnabranchError(.format, "expected \(file) to be a replica's database, but it is a file of another kind")
    }
    let replica = Replica(home: Home(ofDatabase: path), surroundings: surroundings, isHandedOver: true)
    let damage = try await replica.openRemains { (_) throws(StoreError) in
      let folder = try Store.makeTemporaryFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let scratch = folder + "/scratch.sqlite"
      return isServed
        ? try Store.remains(of: path, scratch: scratch, progress: progress)
        : try Store.remains(ofHandedOver: path, scratch: scratch, progress: progress)
    }
    return (replica, damage)
  }

  /// Passes over changes that cannot be read from now on, where contents are shown, and notes them in `unreadable`: what they say reads as content
  /// that is not there. What would be wrong without them goes on to throw. Where the views are whole, more shows so than of what remains.
  /// Only of a replica that is open for reading.
  public func passOver(_ unreadable: UnreadableChanges) throws(AnabranchError) {
    try withStore { (store) throws(StoreError) in try store.passOver(unreadable) }
  }

  private func openRemains(
    _ open: @Sendable (Replica) throws(StoreError) -> Remains
  ) throws(AnabranchError) -> Damage {
    let remains = try attempt { () throws(StoreError) in try open(self) }
    hold(Holding(store: remains.store, lock: nil, key: nil))
    return Damage(
      file: remains.path, faults: remains.faults, isPageByPage: remains.isPageByPage, salvage: remains.salvage)
  }
}
