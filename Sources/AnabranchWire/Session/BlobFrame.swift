public import AnabranchCore

/// A message between two replicas about blobs, the bytes of attached files. Only for a peer that has
/// ``Hello/Features/blobs``.
public enum BlobFrame: Hashable, Sendable {
  /// The speaker lacks these blobs and would like to have them. Without any: it wants nothing more of what is known now.
  case wants([BlobID])
  /// The speaker has these blobs whole, of those that the other side wants.
  case offers(BlobOffers)
  /// The speaker would like to have a part of a blob that was offered.
  case request(BlobID, BlobPart)
  /// The hashes of a blob's blocks.
  case outline(BlobID, [Digest])
  /// A block of a blob.
  case block(BlobID, UInt32, [UInt8])
  /// The speaker does not have the blob any more.
  case lacks(BlobID)
}

/// Blobs that one side has whole.
public struct BlobOffers: Hashable, Sendable {
  /// Whether they answer a ``BlobFrame/wants(_:)``; else the speaker got them since.
  public var isAnswer: Bool
  /// The blobs.
  public var blobs: [BlobOffer]

  /// `blobs`, in answer to what is wanted or because they are new.
  public init(isAnswer: Bool, blobs: [BlobOffer]) {
    self.isAnswer = isAnswer
    self.blobs = blobs
  }
}

/// A blob, and how long it is.
public struct BlobOffer: Hashable, Sendable {
  /// The blob.
  public var blob: BlobID
  /// How many bytes it has, at most ``Limits/blobBytesMax``.
  public var byteCount: UInt64

  /// `blob`, which has `byteCount` bytes.
  public init(blob: BlobID, byteCount: UInt64) {
    self.blob = blob
    self.byteCount = byteCount
  }
}

/// A part of a blob that can be asked for.
public enum BlobPart: Hashable, Sendable {
  /// The hashes of its blocks.
  case outline
  /// The block at that index.
  case block(UInt32)
}
