internal import AnabranchCore
internal import Foundation
internal import GRDB

extension Store {
  /// Writes a consistent copy of the database to a new file, also while others read and write.
  ///
  /// The copy has no log that may be written: whoever opens it as a replica opens a new one first. The open change
  /// is not in it. Throws ``StoreError/Code/exists`` where the file exists, and leaves no half-written one.
  public func backUp(to file: String) throws(StoreError) {
    guard !FileManager.default.fileExists(atPath: file) else {
      throw StoreError(
        .exists, "\(file) exists already; nothing was written", remedy: "choose another name, or remove it")
    }
    let partial = file + ".partial"
    Store.remove(at: partial)
    do {
      try queue.inDatabase { db in try db.execute(sql: "VACUUM INTO ?", arguments: [partial]) }
      try Store.restrict(partial)
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
      try FileManager.default.moveItem(atPath: partial, toPath: file)
    } catch {
      Store.remove(at: partial)
      throw StoreError(error, path: file)
    }
  }
}
