internal import AnabranchCore
package import AnabranchStore
internal import AnabranchWire

internal import class Foundation.FileManager
internal import struct Foundation.URL

extension Home {
  /// The folder that a database file lies in.
  init(ofDatabase path: String) {
    self.init(URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }
}

extension Replica {
  /// Makes a replica called `name` in a new home, and a key for its device.
  ///
  /// A key that is there already is kept, and opened by `access`. Throws ``AnabranchError/Code/exists`` where the home has a
  /// replica, and leaves that one as it is.
  public static func create(
    at home: Home, name: String, access: KeyAccess = .system, surroundings: Surroundings = .system
  ) async throws(AnabranchError) -> Replica {
    try await create(at: home, name: name, copying: nil, access: access, surroundings: surroundings)
  }

  /// Makes a replica, empty or with the history of `backup`.
  static func create(
    at home: Home, name: String, copying backup: Backup?, access: KeyAccess, surroundings: Surroundings
  ) async throws(AnabranchError) -> Replica {
    try checkName(name)
    let replica = Replica(home: home, surroundings: surroundings)
    try await replica.make(name: name, copying: backup, access)
    return replica
  }

  /// Opens the replica in `home` for reading and writing.
  ///
  /// `holder` is what another process is told that wants to write meanwhile; `access` opens the device's key. Throws
  /// ``AnabranchError/Code/notFound`` where there is none and ``AnabranchError/Code/locked`` where another process
  /// writes it; otherwise, where the key has a passphrase, ``AnabranchError/Code/passphraseNeeded`` and
  /// ``AnabranchError/Code/wrongPassphrase``: ask for it then, and try again. The replica is not held meanwhile. Throws
  /// ``AnabranchError/Code/wrongKey`` where the key is another device's than the one that wrote here last; what an older version left is
  /// brought up to date by then.
  public static func open(
    at home: Home, holder: String = "an app", access: KeyAccess = .system, surroundings: Surroundings = .system
  ) async throws(AnabranchError) -> Replica {
    try await open(at: home, holder: holder, access: access, surroundings: surroundings, durability: .full)
  }

  /// Opens a replica whose commits are pressed onto the disk less hard than peers are told: only for measuring.
  package static func open(
    at home: Home, holder: String = "an app", access: KeyAccess = .system, surroundings: Surroundings = .system,
    durability: Store.Durability
  ) async throws(AnabranchError) -> Replica {
    let replica = Replica(home: home, surroundings: surroundings)
    try await replica.open(as: holder, access, durability: durability)
    return replica
  }

  /// Opens the replica in `home` for reading only, also while another process writes it. What an older version left is
  /// brought up to date first, which needs that nobody writes it. The device's key is not needed.
  public static func read(
    at home: Home, surroundings: Surroundings = .system
  ) async throws(AnabranchError) -> Replica {
    let replica = Replica(home: home, surroundings: surroundings)
    do {
      try await replica.openForReading()
    } catch  where error.code == .older {
      try await replica.bringUpToDate()
      try await replica.openForReading()
    }
    return replica
  }

  /// Opens for reading a database file that somebody handed over: a backup, or a copy of a replica's `history.sqlite`, with what
  /// lies beside it. Neither is changed, and no key is needed. The file of a home is read there, also while another process
  /// writes it. O(bytes) for a copy of a database in use, and for one that an older version wrote; it is copied to a temporary folder.
  public static func read(
    database file: String, surroundings: Surroundings = .system
  ) async throws(AnabranchError) -> Replica {
    if let home = served(file) { return try await readBesideWriter(home, surroundings) }
    let path = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
    let replica = Replica(home: Home(ofDatabase: path), surroundings: surroundings, isHandedOver: true)
    do {
      try await replica.open(handedOver: path)
    } catch  where error.code == .locked {
      // Somebody may have begun to write it meanwhile.
      guard let home = served(file) else { throw error }
      return try await readBesideWriter(home, surroundings)
    }
    return replica
  }

  /// The home of a database file that somebody writes there now; nil for any other file.
  static func served(_ file: String) -> Home? {
    let path = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
    let home = Home(ofDatabase: path)
    return home.database == path && WriterLock.isHeld(at: home.lock) ? home : nil
  }

  /// Who writes there moves its bytes about, so it is not copied. Its version is this one's, then.
  private static func readBesideWriter(
    _ home: Home, _ surroundings: Surroundings
  ) async throws(AnabranchError) -> Replica {
    let replica = Replica(home: home, surroundings: surroundings, isHandedOver: true)
    try await replica.openForReading()
    return replica
  }

  /// Who writes the replica in `home` now, by its own word; nil where nobody does.
  public static func writer(of home: Home) -> String? {
    WriterLock.holder(at: home.lock)
  }

  private func open(handedOver path: String) throws(AnabranchError) {
    let store = try attempt { () throws(StoreError) in try Store.open(handedOver: path) }
    hold(Holding(store: store, lock: nil, key: nil))
  }

  /// Bytes of a device's name.
  public static let nameBytesMax = Limits.nameBytesMax

  static func checkName(_ name: String) throws(AnabranchError) {
    guard !name.allSatisfy(\.isWhitespace) else {
      throw AnabranchError(.invalid, "expected a name of the device, got nothing", remedy: "give one, such as “laptop”")
    }
    guard name.utf8.count <= nameBytesMax, !name.contains(where: \.isNewline) else {
      throw AnabranchError(
        .invalid, "expected a name of 1 to \(nameBytesMax) bytes in one line", remedy: "choose another one")
    }
  }

