internal import AnabranchCore

/// A list of edits as bytes: each as its count and kind, and how far its position is from where the one before left off.
/// `docs/format.md` has the layout.
extension ByteWriter {
  mutating func write(_ edits: [TextEdit]) {
    write(count: edits.count)
    var cursor = 0
    for edit in edits {
      write(varint: UInt64(edit.count) << 2 | UInt64(edit.kind.rawValue))
      write(zigzag: Int64(edit.position - cursor))
      cursor = edit.end
    }
  }
}

extension ByteReader {
  /// Edits, at least one, run-length encoded; positions, and the events of all together, are below 2³²: so no history
  /// that fits a disk has more events than a number holds.
  mutating func edits() throws(WireError) -> [TextEdit] {
    let start = position
    let count = try count(max: Limits.changeBytesMax, of: "edits", bytesEach: 2)
    var edits: [TextEdit] = []
    edits.reserveCapacity(count)
    var cursor = 0
    var (events, inserted) = (UInt64(0), UInt64(0))
    for _ in 0..<count {
      let word = try varint(max: UInt64(UInt32.max) << 2 | 3, "the count and kind of an edit")
      guard let kind = TextEdit.Kind(rawValue: UInt8(word & 3)) else {
        throw WireError(.invalid, "expected an edit of kind 0, 1 or 2, got 3", offset: position)
      }
      let (place, overflow) = Int64(cursor).addingReportingOverflow(try zigzag())
      guard !overflow, (0...Int64(UInt32.max)).contains(place) else {
        throw WireError(.limit, "expected a position from 0 to \(UInt32.max)", offset: position)
      }
      events += word >> 2
      guard events <= UInt64(UInt32.max) else {
        throw WireError(.limit, "expected at most \(UInt32.max) events", offset: position)
      }
      // What is inserted is one content, of a byte each at least, also where it is not here.
      if kind == .insert { inserted += word >> 2 }
      guard inserted <= UInt64(Limits.contentBytesMax) else {
        throw WireError(.limit, "expected at most \(Limits.contentBytesMax) scalars to be inserted", offset: position)
      }
      edits.append(TextEdit(kind, at: Int(place), count: Int(word >> 2)))
      cursor = edits[edits.count - 1].end
    }
    guard !edits.isEmpty, edits.isRunLengthEncoded else {
      throw WireError(.invalid, "expected edits, run-length encoded", offset: start)
    }
    return edits
  }
}

extension TextEdit {
  /// Where the cursor is left.
  fileprivate var end: Int {
    isDeletion ? position : position + count
  }
}
