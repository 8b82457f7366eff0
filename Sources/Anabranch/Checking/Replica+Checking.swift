internal import AnabranchCore
public import AnabranchStore

internal import class Foundation.FileManager
internal import class Foundation.ProcessInfo

extension Replica {
  /// Reads and checks everything of the replica in `home`: its file, each log's chain and signatures, the views against the log, attached
  /// files, and whether the key there is this device's. One that cannot be opened is read as far as its logs can be. Changes nothing; works while another process writes it.
  ///
  /// `progress` is told how many changes of how many are done. Throws where there is no replica, or the file cannot be read at all.
  /// O(history).
  public static func check(
    at home: Home, surroundings: Surroundings = .system,
    progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) async throws(AnabranchError) -> Check {
    try home.check()
    var check = try await check(home.database, progress) { () async throws(AnabranchError) in
      try await read(at: home, surroundings: surroundings)
    } survey: { (reason) throws(StoreError) in
      try Store.survey(damaged: home.database, unopened: reason)
    }
    (check.keyFault, check.key) = await keyStanding(of: home, surroundings)
    return check
  }

  /// The same of a database file that somebody handed over. The views are built anew in a temporary folder.
  public static func check(
    database file: String, surroundings: Surroundings = .system,
    progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) async throws(AnabranchError) -> Check {
    try await check(file, progress) { () async throws(AnabranchError) in
      try await read(database: file, surroundings: surroundings)
    } survey: { (reason) throws(StoreError) in
      // What somebody writes is read beside it, as any reader does.
      try served(file) == nil
        ? Store.survey(handedOver: file, unopened: reason) : Store.survey(damaged: file, unopened: reason)
    }
  }

  private static func check(
    _ file: String, _ progress: @Sendable (UInt64, UInt64) -> Void, open: () async throws(AnabranchError) -> Replica,
    survey: (_ unopened: String) throws(StoreError) -> Verification
  ) async throws(AnabranchError) -> Check {
    let replica: Replica
    do {
      replica = try await open()
    } catch {
      guard [.damaged, .format, .foreign].contains(error.code) else { throw error }
      return try surveyed(file, survey, unreadable: error)
    }
    let found: Verification
    do {
      found = try await replica.verify(progress: progress)
    } catch {
      guard error.code == .damaged else { throw error }
      try? await replica.close()
      return try surveyed(file, survey, unreadable: error)
    }
    let names = (try? await replica.names()) ?? [:]
    try await replica.close()
    return Check(found: found, names: names, isReadable: true)
  }

  /// What can be said of a file that could not be opened, for the reason `error`.
  private static func surveyed(
    _ file: String, _ survey: (_ unopened: String) throws(StoreError) -> Verification, unreadable error: AnabranchError
  ) throws(AnabranchError) -> Check {
    guard (try? Store.checkFile(file)) != nil else { throw error }
    guard let found = try? survey(error.message), !found.logs.isEmpty else {
      throw AnabranchError(
        error.code, error.message + "; nothing of it can be read", remedy: StoreError.replacing)
    }
    return Check(found: found, names: [:], isReadable: false)
  }

  /// Reads and checks everything: the file, every log's chain, and the views against the log. Changes nothing.
  ///
  /// The views are built anew in a file without a name, on the disk of the replica, or in the system's folder for temporary files where
  /// somebody handed over the database. `progress` is told how many changes of how many are done. O(history).
  public func verify(
    progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws(AnabranchError) -> Verification {
    guard isHandedOver else { return try verify(scratch: scratchFile, progress: progress) }
    let folder = try attempt { () throws(StoreError) in try Store.makeTemporaryFolder() }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try verify(scratch: folder + "/scratch.sqlite", progress: progress)
  }

  /// Named after the process: a purge need not wait for one that was killed before it took the file its name.
  nonisolated var scratchFile: String {
    "\(home.database).verify-\(ProcessInfo.processInfo.processIdentifier)-\(surroundings.random())"
  }

  private func verify(
    scratch: String, progress: @Sendable (UInt64, UInt64) -> Void
  ) throws(AnabranchError) -> Verification {
    try withStore { (store) throws(StoreError) in try store.verify(scratch: scratch, progress: progress) }
  }
}
