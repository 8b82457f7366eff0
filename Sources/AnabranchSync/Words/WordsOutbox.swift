internal import AnabranchCore
internal import AnabranchWire

/// The part of a session that tells a peer what is being written: of each log only the latest, not too often, and only
/// what was added since the peer was told last.
struct WordsOutbox: Sendable {
  /// How much of an operation the peer was told.
  private struct Told {
    var edits: [TextEdit]
    var inserted: String
  }

  /// What the peer was told of a log.
  private struct Standing {
    var change: ChangeID
    var pieces: [UInt32: Told] = [:]
  }

  /// What the peer is to be told, all of it.
  private var waiting: [LogID: Words] = [:]
  private var told: [LogID: Standing] = [:]
  /// The latest of each log that the peer told by itself, without the pieces.
  private var heard: [LogID: Words] = [:]
  private var lastSent: Duration?
  /// Whether words wait for room, and not for time.
  private var isStarved = false

  /// Something is being written. Only the latest of a log is kept.
  mutating func offer(_ words: Words) {
    let log = words.change.log
    guard waiting[log].map({ words.isLater(than: $0) }) ?? true else { return }
    if let heard = heard[log], !words.isLater(than: heard) { return }
    if waiting[log] == nil, waiting.count > SyncLimits.wordsLogsMax { return }
    waiting[log] = words
  }

  /// The peer told of it by itself, so it need not be told.
  mutating func peerTold(_ words: Words) {
    let log = words.change.log
    if heard[log] == nil, heard.count >= SyncLimits.wordsLogsMax { heard = [:] }
    heard[log] = Words(device: words.device, change: words.change, counter: words.counter, pieces: [])
    if let offered = waiting[log], !offered.isLater(than: words) { waiting[log] = nil }
  }

  /// What is part of a change that is held needs no telling: the change itself follows, or came.
  mutating func forget(heldIn vector: VersionVector) {
    if !waiting.isEmpty { waiting = waiting.filter { !vector.contains($0.value.change) } }
    if !told.isEmpty { told = told.filter { !vector.contains($0.value.change) } }
    if !heard.isEmpty { heard = heard.filter { !vector.contains($0.value.change) } }
  }

  /// When the next frames may go; nil where none wait for time.
  var deadline: Duration? {
    waiting.isEmpty || isStarved ? nil : due
  }

  private var due: Duration {
    lastSent.map { $0 + SyncLimits.wordsInterval } ?? .zero
  }

  /// The words that go out at `now`: one frame a log, in ascending order, in at most `room` bytes; none before they are
  /// due. What may not be told is dropped, what has no room waits.
  mutating func next(now: Duration, room: Int, mayTell: (ChangeID) -> Bool) -> [[UInt8]] {
    guard !waiting.isEmpty, due <= now else { return [] }
    var frames: [[UInt8]] = []
    var room = room
    isStarved = false
    for (log, words) in waiting.sorted(by: { $0.key < $1.key }) {
      guard mayTell(words.change), let news = news(of: words) else {
        waiting[log] = nil
        continue
      }
      let frame = Frame.words(news).canonicalBytes
      guard frame.count - Frame.lengthBytes <= Limits.wordsBytesMax else {
        waiting[log] = nil
        continue
      }
      guard frame.count <= room else {
        isStarved = true
        break
      }
      room -= frame.count
      waiting[log] = nil
      note(words)
      frames.append(frame)
      lastSent = now
    }
    return frames
  }

  /// What of `words` the peer was not told; nil where that is nothing.
  private func news(of words: Words) -> Words? {
    var news = words
    guard let standing = told[words.change.log], standing.change == words.change else { return news }
    news.pieces = []
    for var piece in words.pieces {
      if let told = standing.pieces[piece.index] {
        guard (told.edits, told.inserted) != (piece.edits, piece.inserted) else { continue }
        // A writer that lost what was not durable begins again under the same number: then all of it is told.
        let bytes = told.inserted.utf8
        if piece.inserted.utf8.starts(with: bytes) {
          piece.start = UInt32(clamping: told.edits.insertedCount)
          piece.inserted = String(decoding: piece.inserted.utf8.dropFirst(bytes.count), as: UTF8.self)
        }
      }
      news.pieces.append(piece)
    }
    return news.pieces.isEmpty ? nil : news
  }

  private mutating func note(_ words: Words) {
    var standing = Standing(change: words.change)
    for piece in words.pieces {
      standing.pieces[piece.index] = Told(edits: piece.edits, inserted: piece.inserted)
    }
    // Of more logs than that, all is told from the beginning again.
    if told[words.change.log] == nil, told.count > SyncLimits.wordsLogsMax { told = [:] }
    told[words.change.log] = standing
  }

  /// What must hold between two events.
  func checkInvariants() {
    assert(waiting.count <= SyncLimits.wordsLogsMax + 1, "what waits is bounded")
    assert(told.count <= SyncLimits.wordsLogsMax + 1, "what was told is bounded")
    assert(heard.count <= SyncLimits.wordsLogsMax, "what a peer tells is bounded")
  }
}
