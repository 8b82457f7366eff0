public import AnabranchCore
public import AnabranchWire

/// Something about blobs that the host of a session is to do.
public enum BlobEffect: Hashable, Sendable {
  /// List blobs that are wanted here, at most ``Limits/blobsMax``, without those; answer with ``BlobEvent/listed(_:)``.
  case list(excluding: Set<BlobID>)
  /// Say what is lacking of a blob that the peer has; answer with ``BlobEvent/begun(_:_:)``.
  case begin(BlobOffer)
  /// Keep the outline of a blob, which was checked against its name.
  case keep(BlobOutline)
  /// Keep a block, which was checked against its blob's outline, durably; answer with ``BlobEvent/stored(_:_:)``.
  case store(BlobID, UInt32, [UInt8])
  /// The session does nothing more for a blob that it began.
  case release(BlobID)
  /// Say which of these are here whole; answer with ``BlobEvent/found(_:)``.
  case find([BlobID])
  /// Read a part of a blob; answer with ``BlobEvent/read(_:_:_:)``. At most one is under way.
  case read(BlobID, BlobPart)
}

/// Something about blobs that a session is told by its host.
public enum BlobEvent: Hashable, Sendable {
  /// Answers ``BlobEffect/list(excluding:)``.
  case listed([BlobID])
  /// Answers ``BlobEffect/begin(_:)``.
  case begun(BlobOffer, BlobPlan)
  /// Answers ``BlobEffect/store(_:_:_:)``.
  case stored(BlobID, UInt32)
  /// Answers ``BlobEffect/find(_:)``.
  case found([BlobOffer])
  /// Answers ``BlobEffect/read(_:_:)``.
  case read(BlobID, BlobPart, BlobReading)
  /// There may be blobs that are wanted and that the session was not told of.
  case wanted
  /// Blobs are here whole that were not before.
  case held([BlobOffer])
}

/// What is to be fetched of a blob.
public enum BlobPlan: Hashable, Sendable {
  /// Nothing: it is here, or nobody wants it any more.
  case skip
  /// Nothing for now: another session fetches it. After ``BlobEvent/wanted`` the host is asked again.
  case later
  /// All of it.
  case whole
  /// The blocks at these indices, in ascending order; the outline is here.
  case blocks([UInt32], of: BlobOutline)
}

/// What was read of a blob.
public enum BlobReading: Hashable, Sendable {
  /// The hashes of its blocks.
  case outline([Digest])
  /// A block.
  case block([UInt8])
  /// It is not here any more, or damaged.
  case nothing
}
