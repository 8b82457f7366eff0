import AnabranchCore
import AnabranchFakes
import AnabranchWire

extension Words {
  /// The message that all replicas of these tests write in.
  static let message = ObjectID.imported(Bytes16(high: 1, low: 1))

  /// `replica` adds `text` to the message in its next change.
  init(saying text: String, by replica: FakeReplica, counter: UInt64, at index: UInt32 = 0) {
    let count = text.unicodeScalars.count
    self.init(
      device: replica.device,
      change: ChangeID(log: replica.own, sequence: replica.vector[replica.own] + 1), counter: counter,
      pieces: [
        Words.Piece(
          index: index, object: Self.message, text: .body, predecessors: [],
          edits: [TextEdit(.insert, at: 0, count: count)], inserted: text)
      ])
  }

  /// The same, of which the first `start` scalars were told before.
  func from(_ start: Int) -> Words {
    var words = self
    words.pieces[0].start = UInt32(start)
    words.pieces[0].inserted = String(
      String.UnicodeScalarView(pieces[0].inserted.unicodeScalars.dropFirst(start)))
    return words
  }
}
