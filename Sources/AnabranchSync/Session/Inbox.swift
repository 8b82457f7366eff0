internal import AnabranchCore
internal import AnabranchWire

/// The half of a session that receives changes: one batch is with the host, at most one waits, nothing else is
/// kept.
struct Inbox: Sendable {
  /// A batch with the peer's numbers of its logs.
  private struct Received {
    /// For each run the number of its log.
    var numbers: [UInt32]
    var runs: [IncomingBatch.Run]
    /// For each log its author's signature at the last change of it.
    var signatures: [LogID: [UInt8]]
    var frameBytes: Int
  }

  private enum Stage {
    case empty
    /// The host stores it.
    case applying(Received)
    /// The host stores the first, the second comes next.
    case full(Received, next: Received)
  }

  /// The logs the peer announced, at the place of their number.
  private var announced: [(log: LogID, header: LogHeader)] = []
  /// Those that are branches, and the logs that they are parts of.
  private var branches: [LogID: LogHeader] = [:]
  /// The headers by name.
  private var byName: [LogID: LogHeader] = [:]
  /// The last change the peer sent of each log, stored or not.
  private var received = VersionVector()
  private var stage: Stage = .empty
  /// Bytes of `changes` and `words` frames the peer may still send.
  private var credit = Int(SyncLimits.creditWindow)
  /// Bytes used up and not given back yet.
  private var owed = 0
  /// Whether the peer said that it sent all it held when the two met.
  private(set) var peerSaidDone = false

  /// Whether all that came is durable or left out.
  var isIdle: Bool {
    if case .empty = stage { return true }
    return false
  }

  /// Whether the next batch would have no place, so that no frame may be decoded.
  var isFull: Bool {
    if case .full = stage { return true }
    return false
  }

  /// The peer numbers more logs.
  mutating func announce(_ headers: [LogHeader]) throws(Violation) {
    guard announced.count + headers.count <= Limits.logsMax else {
      throw Violation("expected at most \(Limits.logsMax) logs, got \(announced.count + headers.count)")
    }
    for header in headers {
      let log = header.log
      announced.append((log: log, header: header))
      byName[log] = header
      if case .branch(let root, _, _) = header { (branches[root], branches[log]) = (byName[root], header) }
    }
  }

  /// Takes a `changes` frame. Returns what the host is to store at once, if it is free.
  ///
  /// Throws for more than the peer had room for, and for a change that is neither held nor the next one: there is
  /// no buffer for what may fit later.
  mutating func take(
    _ batch: ChangeBatch, held: VersionVector, exclusions: Exclusions
  ) throws(Violation) -> IncomingBatch? {
    let frameBytes = batch.frameBytes
    guard frameBytes <= credit else {
      throw Violation("expected at most \(credit) bytes of changes, got \(frameBytes)")
    }
    credit -= frameBytes
    if batch.runs.isEmpty {
      guard !peerSaidDone else { throw Violation("expected changes, got none for the second time") }
      peerSaidDone = true
      owed += frameBytes
      return nil
    }
    var arrived = Received(numbers: [], runs: [], signatures: [:], frameBytes: frameBytes)
    for run in batch.runs {
      guard Int(run.first.log) < announced.count else {
        throw Violation("expected a log number below \(announced.count), got \(run.first.log)")
      }
      let (log, header) = announced[Int(run.first.log)]
      let resolved = IncomingBatch.Run(
        log: log, header: header, first: run.first.sequence, changes: run.changes)
      // Where a branch stands here the check finds out.
      let isPlaced = header.isBranch && received[log] == 0
      guard resolved.first > received[log], isPlaced || resolved.first - 1 <= max(received[log], held[log]) else {
        throw Violation(
          "expected change \(received[log]) + 1 of log number \(run.first.log), or at most the one after "
            + "\(max(received[log], held[log])), got \(resolved.first)")
      }
      received[log] = resolved.last
      arrived.numbers.append(run.first.log)
      arrived.runs.append(resolved)
    }
    arrived.signatures = try signatures(of: batch)
    switch stage {
    case .empty:
      return begin(arrived, exclusions: exclusions)
    case .applying(let now):
      stage = .full(now, next: arrived)
      return nil
    case .full:
      throw Violation("a batch came while another waited")
    }
  }

