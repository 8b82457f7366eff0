internal import AnabranchCore

/// Purges that are being carried out, and how far that is.
///
/// Only where to go on; that something is still to be done stands in the database, so a crash loses nothing but time.
struct Erasure {
  /// What is done next.
  enum Stage: Hashable {
    /// The documents about what was purged are taken out of the search's index, shard by shard.
    case index
    /// The contents are taken out of the log.
    case log
    /// The bytes of files that no attachment needs any more are removed.
    case blobs
    /// The shards that had such documents are merged, so that their words are gone too.
    case merging(begun: Bool)
    /// The bytes that lie between what the file's pages hold are overwritten, from a page on.
    case slack(page: Int64)
    /// The replica says so.
    case receipt
  }

  /// A purge, and how often it was asked for: once more whenever something comes that it takes.
  struct Order: Hashable {
    let key: OperationKey
    let asked: Int64
  }

  /// The purges.
  let purges: [Order]
  var stage = Stage.index
  /// The operations that say what was purged, in ascending order, as far as they have not been looked at.
  var operations: [OperationKey]
  /// Those of them that the index may know.
  var documents: [OperationKey]
  /// The shards in which these are still to be looked for.
  var shards: [Int64]
  /// The messages from whose past something goes: the index has to hear anew what they say.
  var reindexed: [ObjectKey]
  /// Whether bytes of what was purged may still lie in the file.
  var isUnclean: Bool
}

/// How far it is with the bytes of what was purged.
public enum ErasureProgress: Hashable, Sendable {
  /// Nothing is due.
  case idle
  /// A step was done, and others follow.
  case more
  /// Somebody else reads the history as it was before, or a damaged database is kept that has what is not here; to be tried again later.
  case waiting
}
