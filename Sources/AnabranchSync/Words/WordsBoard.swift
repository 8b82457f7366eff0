public import AnabranchCore
public import AnabranchWire

/// What other devices are writing right now, as far as it was heard.
///
/// Of each log the words of one open change, the latest, put together from what was told piece by piece. They are
/// taken down as soon as the change itself is held, and after a silence. A value in memory and nothing else: it is
/// never stored, and what it says is never built upon.
public struct WordsBoard: Hashable, Sendable {
  private struct Entry: Hashable {
    /// All of them, told from their beginnings.
    var words: Words
    /// When something was heard last.
    var heard: Duration
    /// Whether there was a silence, after which nothing of them shows.
    var isSilent = false

    /// Whether it says as much as `other`, or is later. What fell silent is not in the way of another change, however late
    /// it pretends to be: it may have been told in another's name.
    func isLatest(beside other: Words) -> Bool {
      !other.isLater(than: words) && !(isSilent && other.change != words.change)
    }
  }

  private var entries: [LogID: Entry] = [:]

  /// A board with nothing on it.
  public init() {}

  /// Takes words that came at `now`, on any clock that never goes back, where `held` is held. Returns all that is known
  /// of them, to be told to others; nil where they are no news.
  ///
  /// No news are words of a change that is held or of an earlier one, words that were heard before, and words whose
  /// beginning was not. Also passed over is what counts more than ``Limits/wordsBytesMax``. Of more devices than
  /// ``SyncLimits/wordsLogsMax`` those are forgotten that were silent longest. O(words, and all of them that change).
  public mutating func take(_ words: Words, held: VersionVector, now: Duration) -> Words? {
    let log = words.change.log
    guard !held.contains(words.change), entries[log]?.isLatest(beside: words) != true else { return nil }
    var whole = words
    var before: Words?
    if let known = entries[log]?.words, known.change == words.change { before = known }
    guard whole.complete(with: before), whole.weight <= Limits.wordsBytesMax else { return nil }
    if entries[log] == nil, entries.count >= SyncLimits.wordsLogsMax {
      let silent = entries.min { ($0.value.heard, $0.key) < ($1.value.heard, $1.key) }
      if let silent { entries[silent.key] = nil }
    }
    entries[log] = Entry(words: whole, heard: now)
    return whole
  }

  /// Takes down the words of changes that are held by now. Returns whether any showed. O(devices).
  @discardableResult
  public mutating func forget(heldIn vector: VersionVector) -> Bool {
    let gone = entries.filter { vector.contains($0.value.words.change) }
    for log in gone.keys { entries[log] = nil }
    return gone.values.contains { !$0.isSilent }
  }

  /// Shows no longer what was not heard of for ``SyncLimits/wordsSilenceMax``. Returns whether that is anything.
  /// O(devices).
  @discardableResult
  public mutating func fallSilent(at now: Duration) -> Bool {
    var hasChanged = false
    for (log, entry) in entries where !entry.isSilent && entry.heard + SyncLimits.wordsSilenceMax <= now {
      entries[log]?.isSilent = true
      hasChanged = true
    }
    return hasChanged
  }

  /// When the next silence is long enough; nil where nothing shows.
  public var deadline: Duration? {
    entries.values.filter { !$0.isSilent }.map(\.heard).min().map { $0 + SyncLimits.wordsSilenceMax }
  }

  /// The words that show, by their logs in ascending order.
  public var shown: [Words] {
    entries.values.filter { !$0.isSilent }.map(\.words).sorted { $0.change.log < $1.change.log }
  }

  /// What the words that show do to a text, where `held` is held: as far as all that their writers had seen of it is
  /// here. O(pieces).
  public func operations(on text: TextKind, of object: ObjectID, held: VersionVector) -> [TextOperation] {
    var operations: [TextOperation] = []
    for words in shown {
      var known: [UInt32] = []
      for piece in words.pieces where piece.object == object && piece.text == text {
        let isKnown = piece.predecessors.allSatisfy { seen in
          held.contains(seen.change)
            || seen.change == words.change && seen.index < piece.index && known.contains { $0 <= seen.index }
        }
        guard isKnown else { continue }
        known.append(piece.index)
        operations.append(
          TextOperation(
            id: OperationID(log: words.change.log, sequence: words.change.sequence, index: piece.index),
            predecessors: piece.predecessors, edits: piece.edits, inserted: Array(piece.inserted.utf8)[...]))
      }
    }
    return operations
  }
}

extension Words {
  /// Puts what was told before in front of each piece that goes on from there, and adds the pieces that are as they
  /// were; false where a beginning is missing.
  fileprivate mutating func complete(with before: Words?) -> Bool {
    var earlier = Dictionary((before?.pieces ?? []).map { ($0.index, $0) }) { first, _ in first }
    for place in pieces.indices {
      let known = earlier.removeValue(forKey: pieces[place].index)
      let start = Int(pieces[place].start)
      guard start > 0 else { continue }
      guard var text = known?.inserted else { return false }
      let excess = text.scalarCount - start
      guard excess >= 0 else { return false }
      if excess > 0 { text.unicodeScalars.removeLast(excess) }
      pieces[place].inserted = text + pieces[place].inserted
      pieces[place].start = 0
    }
    if !earlier.isEmpty { pieces = (pieces + earlier.values).sorted { $0.index < $1.index } }
    return true
  }
}
