internal import AnabranchCore
internal import AnabranchWire

/// What two replicas do once they know of each other what they hold: send, store, acknowledge, part.
struct Reconciliation: Sendable {
  /// How far the ending is. Our last word is said only when all that came is durable and acknowledged.
  private enum Farewell {
    case none
    case wanted(Closing)
    case said(Closing)
  }

  private let mode: SyncSession.Mode
  private let greeted: VersionVector
  /// What was held here when the two met.
  private let goal: VersionVector
  /// What the peer has durably, as it acknowledged it or sent it itself.
  private var shown = VersionVector()
  private var held: VersionVector
  private var outbox: Outbox
  private var inbox = Inbox()
  private var watch: ForkWatch
  private var exclusions = Exclusions()
  /// Logs of the peer that were cut here, since they have forked.
  private let cut: Set<LogID>
  /// Logs of the peer that are called otherwise here.
  private var renamed: Set<LogID> = []
  private var blobs: BlobExchange
  private var words = WordsOutbox()
  /// Whether the peer takes words.
  private let takesWords: Bool
  /// Whether the peer makes logs of the branches of a forked log.
  private let takesBranches: Bool
  private var farewell: Farewell = .none
  /// The peer's last word.
  private var peerFarewell: Closing?
  private var reportedCaughtUp = false
  /// Whether a log was excluded because it has more branches than are held.
  private var hasFullLog = false
  /// What was excluded before that.
  private var unreported: [Exclusion] = []
  /// Since when the peer owes something and has sent nothing of the kind; nil where it owes nothing.
  private var owedSince: Duration?
  private(set) var progress = SyncProgress()

  /// A replica that holds `held`, some of that `branches`, and a peer that greeted with `hello` and holds `have`.
  init(mode: SyncSession.Mode, held: VersionVector, _ branches: Branches, hello: Hello, have: [HeldLog]) {
    self.mode = mode
    self.held = held
    goal = held
    greeted = VersionVector(have.map { ($0.log, $0.sequence) })
    outbox = Outbox(held: held, known: greeted, credit: hello.credit)
    watch = ForkWatch(have, branches)
    cut = Set(have.map(\.log).filter { !branches.branches(after: $0).isEmpty })
    blobs = BlobExchange(with: hello.features)
    takesWords = hello.features.contains(.words)
    takesBranches = hello.features.contains(.branches)
    guard !takesBranches else { return }
    for log in held.entries.map(\.log) where branches.parent(of: log) != nil {
      exclusions.insert(from: ChangeID(log: log, sequence: 1))
    }
  }

  // MARK: What comes in

  /// Whether a frame may be decoded now.
  var takesFrames: Bool {
    !inbox.isFull && peerFarewell == nil
  }

  /// Takes a frame that is no greeting, ping or pong.
  mutating func take(_ frame: Frame) throws(Violation) -> [SyncSession.Effect] {
    switch frame {
    case .logs(let headers):
      try inbox.announce(headers)
      return []
    case .changes(let batch):
      // After our last word nothing could be acknowledged, so nothing more is stored.
      guard case .none = farewell else { return [] }
      return try inbox.take(batch, held: held, exclusions: exclusions).map { [.apply($0)] } ?? []
    case .acknowledge(let positions):
      let vector = try outbox.acknowledged(positions)
      shown.merge(vector)
      return [.peerHas(vector)]
    case .credit(let bytes):
      try outbox.grant(bytes)
      return []
    case .blob(let frame):
      guard case .none = farewell else { return [] }
      return try blobs.take(frame)
    case .words(let words):
      // After our last word nobody could give their room back.
      guard case .none = farewell else { return [] }
      return try take(words)
    case .fork(let probe):
      guard case .none = farewell else { return [] }
      return try watch.take(probe).map { [.search($0, probe.points)] } ?? []
    case .close(let closing):
      peerFarewell = closing
      if case .none = farewell { farewell = .wanted(Closing(.done, "")) }
      return []
    case .hello, .have, .ping, .pong:
      throw Violation("expected no second greeting")
    case .pairing:
      throw Violation("expected no frame about pairing in a session")
    }
  }

  private mutating func take(_ told: Words) throws(Violation) -> [SyncSession.Effect] {
    try inbox.take(told)
    guard !held.contains(told.change), !exclusions.contains(told.change) else { return [] }
    words.peerTold(told)
    return [.words(told)]
  }

  /// The host compared hashes.
  mutating func compared(_ comparison: Comparison) -> [SyncSession.Effect] {
    watch.answered(comparison)
    outbox.peerHas(comparison.alike)
    shown.merge(comparison.alike)
    var effects: [SyncSession.Effect] = comparison.alike.isEmpty ? [] : [.peerHas(comparison.alike)]
    for head in comparison.forked {
      if takesBranches {
        effects.append(.search(watch.search(head), []))
      } else {
        effects += exclude(Exclusion(first: ChangeID(log: head.log, sequence: head.sequence), cause: .forked))
      }
    }
    for head in comparison.ahead where takesBranches && cut.contains(head.log) && held[head.log] > 0 {
      effects.append(.search(watch.search(head.log, cutAfter: held[head.log]), []))
    }
    return effects
  }

