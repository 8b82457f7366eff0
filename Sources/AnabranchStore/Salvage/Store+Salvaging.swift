public import AnabranchCore
public import AnabranchWire
internal import GRDB

extension Store {
  /// Makes a new database at `path` of what is sound in the damaged one at `source`, which is left as it is.
  ///
  /// Of each log that is all up to its first change that cannot be read, or is not what it was, or builds on one that is not
  /// there; of another device's, up to the last signature before that, since nobody could be given more. So what is made is a replica that got that far, and others give it the rest. The views are built anew, and the search's index
  /// is left to be filled. Settings and what is known of other devices are taken as they stand, attached files block by block as far as
  /// they have their hashes. The new database writes to the same log as the old one: whoever opens it goes on in another one unless
  /// ``Salvage/isOwnLogWhole``.
  ///
  /// `isSigned` is as for a store; `progress` is told how many changes of how many, which are read twice, are done. Throws
  /// ``StoreError/Code/damaged`` where no log can be read, and then, as after every error, leaves no file at `path`. O(database).
  public static func salvage(
    _ source: String, into path: String,
    isSigned: @escaping (Checkpoint, LogHeader) -> Bool = { $0.isSigned(under: $1) },
    progress: @escaping (_ done: UInt64, _ total: UInt64) throws -> Void = { _, _ in }
  ) throws(StoreError) -> Salvage {
    let total = changeCount(at: source)
    let (damaged, survey) = try DamagedDatabase.fullest(at: source, isSigned: isSigned) {
      try progress(min($0, total), 2 * total)
    }
    Store.remove(at: path)
    do {
      var salvager = try damaged.reading { db in
        try Salvager(
          db, survey, fileFaults: damaged.isFound ? [DamagedDatabase.foundWords] : [], total: total, progress)
      }
      let store = try Store(at: path, access: .create, durability: .normal)
      try Store.restrict(path)
      try store.fill(from: damaged, by: &salvager)
      try store.close()
      let built = try Store(at: path, access: .write, durability: .normal)
      try built.rebuildViews()
      try built.checkpoint()
      try built.close()
      try damaged.close()
      return salvager.result
    } catch {
      Store.remove(at: path)
      throw StoreError(error, path: source)
    }
  }

  /// Fills this store, which is new, with all but the views.
  func fill(from damaged: DamagedDatabase, by salvager: inout Salvager) throws {
    try transaction { db, state in
      try damaged.reading { old in
        repeat { try salvager.takeLogs(db, &state, from: old, self) } while salvager.shorten()
        try salvager.finish(db, &state, from: old)
      }
    }
  }

  /// What is wrong with the database at `path` where it cannot be opened as a store, for the reason `unopened`: its file and its logs.
  /// O(log).
  public static func survey(
    damaged path: String, unopened: String? = nil,
    isSigned: @escaping (Checkpoint, LogHeader) -> Bool = { $0.isSigned(under: $1) }
  ) throws(StoreError) -> Verification {
    let (damaged, survey) = try DamagedDatabase.fullest(at: path, isSigned: isSigned)
    var result = Verification()
    let faults = try damaged.fileFaults()
    if let unopened, !faults.contains(unopened) { result.add([unopened], of: .file) }
    result.add(faults, of: .file)
    result.add(try damaged.reading { db in survey.readingRest(db) })
    try damaged.close()
    return result
  }

  /// How many changes SQLite says that a damaged database has; 0 where it cannot say.
  static func changeCount(at path: String) -> UInt64 {
    let count = try? DamagedDatabase(at: path).reading { db in
      try Int64.fetchOne(db, sql: "SELECT count(*) FROM change")
    }
    return UInt64(clamping: count ?? 0)
  }
}
