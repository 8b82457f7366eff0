internal import AnabranchCore
internal import Foundation
internal import GRDB

extension Store {
  /// Writes a consistent copy of the database to a new file, also while others read and write.
  ///
  /// The copy has no log that may be written: whoever opens it as a replica opens a new one first. The open change
  /// is not in it. Throws ``StoreError/Code/exists`` where the file exists, and ``StoreError/Code/damaged`` where the
  /// copy is not sound: then the database is not either. Leaves no half-written file. O(history).
  public func backUp(to file: String) throws(StoreError) {
    guard !FileManager.default.fileExists(atPath: file) else {
      throw StoreError(
        .exists, "\(file) exists already; nothing was written", remedy: "choose another name, or remove it")
    }
    let partial = file + ".partial"
    Store.remove(at: partial)
    do {
      try writeCopy(to: partial)
      try Store(at: partial, access: .read).checkWhole()
      try FileManager.default.moveItem(atPath: partial, toPath: file)
    } catch {
      Store.remove(at: partial)
      let failure = StoreError(error, path: file)
      guard failure.code == .damaged else { throw failure }
      throw StoreError(
        .damaged, "\(path) is damaged, and a backup of it would be too (\(failure.message)); nothing was written",
        remedy: StoreError.repairing,
        cause: error)
    }
  }

  /// Writes the copy that ``backUp(to:)`` then checks and gives its name.
  package func writeCopy(to partial: String) throws(StoreError) {
    try checkAlone()
    // The copy goes where the key does not.
    if access != .read { try sign() }
    do {
      try queue.inDatabase { db in try db.execute(sql: "VACUUM INTO ?", arguments: [partial]) }
      try Store.restrict(partial)
      try Self.disown(partial)
      if state.membership.exempt != nil { try Self.recount(partial) }
    } catch {
      throw StoreError(error, path: partial)
    }
  }

  /// Makes a copy one that nobody writes yet.
  private static func disown(_ partial: String) throws {
    let copy = try DatabaseQueue(path: partial)
    try copy.inDatabase { db in
      var state = try LogState(db)
      state.own = nil
      try state.saveFrontier(db)
      try db.execute(sql: "DELETE FROM open_operation; DELETE FROM open_change")
      try db.execute(sql: "DELETE FROM setting WHERE name = ?", arguments: [Setting.ownLog.rawValue])
      try db.execute(sql: "PRAGMA journal_mode = DELETE")
    }
    try copy.close()
  }

  /// Builds the views of a copy anew: what this device wrote before it was let in counts here, and in no other database.
  private static func recount(_ partial: String) throws {
    let copy = try Store(at: partial, access: .write, durability: .normal)
    try copy.transaction { db, state in try copy.rebuildViews(db, state) }
    try copy.alone { db in try db.execute(sql: "PRAGMA journal_mode = DELETE") }
    try copy.close()
  }

  /// Throws ``StoreError/Code/damaged`` unless SQLite finds the file sound and every change has the hash that is kept
  /// of it. Views are not compared with the log: ``verify(scratch:progress:)`` does that. O(history).
  private func checkWhole() throws(StoreError) {
    if let fault = try fileFaults().first { throw StoreError(.damaged, fault) }
    var known = VersionVector()
    while true {
      let (changes, position) = try changes(missingFrom: known, bytesMax: Self.verifyBatchBytes)
      guard !changes.isEmpty else { return }
      known = position
    }
  }
}
