internal import Anabranch
internal import AnabranchCore
internal import AnabranchSync
internal import AnabranchWire

/// What is written and not sealed yet, as others hear of it.
extension Simulation {
  /// Words are gone where the change that they became part of is, and never say anything else than it says.
  func checkWords(of host: Host, _ process: Host.Process) throws {
    let board = process.replica.assumeIsolated { $0.heardWords }
    guard board != WordsBoard(), !ledger.hasFork else { return }
    for words in board.shown {
      guard !process.store.vector.contains(words.change) else {
        throw Violation(
          .wordsPass, "\(host.name) shows words of change \(words.change.sequence) of \(words.change.log) and holds it")
      }
      guard let writer = ledger.writers[words.change.log], hosts[writer].suspectLives.isEmpty else { continue }
      guard let change = ledger.change(words.change)?.change else { continue }
      for piece in words.pieces where !Self.says(change, piece) {
        throw Violation(
          .wordsPass, "\(host.name) heard “\(piece.inserted)” of \(hosts[writer].name), which never wrote that")
      }
    }
  }

  /// Whether `change` does at least what `piece` says.
  private static func says(_ change: Change, _ piece: Words.Piece) -> Bool {
    guard let operation = change.operations.first(where: { $0.index == piece.index }) else { return false }
    guard operation.envelope.target == piece.object, operation.mutation.text == piece.text else { return false }
    let id = OperationID(log: change.id.log, sequence: change.id.sequence, index: piece.index)
    guard let edit = TextOperation(operation.mutation, id: id, content: operation.envelope.content) else {
      return false
    }
    let isBeginning = edit.inserted.map { $0.starts(with: piece.inserted.utf8) } ?? true
    return isBeginning && edit.predecessors == piece.predecessors
  }

  /// Takes note of words that came from `peer`, where `before` had been heard.
  func noteWords(_ host: Host, since before: WordsBoard, from peer: Int) {
    guard let process = host.process else { return }
    let known = before.shown
    for words in process.replica.assumeIsolated({ $0.heardWords }).shown where !known.contains(words) {
      marks.insert(.wordsHeard)
      if let writer = ledger.writers[words.change.log], writer != peer { marks.insert(.wordsRelayed) }
    }
  }

  /// A text that nobody else is writing reads as it is held.
  func expectNoOtherWords(in message: ObjectID, reading text: String, on host: Host) throws {
    let (live, others) = try call(host) { replica in
      (try replica.liveText(of: message), replica.heardWords.shown.flatMap(\.pieces).contains { $0.object == message })
    }
    guard others || live == text else {
      throw Violation(.wordsPass, "\(host.name) reads “\(text)” in \(message), and “\(live)” with nobody writing")
    }
  }
}
