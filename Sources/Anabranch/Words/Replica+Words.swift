public import AnabranchCore
internal import AnabranchStore
package import AnabranchSync
internal import AnabranchWire

/// What is being written and not sealed: it reaches live peers at once, is never stored, and gives way to the change
/// that brings the same words for good.
extension Replica {
  /// What other devices are writing right now, whenever that is something else: all of it each time, text by text, and
  /// nothing once it is sealed and here, or when nothing was heard of it for ten seconds. Begins with what is being
  /// written already, and lasts until the replica is closed; who reads slowly misses what lies between.
  ///
  /// Read texts again with ``liveText(_:of:)``, or from what this yields: what it says is not in the history yet, so
  /// nothing else shows it.
  public nonisolated var words: AsyncStream<[LiveText]> {
    let stream = wordsObservers.stream()
    Task { await showPresentWords() }
    return stream
  }

  private func showPresentWords() {
    if !board.shown.isEmpty { showWords() }
  }

  /// A text as it reads with what is being written, here and elsewhere: what a screen shows.
  ///
  /// To edit it, read ``text(_:of:)``, which tells the version. Throws ``AnabranchError/Code/notFound`` where there is no
  /// such message or conversation, and ``AnabranchError/Code/purged`` where it is gone.
  public func liveText(_ text: TextKind = .body, of object: ObjectID) throws(AnabranchError) -> String {
    guard let reading = try reading(of: text, of: object) else {
      try checkNotPurged(object)
      throw AnabranchError(
        .notFound, "there is no \(text == .body ? "message" : "conversation") \(object)",
        remedy: "see `anabranch list` and `show` for those there are")
    }
    return reading
  }

  /// What others are writing, as it was told.
  package var heardWords: WordsBoard {
    board
  }

  /// Tells live peers what this device is writing; nothing within ``atomically(_:)``, where it may yet be undone.
  func tellWords() {
    guard gathered == nil, !links.isEmpty, let key = try? deviceKey(), let open = try? withStore({ $0.openChange })
    else { return }
    wordsTold &+= 1
    guard let words = Words(open, device: key.publicKey, counter: wordsTold) else { return }
    for number in links.keys.sorted() { handle(.words(words), on: number) }
  }

  /// Takes words that a peer told, and passes them on to all others.
  func take(_ words: Words, from link: Link) {
    let now = surroundings.uptime()
    guard let (held, own) = try? withStore({ ($0.vector, $0.ownLog) }), words.change.log != own,
      let whole = board.take(words, held: held, now: now)
    else { return }
    // Neither back to who told it, nor by another connection to who writes it.
    for number in links.keys.sorted() where number != link.number && links[number]?.summary.peer != words.device {
      handle(.words(whole), on: number)
    }
    showWords()
    if wordsDeadline == nil {
      wordsDeadline = board.deadline
      rearm()
    }
  }

  /// Tells a peer that came later what is being written.
  func offerWords(to link: Link) {
    for words in board.shown { link.pending.append(.words(words)) }
  }

  /// Takes down what nothing was heard of for too long.
  func dropSilentWords(at now: Duration) {
    if board.fallSilent(at: now) { showWords() }
    wordsDeadline = board.deadline
  }

  /// Tells whoever watches.
  func showWords() {
    guard !wordsObservers.isEmpty else { return }
    var texts: [LiveText] = []
    for words in board.shown {
      for piece in words.pieces {
        if let known = texts.firstIndex(where: { $0.object == piece.object && $0.text == piece.text }) {
          if texts[known].devices.last != words.device { texts[known].devices.append(words.device) }
        } else if let reading = try? reading(of: piece.text, of: piece.object),
          let conversation = try? withStore({ (store) throws(StoreError) in
            try store.conversation(around: piece.object)
          })
        {
          texts.append(
            LiveText(
              object: piece.object, conversation: conversation, text: piece.text, reading: reading,
              devices: [words.device]))
        }
      }
    }
    wordsObservers.send(texts)
  }

  private func reading(of text: TextKind, of object: ObjectID) throws(AnabranchError) -> String? {
    try withStore { (store) throws(StoreError) in
      let words = board.operations(on: text, of: object, held: store.vector)
      return try store.reading(of: text, of: object, with: words)
    }
  }
}
