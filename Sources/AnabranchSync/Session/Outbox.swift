internal import AnabranchCore
internal import AnabranchWire

/// The half of a session that sends changes: what the peer has or was sent, and what it has room for.
struct Outbox: Sendable {
  private enum Reading {
    case idle
    /// The host reads up to there.
    case waiting(ReadRequest)
    /// A frame is ready, but larger than the peer's room.
    case blocked(Outgoing)
  }

  /// A `changes` frame that is still to be sent.
  private struct Outgoing {
    var batch: ChangeBatch
    var frameBytes: Int
  }

  /// A log the peer was told of; its number is its place.
  private struct Announced {
    var log: LogID
    /// The last change of it that was sent.
    var lastSent: UInt32 = 0
  }

  /// What needs no sending: the peer holds it, or it was sent.
  private(set) var settled: VersionVector
  /// What was held here when the two met. Once it is settled, the peer is told so.
  private let goal: VersionVector
  /// Whether the peer was told that all of ``goal`` was sent.
  private(set) var saidDone = false
  private var reading: Reading = .idle
  /// From where on the host could not prove logs, when it held `looked`.
  private var unsigned = Exclusions()
  private var looked = VersionVector()
  /// Whether there ever was such a log: then not all of ``goal`` may have been sent.
  private var hasLackedProof = false
  /// Whether the peer turned out to hold another branch of a log.
  private var hasFoundForks = false
  private var announced: [Announced] = []
  private var numbers: [LogID: Int] = [:]
  /// Bytes of `changes` and `words` frames the peer has room for.
  private var credit: Int

  /// The outbox of a replica that holds `held`, for a peer that holds `known` and has room for `credit` bytes.
  init(held: VersionVector, known: VersionVector, credit: UInt32) {
    goal = held
    settled = known
    self.credit = Int(credit)
  }

  /// What goes out next: a frame, or a request to the host.
  enum Step {
    case read(ReadRequest)
    case send(Frame, changes: Int)
  }

  /// The next thing to do, nil to wait. `held` is all there is to send, but for what is excluded; if `onlyGoal`, nothing later
  /// is read; unless `mayRead`, only what was read before goes out.
  mutating func next(
    held: VersionVector, without exclusions: Exclusions, onlyGoal: Bool, mayRead: Bool
  ) -> Step? {
    switch reading {
    case .waiting:
      return nil
    case .blocked(let outgoing):
      guard outgoing.frameBytes <= credit else { return nil }
      reading = .idle
      credit -= outgoing.frameBytes
      return .send(.changes(outgoing.batch), changes: outgoing.batch.runs.reduce(0) { $0 + $1.changes.count })
    case .idle where !mayRead:
      return nil
    case .idle:
      // What could not be proved may be by now.
      if held != looked { (looked, unsigned) = (held, Exclusions()) }
      let held = sendable(of: held, without: exclusions)
      if !saidDone, settled.includes(sendable(of: goal, without: exclusions)) {
        let done = ChangeBatch(runs: [])
        guard done.frameBytes <= credit else { return nil }
        credit -= done.frameBytes
        saidDone = true
        return .send(.changes(done), changes: 0)
      }
      if settled.includes(held) {
        // The same in memory, too, as in all sessions with devices that hold all there is.
        if settled == held { settled = held }
        return nil
      }
      guard !(onlyGoal && hasSentGoal(without: exclusions)), credit > 0 else { return nil }
      let request = ReadRequest(held: held, known: settled, bytesMax: min(SyncLimits.batchBytes, credit))
      reading = .waiting(request)
      return .read(request)
    }
  }

