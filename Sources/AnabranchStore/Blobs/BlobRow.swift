internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// What is here of a blob.
struct BlobRow {
  let number: Int64
  /// How many bytes it has: as its first attachment says, until the outline is here, which was checked.
  let byteCount: UInt64
  /// How many of its blocks are not here; 1 where that is not known.
  let missing: Int64
  /// Whether it is wanted by name.
  let isWanted: Bool
  /// The hashes of its blocks, 32 bytes each; nil where they are not here.
  let blocks: [Digest]?

  static func fetch(_ db: Database, _ blob: BlobID) throws -> BlobRow? {
    try db.first("SELECT number, bytes, missing, wanted, outline FROM blob WHERE id = ?") {
      $0.add(blob.digest)
    } _: { columns in
      BlobRow(
        number: try columns.integer(0), byteCount: UInt64(clamping: try columns.integer(1)),
        missing: try columns.integer(2), isWanted: try columns.integer(3) == 1,
        blocks: try columns.optionalBytes(4).map(Digest.list))
    }
  }

  /// What `wanted` says of a blob that was taken in and that nothing refers to yet.
  static let heldMark: Int64 = 2
  /// What `missing` says of a blob that is being taken in.
  static let unfinishedMark: Int64 = -1
  /// What `missing` says of a blob that was given up, and of which some blocks may be gone.
  static let leftoverMark: Int64 = -2
  /// Blocks that are removed in one step: 4 MiB.
  static let blocksAtOnce = 16

  var isWhole: Bool { missing == 0 && blocks != nil }

  /// The hash of one of its blocks; nil where it has none of that index.
  func hash(ofBlock index: UInt32) -> Digest? {
    blocks.flatMap { Int(index) < $0.count ? $0[Int(index)] : nil }
  }

  /// The outline of `blob`, which this is of; nil where it is not here, or damaged.
  func outline(of blob: BlobID) -> BlobOutline? {
    guard let blocks, let outline = BlobOutline(byteCount: byteCount, blocks: blocks), outline.id == blob else {
      return nil
    }
    return outline
  }

  /// The rowid of a block.
  func key(ofBlock index: UInt32) -> Int64 { Self.key(ofBlock: index, in: number) }

  /// The rowids of all its blocks.
  var blockKeys: ClosedRange<Int64> { Self.keys(in: number) }

  /// The rowid of a block of the blob that has a number.
  static func key(ofBlock index: UInt32, in number: Int64) -> Int64 { number << indexBits | Int64(index) }

  /// The rowids of all blocks of the blob that has a number.
  static func keys(in number: Int64) -> ClosedRange<Int64> { number << indexBits...(number << indexBits | indexMask) }

  /// The index of the block at `key`.
  static func index(ofKey key: Int64) -> UInt32 { UInt32(truncatingIfNeeded: key & indexMask) }

  /// The number of the blob that the block at `key` belongs to.
  static func number(ofKey key: Int64) -> Int64 { key >> indexBits }

  /// As many as the index of the longest blob's last block has.
  static let indexBits: Int64 = 14
  private static let indexMask: Int64 = 1 << indexBits - 1
}

extension Digest {
  /// Digests that lie one after the other; what is left over is none.
  fileprivate static func list(_ bytes: [UInt8]) -> [Digest] {
    stride(from: 0, to: bytes.count - bytes.count % count, by: count).compactMap { Digest(bytes[$0...]) }
  }
}
