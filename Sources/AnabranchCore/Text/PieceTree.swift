/// A text as pieces of a buffer to which bytes are only ever added: insertion and deletion anywhere in O(log n), however
/// long the text is, and no byte is moved. Places are counted in Unicode scalars.
///
/// Crowley, "Data Structures for Text Sequences", 1998: the piece table.
struct PieceTree: Sendable {
  struct Piece: MeasuredRun {
    /// Where its UTF-8 lies in the buffer; empty where it is absent.
    var bytes: Range<Int>
    /// How many scalars it has.
    var count: Int

    var measure: Int { count }
  }

  /// Longer insertions become several pieces, so that a place inside one is found fast where it is not ASCII.
  private static let pieceBytesMax = 4096

  private var tree: RunTree<Piece>

  /// The text that consists of all `content`.
  init(_ content: [UInt8]) {
    tree = RunTree(Piece(bytes: 0..<0, count: 0))
    insert(content.indices, count: content.scalarCount(in: content.indices), of: content, at: 0)
  }

  /// The text that consists of all `content`, with room for scalars that are gone.
  init(_ content: [UInt8], gone: [Range<Int>]) {
    self.init([])
    var place = 0
    let count = content.scalarCount(in: content.indices) + gone.total
    gone.forEachPart(of: 0..<count) { range, isGone in
      let end = isGone ? place : content.end(ofScalars: range.count, from: place)
      insert(place..<end, count: range.count, of: content, at: self.count)
      place = end
    }
  }

  /// How many scalars it has.
  var count: Int {
    tree.total
  }

  /// Inserts the `count` scalars that `bytes` of `content` hold at `position`, at most ``count``.
  mutating func insert(_ bytes: Range<Int>, count: Int, of content: [UInt8], at position: Int) {
    var place = tree.start
    if position > 0, let (before, offset) = tree.find(position - 1, by: { $0 }) {
      place = tree.after(before)
      let piece = tree[before]
      if offset + 1 < piece.count {
        place = split(before, at: offset + 1, of: content)
      } else if piece.bytes.upperBound == bytes.lowerBound, piece.bytes.isEmpty == bytes.isEmpty,
        piece.bytes.count + bytes.count <= Self.pieceBytesMax
      {
        let longer = Piece(bytes: piece.bytes.lowerBound..<bytes.upperBound, count: piece.count + count)
        tree.replace(at: before, with: longer)
        return
      }
    }
    var rest = Piece(bytes: bytes, count: count)
    while rest.bytes.count > Self.pieceBytesMax {
      let end = content.boundary(before: rest.bytes.lowerBound + Self.pieceBytesMax)
      let first = rest.bytes.lowerBound..<end
      let scalars = rest.bytes.count == rest.count ? first.count : content.scalarCount(in: first)
      place = tree.after(tree.insert(Piece(bytes: first, count: scalars), at: place) { _, _ in })
      rest = Piece(bytes: end..<rest.bytes.upperBound, count: rest.count - scalars)
    }
    if rest.count > 0 { _ = tree.insert(rest, at: place) { _, _ in } }
  }

  /// Deletes `range`, which lies within the text.
  mutating func delete(_ range: Range<Int>, of content: [UInt8]) {
    var rest = range.count
    while rest > 0, let (found, offset) = tree.find(range.lowerBound, by: { $0 }) {
      let piece = tree[found]
      let gone = min(rest, piece.count - offset)
      if gone == piece.count {
        tree.remove(at: found)
      } else if offset + gone == piece.count {
        tree.replace(at: found, with: piece.part(0..<offset, of: content))
      } else if offset == 0 {
        tree.replace(at: found, with: piece.part(gone..<piece.count, of: content))
      } else {
        tree.replace(at: found, with: piece.part(offset + gone..<piece.count, of: content))
        _ = tree.insert(piece.part(0..<offset, of: content), at: found) { _, _ in }
      }
      rest -= gone
    }
  }

  private mutating func split(_ place: Place, at offset: Int, of content: [UInt8]) -> Place {
    let piece = tree[place]
    tree.replace(at: place, with: piece.part(0..<offset, of: content))
    return tree.insert(piece.part(offset..<piece.count, of: content), at: tree.after(place)) { _, _ in }
  }

  private typealias Place = RunTree<Piece>.Place

  /// Passes each piece of the text in order.
  func forEachPiece(_ body: (Piece) -> Void) {
    var next = tree.run(from: tree.start)
    while let place = next {
      body(tree[place])
      next = tree.run(from: tree.after(place))
    }
  }

  /// The text, as far as it is not absent.
  func text(of content: [UInt8]) -> String {
    var size = 0
    forEachPiece { size += $0.bytes.count }
    return content.withUnsafeBufferPointer { content in
      String(unsafeUninitializedCapacity: size) { text in
        var place = 0
        forEachPiece { piece in
          _ = text[place...].update(fromContentsOf: content[piece.bytes])
          place += piece.bytes.count
        }
        return place
      }
    }
  }
}

extension PieceTree.Piece {
  fileprivate func part(_ offsets: Range<Int>, of content: [UInt8]) -> Self {
    Self(bytes: content.bytes(ofScalars: offsets, within: bytes, count: count), count: offsets.count)
  }
}
