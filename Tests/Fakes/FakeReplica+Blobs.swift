package import AnabranchCore
package import AnabranchSync
package import AnabranchWire

extension FakeReplica {
  /// A blob as far as it is here.
  package struct Blob: Sendable {
    package var outline: BlobOutline?
    package var blocks: [UInt32: [UInt8]] = [:]
    /// Whether a session fetches it.
    package var isClaimed = false

    package var isWhole: Bool { outline.map { $0.blocks.count == blocks.count } ?? false }

    package var bytes: [UInt8]? {
      isWhole ? blocks.sorted { $0.key < $1.key }.flatMap(\.value) : nil
    }
  }

  /// Takes a file in, and returns its name.
  package mutating func add(_ bytes: [UInt8]) -> BlobID {
    var blob = Blob()
    var hashes: [Digest] = []
    for start in stride(from: 0, to: bytes.count, by: Limits.blockBytes) {
      let block = Array(bytes[start..<min(start + Limits.blockBytes, bytes.count)])
      blob.blocks[UInt32(hashes.count)] = block
      hashes.append(BlobOutline.hash(ofBlock: block[...]))
    }
    blob.outline = BlobOutline(byteCount: UInt64(bytes.count), blocks: hashes)
    let id = blob.outline?.id ?? BlobID(.zero)
    blobs[id] = blob
    return id
  }

  /// Learns of a file that is to be fetched.
  package mutating func want(_ blob: BlobID) {
    if blobs[blob] == nil { blobs[blob] = Blob() }
  }

  /// Those of `blobs` that are here whole.
  package func offers(of wanted: some Sequence<BlobID>) -> [BlobOffer] {
    wanted.compactMap { id in
      guard let blob = blobs[id], blob.isWhole, let outline = blob.outline else { return nil }
      return BlobOffer(blob: id, byteCount: outline.byteCount)
    }
  }

  /// Does what a session wants, and returns what it is to be told.
  package mutating func answer(_ effect: BlobEffect) -> BlobEvent? {
    switch effect {
    case .list(let excluded):
      let lacking = blobs.filter { !$0.value.isWhole && !excluded.contains($0.key) && !$0.value.isClaimed }
      return .listed(Array(lacking.keys.sorted().prefix(3)))
    case .begin(let offer):
      guard let blob = blobs[offer.blob], !blob.isWhole else { return .begun(offer, .skip) }
      guard !blob.isClaimed else { return .begun(offer, .later) }
      blobs[offer.blob]?.isClaimed = true
      guard let outline = blob.outline else { return .begun(offer, .whole) }
      let lacking = (0..<UInt32(outline.blocks.count)).filter { blob.blocks[$0] == nil }
      return .begun(offer, .blocks(lacking, of: outline))
    case .keep(let outline):
      blobs[outline.id]?.outline = outline
      return nil
    case .store(let blob, let index, let bytes):
      blobs[blob]?.blocks[index] = bytes
      return .stored(blob, index)
    case .release(let blob):
      blobs[blob]?.isClaimed = false
      return nil
    case .find(let wanted):
      return .found(offers(of: wanted))
    case .read(let blob, let part):
      return .read(blob, part, reading(part, of: blob))
    }
  }

  private func reading(_ part: BlobPart, of id: BlobID) -> BlobReading {
    switch part {
    case .outline: blobs[id]?.outline.map { .outline($0.blocks) } ?? .nothing
    case .block(let index): blobs[id]?.blocks[index].map { .block($0) } ?? .nothing
    }
  }
}