  /// The signatures of a batch, whose changes were taken: one for each log, at the last change of it.
  private func signatures(of batch: ChangeBatch) throws(Violation) -> [LogID: [UInt8]] {
    let numbers = Set(batch.runs.map(\.first.log))
    var signatures: [LogID: [UInt8]] = [:]
    for signature in batch.signatures {
      guard numbers.contains(signature.at.log), signature.at.sequence == received[announced[Int(signature.at.log)].log]
      else {
        throw Violation(
          "expected a signature at the last change of a log in the batch, got one at change \(signature.at.sequence) of log "
            + "number \(signature.at.log)")
      }
      signatures[announced[Int(signature.at.log)].log] = signature.signature
    }
    // Where one is missing, a branch that goes on from there may prove the log.
    let isWhole =
      signatures.count == numbers.count || batch.runs.contains { announced[Int($0.first.log)].header.isBranch }
    guard isWhole, batch.signatures.count == signatures.count else {
      throw Violation(
        "expected one signature for each of \(numbers.count) logs, got \(batch.signatures.count)")
    }
    return signatures
  }

  /// Takes note of the room that words took up. Throws for more than the peer had.
  mutating func take(_ words: Words) throws(Violation) {
    let frameBytes = Frame.words(words).canonicalBytes.count
    guard frameBytes <= credit else {
      throw Violation("expected at most \(credit) bytes of words, got \(frameBytes)")
    }
    credit -= frameBytes
    owed += frameBytes
  }

  /// Hands `batch` over, without logs of which all is excluded; nil if that is all of it.
  private mutating func begin(_ batch: Received, exclusions: Exclusions) -> IncomingBatch? {
    var kept = Received(numbers: [], runs: [], signatures: [:], frameBytes: batch.frameBytes)
    for (number, run) in zip(batch.numbers, batch.runs) {
      // What comes after something that is left out is signed with it.
      let isStored = exclusions.lastIncluded(of: run.log, upTo: run.last) >= run.first
      guard isStored || kept.runs.contains(where: { $0.log == run.log }) else { continue }
      kept.numbers.append(number)
      kept.runs.append(run)
      kept.signatures[run.log] = batch.signatures[run.log]
    }
    guard !kept.runs.isEmpty else {
      owed += kept.frameBytes
      stage = .empty
      return nil
    }
    stage = .applying(kept)
    return IncomingBatch(runs: kept.runs, headers: branches, signatures: kept.signatures, exclusions: exclusions)
  }

  /// What became durable.
  struct Durable {
    /// In the peer's numbers.
    var positions: [LogPosition] = []
    /// The same by name.
    var vector = VersionVector()
    /// How many changes.
    var changes = 0
  }

  /// The host stored its batch. Returns what is durable of it, and the batch to be stored next.
  ///
  /// `places` is what the peer holds of logs that are called otherwise here.
  mutating func applied(
    exclusions: Exclusions, _ places: [LogID: VersionVector]
  ) -> (durable: Durable, next: IncomingBatch?) {
    let done: Received
    var following: Received?
    switch stage {
    case .empty: return (Durable(), nil)
    case .applying(let now): done = now
    case .full(let now, let next): (done, following) = (now, next)
    }
    stage = .empty
    owed += done.frameBytes

    var durable = Durable()
    var lasts: [UInt32: UInt32] = [:]
    for (number, run) in zip(done.numbers, done.runs) {
      let last = exclusions.lastIncluded(of: run.log, upTo: run.last)
      guard last >= run.first else { continue }
      lasts[number] = last
      if let place = places[run.log] { durable.vector.merge(place) } else { durable.vector[run.log] = last }
      durable.changes += Int(last - run.first) + 1
    }
    durable.positions = lasts.sorted { $0.key < $1.key }.map { LogPosition(log: $0.key, sequence: $0.value) }
    return (durable, following.flatMap { begin($0, exclusions: exclusions) })
  }

  /// Forgets a batch that waits: this side will take nothing more.
  mutating func dropWaiting() {
    if case .full(let now, _) = stage { stage = .applying(now) }
  }

  /// Room to give back to the peer, if enough was used up.
  mutating func creditToReturn() -> UInt32? {
    guard owed >= SyncLimits.creditReturnBytes else { return nil }
    defer { owed = 0 }
    credit += owed
    return UInt32(owed)
  }

  /// What must hold between two events.
  func checkInvariants() {
    var waiting = 0
    switch stage {
    case .empty: break
    case .applying(let now): waiting = now.frameBytes
    case .full(let now, let next): waiting = now.frameBytes + next.frameBytes
    }
    assert(credit >= 0 && owed >= 0, "no peer sent more than it might")
    assert(credit + owed + waiting <= Int(SyncLimits.creditWindow), "no room is given twice")
  }
}
