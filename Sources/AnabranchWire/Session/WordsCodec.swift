internal import AnabranchCore

/// Words as bytes; `docs/format.md` has the layout.
extension Words {
  func write(to writer: inout ByteWriter) {
    writer.write(device)
    writer.write(change.log.bytes)
    writer.write(varint: UInt64(change.sequence))
    writer.write(varint: counter)
    writer.write(count: pieces.count)
    for piece in pieces { piece.write(to: &writer) }
  }

  init(_ reader: inout ByteReader) throws(WireError) {
    device = try reader.digest()
    change = ChangeID(log: LogID(try reader.bytes16()), sequence: try reader.varint32("a sequence"))
    counter = try reader.varint()
    guard change.sequence > 0, counter > 0 else {
      throw WireError(.invalid, "expected a sequence and a counter of 1 or more", offset: reader.position)
    }
    pieces = []
    for _ in 0..<(try reader.count(max: Limits.wordsBytesMax, of: "pieces", bytesEach: Piece.bytesMin)) {
      let piece = try Piece(&reader)
      guard pieces.last.map({ $0.index < piece.index }) ?? true else {
        throw WireError(.nonCanonical, "expected pieces in ascending order", offset: reader.position)
      }
      pieces.append(piece)
    }
    guard !pieces.isEmpty else {
      throw WireError(.invalid, "expected words of at least one piece", offset: reader.position)
    }
  }
}

extension Words.Piece {
  /// Bytes of the shortest: an index, an object, a text, no predecessors, one edit, a start and no words.
  fileprivate static let bytesMin = 3 + ByteReader.absoluteBytesMin + 3 + 2

  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(varint: UInt64(index))
    writer.write(absolute: object)
    writer.write(varint: UInt64(text.rawValue))
    writer.write(references: predecessors)
    writer.write(edits)
    writer.write(varint: UInt64(start))
    writer.write(counted: inserted.utf8)
  }

  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    index = UInt32(try reader.varint(max: UInt64(Limits.identifiersMax) - 1, "an index"))
    object = try reader.absolute()
    text = TextKind(rawValue: try reader.varint32("a text"))
    predecessors = try reader.references()
    edits = try reader.edits()
    start = try reader.varint32("a number of scalars")
    inserted = try reader.text(max: Limits.wordsBytesMax, "words")
    guard UInt64(start) + UInt64(inserted.scalarCount) == UInt64(edits.insertedCount) else {
      throw WireError(
        .invalid, "expected words of \(edits.insertedCount) scalars, got \(start) and \(inserted.scalarCount)",
        offset: reader.position)
    }
  }
}
