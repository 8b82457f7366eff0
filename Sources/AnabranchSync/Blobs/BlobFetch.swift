internal import AnabranchCore
internal import AnabranchWire

/// One blob that is being fetched: what was asked for, and what still is to be.
struct BlobFetch: Sendable {
  private let offer: BlobOffer
  private var outline: BlobOutline?
  /// The blocks that nobody was asked for yet, the next one last.
  private var waiting: [UInt32]
  /// The parts that were asked for and did not come yet.
  private var requested: Set<BlobPart> = []
  /// The blocks that came and are not stored yet.
  private var storing: Set<UInt32> = []

  /// The fetch of what `plan` says; nil where that is nothing.
  init?(_ offer: BlobOffer, _ plan: BlobPlan) {
    self.offer = offer
    switch plan {
    case .skip, .later: return nil
    case .whole:
      waiting = []
      // A block that is alone is checked against the name at once.
      if BlobOutline.blockCount(ofBytes: offer.byteCount) == 1 { waiting = [0] }
    case .blocks(let blocks, let outline):
      self.outline = outline
      waiting = blocks.reversed()
    }
  }

  /// How many parts are under way, on the connection or with the host.
  var underWay: Int { requested.count + storing.count }

  /// How many parts were asked for and did not come yet.
  var awaited: Int { requested.count }

  /// Whether everything is stored.
  var isDone: Bool { outline != nil && waiting.isEmpty && underWay == 0 }

  /// The next part to ask for; nil where none is, for now.
  mutating func next() -> BlobPart? {
    let part: BlobPart
    if let block = waiting.popLast() {
      part = .block(block)
    } else if outline == nil, requested.isEmpty {
      part = .outline
    } else {
      return nil
    }
    requested.insert(part)
    return part
  }

  /// Takes the hashes of the blocks. Throws where they were not asked for, or are not the blob's.
  mutating func take(_ blocks: [Digest]) throws(Violation) -> BlobOutline {
    guard requested.remove(.outline) != nil else { throw Violation("expected no outline of blob \(offer.blob)") }
    guard let outline = BlobOutline(byteCount: offer.byteCount, blocks: blocks), outline.id == offer.blob else {
      throw Violation("expected the outline of blob \(offer.blob), got another one")
    }
    self.outline = outline
    waiting = (0..<UInt32(blocks.count)).reversed()
    return outline
  }

  /// Takes a block; the outline, where that is new. Throws where it was not asked for, or is not the blob's.
  mutating func take(_ bytes: [UInt8], at index: UInt32) throws(Violation) -> BlobOutline? {
    guard requested.remove(.block(index)) != nil else {
      throw Violation("expected no block \(index) of blob \(offer.blob)")
    }
    var new: BlobOutline?
    if outline == nil {
      new = BlobOutline(byteCount: offer.byteCount, blocks: [BlobOutline.hash(ofBlock: bytes[...])])
      guard new?.id == offer.blob else { throw Violation("expected blob \(offer.blob), got another one") }
      outline = new
    }
    guard outline?.holds(bytes[...], at: Int(index)) == true else {
      throw Violation("expected block \(index) of blob \(offer.blob), got another one")
    }
    storing.insert(index)
    return new
  }

  /// Takes note that a block is stored.
  mutating func stored(_ index: UInt32) {
    storing.remove(index)
  }
}