  /// Takes what the host read: numbers its logs, adds their signatures, and readies the frame.
  ///
  /// Where something of it is to be left out, nothing is sent: it is read again without, so that each log ends where it is
  /// signed. Returns the announcement to be sent first, if a log is new, and what is newly excluded. Throws where the
  /// host's answer makes no progress, or is not readable: its store is not sound.
  mutating func read(
    _ read: ReadBatch, exclusions: inout Exclusions
  ) throws(Violation) -> (announcement: Frame?, excluded: [Exclusion]) {
    guard case .waiting(let request) = reading else { return (nil, []) }
    reading = .idle
    let excluded = Self.exclude(from: read, &exclusions)
    for first in read.unsigned { unsigned.insert(from: first) }
    if !read.unsigned.isEmpty { hasLackedProof = true }
    guard excluded.isEmpty else { return (nil, excluded) }
    let before = settled
    var headers = announce(read.headers)
    var batch = ChangeBatch(runs: [])
    for run in read.runs {
      for (offset, bytes) in run.changes.enumerated() {
        let id = ChangeID(log: run.log, sequence: run.first &+ UInt32(truncatingIfNeeded: offset))
        // What the peer itself sent while the host was reading.
        if settled.contains(id) { continue }
        settled[id.log] = id.sequence
        append(bytes, id, header: run.header, to: &batch, announcing: &headers)
      }
    }
    sign(&batch, by: read.checkpoints)
    // All that was read may have come from the peer itself meanwhile: then more is asked for.
    let isNew = read.runs.contains { !request.known.contains(ChangeID(log: $0.log, sequence: $0.first)) }
    guard isNew || settled != before || settled.includes(request.held) || !read.unsigned.isEmpty else {
      throw Violation("the changes to be sent could not be found")
    }
    if !batch.runs.isEmpty {
      let frameBytes = batch.frameBytes
      guard frameBytes <= SyncLimits.creditMin else {
        throw Violation("expected to read \(request.bytesMax) bytes of changes, got a frame of \(frameBytes)")
      }
      reading = .blocked(Outgoing(batch: batch, frameBytes: frameBytes))
    }
    return (headers.isEmpty ? nil : .logs(headers), excluded)
  }

  /// Finds what is to be left out of what was read.
  private static func exclude(
    from read: ReadBatch, _ exclusions: inout Exclusions
  ) -> [Exclusion] {
    var excluded: [Exclusion] = []
    for run in read.runs where !exclusions.isEmpty {
      for offset in run.changes.indices {
        let id = ChangeID(log: run.log, sequence: run.first &+ UInt32(truncatingIfNeeded: offset))
        guard let exclusion = exclusion(of: id, run.dependencies[offset], exclusions) else { continue }
        if exclusions.insert(exclusion) { excluded.append(exclusion) }
        break
      }
    }
    return excluded
  }

  /// What of a vector is to be sent.
  private func sendable(of vector: VersionVector, without exclusions: Exclusions) -> VersionVector {
    unsigned.included(of: exclusions.included(of: vector))
  }

  /// Adds the signature of each log in a batch at the last change that this has of it.
  private func sign(_ batch: inout ChangeBatch, by checkpoints: [Checkpoint]) {
    var last: [UInt32: UInt32] = [:]
    for run in batch.runs { last[run.first.log] = run.first.sequence + UInt32(run.changes.count) - 1 }
    let signatures = Dictionary(checkpoints.map { ($0.change, $0.signature) }) { first, _ in first }
    batch.signatures = last.sorted { $0.key < $1.key }.compactMap { number, sequence in
      let change = ChangeID(log: announced[Int(number)].log, sequence: sequence)
      return signatures[change].map {
        ChangeBatch.Signature(at: LogPosition(log: number, sequence: sequence), signature: $0)
      }
    }
  }

  /// Numbers logs that were not announced, and returns their headers.
  private mutating func announce(_ headers: [LogHeader]) -> [LogHeader] {
    headers.filter { header in
      guard numbers[header.log] == nil else { return false }
      numbers[header.log] = announced.count
      announced.append(Announced(log: header.log))
      return true
    }
  }

