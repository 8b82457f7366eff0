internal import AnabranchCore

extension BlobFrame {
  /// The most blocks that a blob has.
  private static let blocksMax = BlobOutline.blockCount(ofBytes: Limits.blobBytesMax)

  func write(to writer: inout ByteWriter) {
    switch self {
    case .wants(let blobs):
      writer.write(FrameKind.blobWants)
      writer.write(count: blobs.count)
      for blob in blobs { writer.write(blob.digest) }
    case .offers(let offers):
      writer.write(FrameKind.blobOffers)
      writer.write(UInt8(offers.isAnswer ? 1 : 0))
      writer.write(count: offers.blobs.count)
      for offer in offers.blobs {
        writer.write(offer.blob.digest)
        writer.write(varint: offer.byteCount)
      }
    case .request(let blob, let part):
      writer.write(FrameKind.blobRequest)
      writer.write(blob.digest)
      switch part {
      case .outline: writer.write(varint: 0)
      case .block(let index): writer.write(varint: UInt64(index) + 1)
      }
    case .outline(let blob, let blocks):
      writer.write(FrameKind.blobOutline)
      writer.write(blob.digest)
      writer.write(count: blocks.count)
      for block in blocks { writer.write(block) }
    case .block(let blob, let index, let bytes):
      writer.write(FrameKind.blobBlock)
      writer.write(blob.digest)
      writer.write(varint: UInt64(index))
      writer.write(counted: bytes)
    case .lacks(let blob):
      writer.write(FrameKind.blobLacks)
      writer.write(blob.digest)
    }
  }

  /// Reads a frame about blobs, whose kind was read already; nil where it is of another kind.
  init?(_ kind: FrameKind, _ reader: inout ByteReader) throws(WireError) {
    switch kind {
    case .blobWants:
      var blobs: [BlobID] = []
      for _ in 0..<(try reader.count(max: Limits.blobsMax, of: "blobs", bytesEach: Digest.count)) {
        blobs.append(try reader.blobID())
      }
      self = .wants(blobs)
    case .blobOffers:
      self = .offers(try BlobOffers(&reader))
    case .blobRequest:
      let blob = try reader.blobID()
      let part = try reader.varint(max: UInt64(Self.blocksMax), "a part")
      self = .request(blob, part == 0 ? .outline : .block(UInt32(part - 1)))
    case .blobOutline:
      let blob = try reader.blobID()
      var blocks: [Digest] = []
      for _ in 0..<(try reader.count(max: Self.blocksMax, of: "blocks", bytesEach: Digest.count)) {
        blocks.append(try reader.digest())
      }
      self = .outline(blob, blocks)
    case .blobBlock:
      let blob = try reader.blobID()
      let index = UInt32(try reader.varint(max: UInt64(Self.blocksMax) - 1, "a block's number"))
      self = .block(blob, index, Array(try reader.counted(max: Limits.blockBytes, "a block")))
    case .blobLacks:
      self = .lacks(try reader.blobID())
    default:
      return nil
    }
  }
}

extension BlobOffers {
  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    isAnswer = try reader.varint(max: 1, "a mark") == 1
    blobs = []
    for _ in 0..<(try reader.count(max: Limits.blobsMax, of: "blobs", bytesEach: Digest.count + 1)) {
      blobs.append(
        BlobOffer(
          blob: try reader.blobID(), byteCount: try reader.varint(max: Limits.blobBytesMax, "a number of bytes")))
    }
  }
}

extension ByteReader {
  fileprivate mutating func blobID() throws(WireError) -> BlobID {
    BlobID(try digest())
  }
}
