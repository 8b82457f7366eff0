public import AnabranchCore

/// A blob's length and the hashes of its blocks: what each block is checked against as it comes.
///
/// A blob is cut into blocks of ``Limits/blockBytes``, the last one shorter. Its name is a hash over the length and the
/// Merkle root over the hashes of the blocks, so an outline is checked against the name, and a block against the outline:
/// nothing is kept of a peer that sends something else, and a transfer goes on where it broke off.
public struct BlobOutline: Hashable, Sendable {
  /// How many bytes the blob has.
  public let byteCount: UInt64
  /// The hash of each block, in order.
  public let blocks: [Digest]

  /// The outline of `byteCount` bytes; nil where that is more than ``Limits/blobBytesMax``, or there are not as many
  /// hashes as blocks.
  public init?(byteCount: UInt64, blocks: [Digest]) {
    guard byteCount <= Limits.blobBytesMax, blocks.count == Self.blockCount(ofBytes: byteCount) else { return nil }
    self.byteCount = byteCount
    self.blocks = blocks
  }

  /// The blob's name. O(blocks).
  public var id: BlobID {
    BlobID(
      Hashing.hash(.blob) { parts in
        parts.add(fixed: UInt32(truncatingIfNeeded: byteCount >> 32))
        parts.add(fixed: UInt32(truncatingIfNeeded: byteCount))
        parts.add(Hashing.merkleRoot(blocks))
      })
  }

  /// The hash of a block.
  public static func hash(ofBlock bytes: ArraySlice<UInt8>) -> Digest {
    Hashing.hash(.block, bytes)
  }

  /// How many blocks that many bytes make, at most ``Limits/blobBytesMax``.
  public static func blockCount(ofBytes count: UInt64) -> Int {
    let (full, rest) = min(count, Limits.blobBytesMax).quotientAndRemainder(dividingBy: UInt64(Limits.blockBytes))
    return Int(full) + (rest > 0 ? 1 : 0)
  }

  /// Whether `bytes` are the block at `index`: as many as it has, and of its hash.
  public func holds(_ bytes: ArraySlice<UInt8>, at index: Int) -> Bool {
    blocks.indices.contains(index) && bytes.count == length(ofBlock: index)
      && Self.hash(ofBlock: bytes) == blocks[index]
  }

  /// Bytes of the block at `index`.
  public func length(ofBlock index: Int) -> Int {
    Self.length(ofBlock: index, byteCount: byteCount)
  }

  /// Bytes of the block at `index` in a blob of `byteCount` bytes.
  public static func length(ofBlock index: Int, byteCount: UInt64) -> Int {
    let start = UInt64(index) * UInt64(Limits.blockBytes)
    return start >= byteCount ? 0 : Int(min(UInt64(Limits.blockBytes), byteCount - start))
  }
}