  private mutating func append(
    _ bytes: [UInt8], _ id: ChangeID, header: LogHeader, to batch: inout ChangeBatch,
    announcing headers: inout [LogHeader]
  ) {
    if numbers[id.log] == nil { headers += announce([header]) }
    guard let number = numbers[id.log] else { return }
    announced[number].lastSent = id.sequence
    if let last = batch.runs.last, last.first.log == UInt32(number),
      UInt64(last.first.sequence) + UInt64(last.changes.count) == UInt64(id.sequence)
    {
      batch.runs[batch.runs.count - 1].changes.append(bytes)
    } else {
      let first = LogPosition(log: UInt32(number), sequence: id.sequence)
      batch.runs.append(ChangeBatch.Run(first: first, changes: [bytes]))
    }
  }

  /// Why `id` is left out, if it is: itself, or for what it builds on.
  private static func exclusion(
    of id: ChangeID, _ dependencies: [ChangeID], _ exclusions: Exclusions
  ) -> Exclusion? {
    if exclusions.contains(id) { return Exclusion(first: id, cause: .forked) }
    let missing = dependencies.first { exclusions.contains($0) }
    return missing.map { Exclusion(first: id, cause: .dependency($0)) }
  }

  /// Whether all of ``goal`` was sent, and the peer was told so; not, where it turned out afterwards that the peer holds another
  /// branch.
  func hasSentGoal(without exclusions: Exclusions) -> Bool {
    saidDone && settled.includes(sendable(of: goal, without: exclusions))
  }

  /// Whether all of `held` was sent, so that nothing waits behind what takes up room now.
  func hasSentAll(of held: VersionVector, without exclusions: Exclusions) -> Bool {
    guard case .idle = reading else { return false }
    return saidDone && settled.includes(sendable(of: held, without: exclusions))
  }

  /// Bytes of words that leave room for the largest change.
  var roomForWords: Int {
    max(0, credit - SyncLimits.creditMin)
  }

  /// Words take up so many bytes of that.
  mutating func spend(_ bytes: Int) {
    credit -= bytes
  }

  /// The peer has more, without our doing.
  mutating func peerHas(_ vector: VersionVector) {
    settled.merge(vector)
  }

  /// The peer holds another change there: ours, from there on, is to be sent to it all the same, but for what was.
  mutating func peerHolds(otherFrom first: ChangeID) {
    let sent = numbers[first.log].map { announced[$0].lastSent } ?? 0
    settled[first.log] = max(sent, min(settled[first.log], first.sequence - 1))
    hasFoundForks = true
  }

  /// The peer made these durable. Returns the logs by name. Throws for what was never sent.
  func acknowledged(_ positions: [LogPosition]) throws(Violation) -> VersionVector {
    var vector = VersionVector()
    for position in positions {
      guard Int(position.log) < announced.count, position.sequence <= announced[Int(position.log)].lastSent
      else {
        throw Violation("log number \(position.log) was never sent up to change \(position.sequence)")
      }
      let log = announced[Int(position.log)].log
      vector[log] = max(vector[log], position.sequence)
    }
    return vector
  }

  /// The peer has room for `bytes` more. Throws where that is more than it could mean.
  mutating func grant(_ bytes: UInt32) throws(Violation) {
    guard bytes > 0, credit + Int(bytes) <= Int(UInt32.max) else {
      throw Violation("expected a credit of 1 or more and less than 4 GiB in all, got \(bytes)")
    }
    credit += Int(bytes)
  }

  /// What must hold between two events.
  func checkInvariants(without exclusions: Exclusions) {
    assert(credit >= 0, "never more is sent than the peer has room for")
    assert(announced.count == numbers.count, "every announced log has one number")
    assert(announced.allSatisfy { settled[$0.log] >= $0.lastSent }, "what was sent is settled")
    assert(
      !saidDone || hasLackedProof || hasFoundForks || settled.includes(sendable(of: goal, without: exclusions)),
      "done is said only when it is true")
  }
}
