internal import AnabranchCore
internal import AnabranchWire

/// A frame of each kind, with something in each of its fields.
enum SampleFrames {
  static let device = Digest(head: Bytes16(high: 1, low: 2), tail: Bytes16(high: 3, low: 4))
  static let log = LogID(Bytes16(high: 5, low: 6))
  static let other = LogID(Bytes16(high: 7, low: 8))
  static let blob = BlobID(device)

  /// Somebody is writing.
  static let words: Words = {
    let operation = OperationID(log: other, sequence: 3, index: 1)
    let piece = Words.Piece(
      index: 0, object: .native(operation), text: .body, predecessors: [operation],
      edits: [TextEdit(.insert, at: 0, count: 5), TextEdit(.deleteForward, at: 5, count: 2)], start: 0,
      inserted: "Grüße")
    return Words(device: device, change: ChangeID(log: log, sequence: 3), counter: 1, pieces: [piece])
  }()

  static var all: [(name: String, frame: Frame)] {
    let hash = Bytes16(high: 9, low: 10)
    let at = LogPosition(log: 1, sequence: 300)
    return [
      (
        "hello",
        .hello(
          Hello(
            device: device, log: log, name: "Laptop", semanticsLevel: 1, credit: 4 << 20, space: hash,
            features: [.words, .blobs, .branches]))
      ),
      (
        "have",
        .have([HeldLog(log: log, sequence: 2, hash: hash), HeldLog(log: other, sequence: .max, hash: hash)])
      ),
      ("logs", .logs([.device(key: device, nonce: hash), .branch(of: log, first: 9, hash: device)])),
      (
        "changes",
        .changes(
          ChangeBatch(
            runs: [ChangeBatch.Run(first: at, changes: [SampleChanges.one.bytes, [1, 2, 3]])],
            signatures: [ChangeBatch.Signature(at: at, signature: [UInt8](repeating: 7, count: 64))]))
      ),
      ("acknowledge", .acknowledge([at, LogPosition(log: 0, sequence: 1)])),
      ("credit", .credit(1 << 20)),
      ("ping", .ping(300)),
      ("pong", .pong(.max)),
      ("close", .close(Closing(.done, "tout va bien — 東京"))),
      ("wants", .blob(.wants([blob]))),
      ("offers", .blob(.offers(BlobOffers(isAnswer: true, blobs: [BlobOffer(blob: blob, byteCount: 300)])))),
      ("request-outline", .blob(.request(blob, .outline))),
      ("request-block", .blob(.request(blob, .block(2)))),
      ("outline", .blob(.outline(blob, [device]))),
      ("block", .blob(.block(blob, 1, [1, 2, 3]))),
      ("lacks", .blob(.lacks(blob))),
      ("words", .words(words)),
      (
        "fork",
        .fork(ForkProbe(log: log, points: [.init(sequence: 1, hash: hash), .init(sequence: 300, hash: hash)]))
      ),
      ("welcome", .pairing(.welcome(name: "Laptop", role: .owner))),
      ("pairing-request", .pairing(.request(name: "Phone"))),
      ("grant", .pairing(.grant(space: hash, role: .writer))),
      ("denial", .pairing(.denial(reason: "no"))),
      ("joined", .pairing(.joined)),
    ]
  }
}
