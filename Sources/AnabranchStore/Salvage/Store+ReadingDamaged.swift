public import AnabranchCore
public import AnabranchWire
internal import GRDB

/// What is read in place of a damaged database.
public struct Remains {
  /// Where that is.
  public let path: String
  /// What was made of what can be read; its file has no name.
  public let store: Store
  /// What went into it.
  public let salvage: Salvage
  /// What is wrong with the damaged one: its file and its logs. Nothing where only its views are not what the logs say.
  public let faults: [Verification.Fault]
  /// Whether its pages were read one by one, for SQLite does not find all that is there, or its tables are not ours.
  public let isPageByPage: Bool
}

extension Store {
  /// Makes of what can be read in the damaged database at `path`, which is left as it is, one that can be read in its place. What somebody
  /// writes there meanwhile is not seen.
  ///
  /// Of each log that is all up to its first change that cannot be read, or is not what it was, or builds on one that is not there; of
  /// other devices' also what nobody has signed yet, for it goes nowhere. The views are built anew. All else is as in a
  /// ``salvage(_:into:isSigned:progress:)``, but that the own log goes on nowhere.
  ///
  /// `scratch` is a path for it, whose file has no name any more once it is open, so that nothing is left of it, however the process ends;
  /// where the file system cannot do that, it is removed when this throws. `progress` is told how many changes of how many, which are
  /// read twice, are done. Throws as a salvage does. O(history).
  public static func remains(
    of path: String, scratch: String,
    isSigned: @escaping (Checkpoint, LogHeader) -> Bool = { $0.isSigned(under: $1) },
    progress: @escaping (_ done: UInt64, _ total: UInt64) throws -> Void = { _, _ in }
  ) throws(StoreError) -> Remains {
    let total = changeCount(at: path)
    let (damaged, survey) = try DamagedDatabase.fullest(at: path, isSigned: isSigned) {
      try progress(min($0, total), 2 * total)
    }
    Store.remove(at: scratch)
    do {
      var found = Verification()
      found.add(try damaged.fileFaults(), of: .file)
      found.add(survey)
      var salvager = try damaged.reading { db in
        try Salvager(
          db, survey, fileFaults: damaged.isFound ? [DamagedDatabase.foundWords] : [], isRepair: false, total: total,
          progress)
      }
      let store = try scratchStore(at: scratch)
      store.isSigned = isSigned
      try store.fill(from: damaged, by: &salvager)
      try damaged.close()
      // What was filled in beside the logs counts, too: who belongs to the space, and what is being written.
      try store.transaction { db, state in state = try LogState(db) }
      try store.rebuildViews()
      return Remains(
        path: path, store: store, salvage: salvager.result, faults: found.faults, isPageByPage: damaged.isFound)
    } catch {
      Store.remove(at: scratch)
      throw StoreError(error, path: path)
    }
  }

  /// The same of a database file that is nobody's here. Neither the file nor its folder is changed; it is copied as
  /// ``open(handedOver:)`` does.
  public static func remains(
    ofHandedOver name: String, scratch: String,
    progress: @escaping (_ done: UInt64, _ total: UInt64) throws -> Void = { _, _ in }
  ) throws(StoreError) -> Remains {
    let file = try HandedOverFile(name)
    return try file.reading { (copy) throws(StoreError) in
      let remains = try remains(of: copy, scratch: scratch, progress: progress)
      var faults = remains.faults
      for index in faults.indices { faults[index].message.replace(copy, with: file.path) }
      return Remains(
        path: file.path, store: remains.store, salvage: remains.salvage, faults: faults,
        isPageByPage: remains.isPageByPage)
    }
  }
}