  /// The host compared hashes to find where a log forked.
  mutating func searched(_ search: ForkSearch, _ probe: ForkProbe?) -> [SyncSession.Effect] {
    if let fork = watch.continued(search) { outbox.peerHolds(otherFrom: fork) }
    return probe.map { [.send(Frame.fork($0).canonicalBytes)] } ?? []
  }

  /// The host read changes. Throws where its store is not sound.
  mutating func read(_ batch: ReadBatch) throws(Violation) -> [SyncSession.Effect] {
    guard case .none = farewell else { return [] }
    let (announcement, excluded) = try outbox.read(batch, exclusions: &exclusions)
    return (announcement.map { [.send($0.canonicalBytes)] } ?? []) + excluded.flatMap { report($0) }
  }

  /// The host made a batch durable.
  mutating func durable(
    held now: VersionVector, excluded: [Exclusion], _ places: [LogID: VersionVector]
  ) -> [SyncSession.Effect] {
    var effects = excluded.flatMap { exclude($0) }
    held.merge(now)
    words.forget(heldIn: held)
    let (durable, next) = inbox.applied(exclusions: exclusions, places)
    renamed.formUnion(places.keys)
    if !durable.positions.isEmpty {
      outbox.peerHas(durable.vector)
      shown.merge(durable.vector)
      progress.receivedChanges += UInt64(durable.changes)
      effects.append(.send(Frame.acknowledge(durable.positions).canonicalBytes))
      effects.append(.peerHas(durable.vector))
    }
    if let next { effects.append(.apply(next)) }
    effects.append(.progress(measured()))
    return effects
  }

  /// The host did something about blobs.
  mutating func take(_ event: BlobEvent) -> [SyncSession.Effect] {
    guard case .none = farewell else { return [] }
    return blobs.take(event)
  }

  /// The replica holds more.
  mutating func grew(to now: VersionVector) {
    held.merge(now)
    words.forget(heldIn: held)
  }

  /// A device is writing.
  mutating func offer(_ words: Words) {
    if takesWords, mode == .live { self.words.offer(words) }
  }

  /// The host wants to end.
  mutating func finish() {
    guard case .none = farewell else { return }
    farewell = .wanted(Closing(.shutdown, "the program ends"))
    inbox.dropWaiting()
  }

  private mutating func exclude(_ exclusion: Exclusion) -> [SyncSession.Effect] {
    exclusions.insert(exclusion) ? report(exclusion) : []
  }

  /// Tells of it; as long as the two have not caught up, only then: what builds on a branch may come before the two know that a log has
  /// forked, and once they do they meet again.
  private mutating func report(_ exclusion: Exclusion) -> [SyncSession.Effect] {
    if exclusion.cause == .forked { hasFullLog = true }
    guard takesBranches, !reportedCaughtUp else {
      return isToBeContinued && exclusion.cause != .forked ? [] : [.report(.excluded(exclusion))]
    }
    unreported.append(exclusion)
    return []
  }

  // MARK: What the peer left out

  /// What the peer did not send of all that it held when the two met, now that it says it sent everything.
  ///
  /// It compared what was held here. So it left a log out from there on, or, where some of it came, from the first
  /// change that did not. What comes of a log that was cut here has other names, so that nobody can tell.
  private var withheld: [SyncSession.Effect] {
    watch.ahead(of: held).filter { !cut.contains($0.log) && !renamed.contains($0.log) }.compactMap { head in
      let (met, now) = (goal[head.log], held[head.log])
      return leftOut(ChangeID(log: head.log, sequence: now > met ? now + 1 : max(met, 1)))
    }
  }

  /// What the peer did not keep of all that was held here when the two met, now that it has acknowledged the rest.
  var refused: [SyncSession.Effect] {
    var there = greeted
    there.merge(shown)
    return goal.missing(from: there).compactMap {
      leftOut(ChangeID(log: $0.log, sequence: $0.sequences.lowerBound))
    }
  }

  /// Tells of it, unless this side left it out too.
  private func leftOut(_ first: ChangeID) -> SyncSession.Effect? {
    exclusions.contains(first) ? nil : .report(.excluded(Exclusion(first: first, cause: .leftOutByPeer)))
  }

  // MARK: What is owed

  /// Whether a frame is something that the peer may owe. Chat does not pay for a file that is held back.
  func pays(_ frame: Frame) -> Bool {
    switch frame {
    case .blob, .fork: true
    case .words: false
    default: mode == .exchange
    }
  }

  /// The peer has just sent something that it may have owed.
  mutating func paid() { owedSince = nil }

  /// Whether the peer owes something for longer than anybody has to wait.
  func isOverdue(now: Duration) -> Bool {
    owedSince.map { now >= $0 + SyncLimits.debtMax } ?? false
  }

