internal import AnabranchStore

extension Replica {
  /// What the files of this replica hold. Changes nothing.
  ///
  /// `progress` is told how many changes of how many are looked through. O(history).
  public func storageUse(
    progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws(AnabranchError) -> StorageUse {
    try withStore { (store) throws(StoreError) in try store.storageUse(progress: progress) }
  }
}
