internal import AnabranchStore

/// A file that ``Replica/backUp(to:)`` wrote, to be made a replica of.
struct Backup: Sendable {
  let file: String
  /// Is told how many changes of how many are verified.
  let progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void

  /// The history in a new database at `path`, where everything was read and verified.
  ///
  /// Throws ``StoreError/Code/damaged`` where something in it is wrong. O(history).
  func copied(to path: String) throws(StoreError) -> Store {
    try Store.copyBackup(file, to: path)
    do throws(StoreError) {
      let store = try Store(at: path)
      let found = try store.verify(scratch: path + ".verify", progress: progress)
      if let fault = found.messages.first { throw StoreError(.damaged, fault) }
      return store
    } catch {
      guard error.code == .damaged else { throw error }
      throw StoreError(
        .damaged, "the backup \(file) is damaged (\(error.message)); nothing was restored",
        remedy: "use another backup, or sync a new replica from another device", cause: error)
    }
  }
}