  /// Either makes a whole replica or leaves everything as it was.
  private func make(name: String, copying backup: Backup?, _ access: KeyAccess) throws(AnabranchError) {
    try checkNew()
    let files = FileManager.default
    let (hadFolder, hadKey) = (files.fileExists(atPath: home.path), DeviceKey.exists(at: home.key))
    try home.makeFolder()
    do {
      let lock = try attempt { () throws(StoreError) in try WriterLock(at: home.lock, holder: "anabranch init") }
      try checkNew()
      let key = try hadKey ? DeviceKey.load(at: home.key, with: access) : DeviceKey.create(at: home.key)
      // The key is there for good before anything is that was written with it.
      try home.pressFolder()
      let store = try makeStore(name: name, copying: backup, newLogHeader(key))
      try home.restrictFolder()
      try home.pressFolder()
      hold(Holding(store: store, lock: lock, key: key))
      try markOrigin()
    } catch {
      // Nobody else has made one meanwhile: that would have needed the lock.
      guard error.code != .locked, error.code != .exists else { throw error }
      if !hadKey { try? files.removeItem(atPath: home.key) }
      if !hadFolder { try? files.removeItem(atPath: home.path) }
      throw error
    }
  }

  private func checkNew() throws(AnabranchError) {
    guard try home.isThere() else { return try home.checkCutOffRepair() }
    throw AnabranchError(
      .exists, "there is a replica in \(home.path) already; it was left as it is",
      remedy: "choose another folder with --home")
  }

  /// Makes the database under another name, so that a home either has a whole replica or none.
  private func makeStore(
    name: String, copying backup: Backup?, _ header: LogHeader
  ) throws(AnabranchError) -> Store {
    let partial = home.database + ".partial"
    Store.remove(at: partial)
    let wall = surroundings.wall()
    return try attempt { () throws(StoreError) in
      do throws(StoreError) {
        let store = if let backup { try backup.copied(to: partial) } else { try Store(at: partial) }
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

  private func open(as holder: String, _ access: KeyAccess, durability: Store.Durability) throws(AnabranchError) {
    try home.check()
    try home.restrictFolder()
    let lock = try attempt { () throws(StoreError) in try WriterLock(at: home.lock, holder: holder) }
    KeyFileWriter(home: home).removeLeftover()
    Store.removeLeftovers(beside: home.database)
    let key = try DeviceKey.load(at: home.key, with: access)
    let store = try attempt { () throws(StoreError) in
      try Store(at: home.database, access: .write, durability: durability)
    }
    hold(Holding(store: store, lock: lock, key: key))
    try checkKey(of: key.publicKey)
    try goOn()
  }

  /// Migrates what an older version left. Nothing is written in this device's name, so its key is not needed.
  private func bringUpToDate() throws(AnabranchError) {
    let lock = try attempt { () throws(StoreError) in try WriterLock(at: home.lock, holder: "a command") }
    defer { withExtendedLifetime(lock) {} }
    try attempt { () throws(StoreError) in try Store(at: home.database, access: .write).close() }
  }

  private func openForReading() throws(AnabranchError) {
    try home.check()
    let store = try attempt { () throws(StoreError) in try Store(at: home.database, access: .read) }
    hold(Holding(store: store, lock: nil, key: nil))
  }

  /// Goes on where this device left off: what comes before anything is written.
  ///
  /// Seals what an earlier process left open; or opens a log where the database is a copy, or an older state of itself, or has none of
  /// this device: it is a restored backup, or comes from elsewhere. None of these may go on under numbers that were used.
  package func goOn() throws(AnabranchError) {
    try goOn(asCopy: isCopied())
  }

  /// The same, where it is known whether the database is a copy, or lacks what its log had.
  func goOn(asCopy isCopy: Bool) throws(AnabranchError) {
    self.isCopy = isCopy
    try continueLog()
    try markOrigin()
  }

  private func continueLog() throws(AnabranchError) {
    let key = try deviceKey()
    let wall = surroundings.wall()
    let header = newLogHeader(key)
    let isCopy = isCopy
    try withStore { (store) throws(StoreError) in
      if case .device(key.publicKey, _)? = store.ownLog.flatMap({ store.header(of: $0) }) {
        // What the log holds is this device's word in any case, and nobody signs a log that was left.
        if isCopy {
          try store.sign()
          try store.leaveLog(for: header, wall: wall)
        }
        try store.sealOpenChange(wall: wall)
      } else {
        try store.openLog(header, wall: wall)
      }
    }
  }

  /// Whether the database is not the one that this device wrote last, but a copy of it, or an older state.
  private func isCopied() throws(AnabranchError) -> Bool {
    let mark = try withStore { (store) throws(StoreError) in try store.originMark() }
    // A home of before there were marks has none.
    guard mark != nil else { return false }
    return try isCopied(marked: mark)
  }

  /// The same of one that lies in its place, with that mark.
  func isCopied(marked mark: String?) throws(AnabranchError) -> Bool {
    guard let origin = originKeeper.origin() else { return mark != nil }
    guard let mark else { return true }
    return try origin != Origin(place: originKeeper.place(), mark: mark)
  }

  /// Marks the database anew as the one that this device writes: a copy that was made before is known as one from now on.
  func markOrigin() throws(AnabranchError) {
    let bits = (surroundings.random(), surroundings.random())
    let mark = Hexadecimal.encode(Bytes16(high: bits.0, low: bits.1).bytes)
    try withStore { (store) throws(StoreError) in try store.setOriginMark(mark) }
    try originKeeper.keep(Origin(place: originKeeper.place(), mark: mark))
    originMarked = surroundings.uptime()
  }

  private func newLogHeader(_ key: DeviceKey) -> LogHeader {
    var generator = SurroundingsGenerator(surroundings: surroundings)
    return key.newLog(using: &generator)
  }
}
