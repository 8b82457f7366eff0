internal import Foundation
internal import GRDB

extension Store {
  /// Removes the database at `path` and what SQLite keeps beside it; nothing happens where there is none.
  public static func remove(at path: String) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
      try? FileManager.default.removeItem(atPath: path + suffix)
    }
  }

  /// Copies a file that ``backUp(to:)`` wrote to where no file is yet.
  ///
  /// Refuses a live database, which names a log that it is written to: a plain copy of it would go on under the
  /// same numbers.
  public static func copyBackup(_ backup: String, to path: String) throws(StoreError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: backup, isDirectory: &isFolder) else {
      throw StoreError(.notFound, "there is no file \(backup)", remedy: "check the name")
    }
    guard !isFolder.boolValue else {
      throw StoreError(
        .format, "expected \(backup) to be a backup, but it is a folder",
        remedy: "give the file that `anabranch backup` wrote")
    }
    let source = try Store(at: backup, access: .read, durability: .off, isTrusted: false)
    let isLive = source.ownLog != nil
    try source.close()
    guard !isLive else {
      throw StoreError(
        .format, "expected \(backup) to be a backup, but it is the database of a replica in use",
        remedy: "make a backup of that replica with `anabranch backup FILE`")
    }
    do {
      try FileManager.default.copyItem(atPath: backup, toPath: path)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Lets nobody but its owner read the database at `path`, nor what SQLite keeps beside it.
  public static func restrict(_ path: String) throws(StoreError) {
    for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
      do {
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + suffix)
      } catch {
        throw StoreError(error, path: path)
      }
    }
  }

  /// Moves a closed database to where no file is yet.
  public static func rename(_ path: String, to target: String) throws(StoreError) {
    do {
      try FileManager.default.moveItem(atPath: path, toPath: target)
    } catch {
      throw StoreError(error, path: target)
    }
  }
}

extension Store {
  /// The mode and the level of synchronisation that SQLite reports.
  func journal() throws -> (mode: String, synchronous: Int) {
    try queue.inDatabase { db in
      (
        try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "",
        try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
      )
    }
  }
}