  private var isOwed: Bool {
    guard case .none = farewell else { return false }
    return blobs.isOwedParts || watch.isSearching || (mode == .exchange && !(inbox.peerSaidDone && blobs.isPeerSettled))
  }

  /// Everything that can be done now without another event.
  mutating func proceed(now: Duration) -> [SyncSession.Effect] {
    var effects: [SyncSession.Effect] = []
    if let heads = watch.ask(held: held) { effects.append(.compare(heads)) }
    effects += push() + tellWords(now: now)
    if let bytes = inbox.creditToReturn(), !isParting {
      effects.append(.send(Frame.credit(bytes).canonicalBytes))
    }
    // Until the hashes are compared nobody knows whether the two are equal.
    let isCaughtUp = outbox.hasSentGoal(without: exclusions) && inbox.peerSaidDone && inbox.isIdle && !watch.isAsking
    if isCaughtUp, !reportedCaughtUp {
      // Where a log turned out to have forked, what builds on a branch comes when the two meet again.
      let isFinal = !isToBeContinued
      effects += unreported.filter { isFinal || $0.cause == .forked }.map { .report(.excluded($0)) }
      effects += (isFinal ? withheld : []) + [.report(.caughtUp)]
      unreported = []
      reportedCaughtUp = true
    }
    if case .none = farewell {
      effects += blobs.proceed(mayAsk: isCaughtUp)
      if mode == .exchange, isCaughtUp, blobs.isSettled {
        farewell = .wanted(
          isToBeContinued ? Closing(.renamed, "a log turned out to have forked") : Closing(.done, ""))
      }
    }
    if case .wanted(let closing) = farewell, inbox.isIdle {
      farewell = .said(closing)
      effects.append(.send(Frame.close(closing).canonicalBytes))
    }
    owedSince = isOwed ? owedSince ?? now : nil
    return effects
  }

  /// Whether the two are to meet again, since a log has forked; not where one has so many branches that meeting brings nothing.
  private var isToBeContinued: Bool {
    watch.hasFound && !hasFullLog
  }

  private mutating func push() -> [SyncSession.Effect] {
    var effects: [SyncSession.Effect] = []
    // A comparison may tell of a fork, and without an answer it could be grafted onto.
    while case .none = farewell {
      switch outbox.next(held: held, without: exclusions, onlyGoal: mode == .exchange, mayRead: !watch.isAsking) {
      case nil:
        return effects
      case .read(let request):
        effects.append(.read(request))
      case .send(let frame, let changes):
        effects.append(.send(frame.canonicalBytes))
        if changes > 0 {
          progress.sentChanges += UInt64(changes)
          effects.append(.progress(measured()))
        }
      }
    }
    return effects
  }

  /// Whether words may go: nothing durable waits, and the session goes on.
  private var mayTellWords: Bool {
    guard case .none = farewell else { return false }
    return outbox.hasSentAll(of: held, without: exclusions)
  }

  /// When words that wait may go; nil where none wait, or something durable comes first.
  var wordsDeadline: Duration? {
    mayTellWords ? words.deadline : nil
  }

  /// Tells what is being written, as far as the peer has room for it beyond what the largest change takes.
  private mutating func tellWords(now: Duration) -> [SyncSession.Effect] {
    guard mayTellWords else { return [] }
    let (held, exclusions) = (held, exclusions)
    let frames = words.next(now: now, room: outbox.roomForWords) { !held.contains($0) && !exclusions.contains($0) }
    outbox.spend(frames.reduce(0) { $0 + $1.count })
    return frames.map { .send($0) }
  }

  // MARK: Parting

  /// Whether our last word is said.
  private var isParting: Bool {
    if case .said = farewell { return true }
    return false
  }

  /// Our last word, once it is said.
  var lastWord: Closing? {
    if case .said(let closing) = farewell { return closing }
    return nil
  }

  /// How the session ended, once both sides have said their last word; one that is to be gone on with in another session ends with ours.
  var ending: SyncEnding? {
    if let lastWord, lastWord.code == Closing.Code.renamed.rawValue { return SyncEnding(.here, lastWord) }
    guard let peerFarewell, let lastWord else { return nil }
    return lastWord.code == Closing.Code.shutdown.rawValue
      ? SyncEnding(.here, lastWord) : SyncEnding(.peer, peerFarewell)
  }

  private func measured() -> SyncProgress {
    func missing(_ all: VersionVector, from known: VersionVector) -> UInt64 {
      all.missing(from: known).reduce(0) { $0 + UInt64($1.sequences.count) }
    }
    var progress = progress
    progress.changesToSend = missing(exclusions.included(of: held), from: outbox.settled)
    progress.changesToReceive = missing(greeted, from: held)
    return progress
  }

  /// What must hold between two events.
  func checkInvariants() {
    outbox.checkInvariants(without: exclusions)
    blobs.checkInvariants()
    inbox.checkInvariants()
    words.checkInvariants()
  }
}
