internal import AnabranchCore
internal import AnabranchWire

/// A batch on its way through the check.
struct BatchCheck<Failure: Error> {
  /// How far a log was read, as the sender calls it.
  private struct Reading {
    var header: LogHeader
    /// The last change that was read, as its author calls it, and its hash.
    var last: ChangeID
    var hash: Digest
    /// What it is called here; nil where it is left out.
    var place: ChangeID?
  }

  private let batch: IncomingBatch
  private let holdings: IncomingBatch.Holdings<Failure>
  private let isSigned: (Checkpoint, LogHeader) -> Bool
  private var branches: Branches
  private var exclusions: Exclusions
  private var acceptance = CheckedBatch.Acceptance()
  private var readings: [LogID: Reading] = [:]
  /// Where each of them begins.
  private var starts: [LogID: Reading] = [:]
  /// The logs read, in the order in which they were met.
  private var order: [LogID] = []
  /// Heads of the logs as they are held, the accepted changes included.
  private var heads: [LogID: LogHead] = [:]
  /// Hashes of the accepted changes.
  private var fresh: [ChangeID: Digest] = [:]
  /// Hashes of changes that a branch in the batch goes on from: what proves the branch proves these.
  private var continued: Set<Digest> = []
  /// Where a log is to be cut.
  private var fork: ChangeID?

  init(
    of batch: IncomingBatch, against holdings: IncomingBatch.Holdings<Failure>,
    _ isSigned: @escaping (Checkpoint, LogHeader) -> Bool
  ) {
    self.batch = batch
    self.holdings = holdings
    self.isSigned = isSigned
    branches = holdings.branches
    exclusions = batch.exclusions
  }

  mutating func run() throws(Failure) -> CheckedBatch {
    for run in batch.runs {
      if let refusal = try take(run) { return .refused(refusal) }
      if let fork { return .forked(at: fork, acceptance) }
    }
    for log in order { if let refusal = prove(log) { return .refused(refusal) } }
    return .accepted(acceptance)
  }

  // MARK: What is held

  private func hash(of change: ChangeID) throws(Failure) -> Digest? {
    if let digest = fresh[change] { return digest }
    return try holdings.hash(change)
  }

  private func head(of log: LogID) throws(Failure) -> LogHead? {
    if let head = heads[log] { return head }
    return try holdings.head(log)
  }

  private func last(of log: LogID) throws(Failure) -> UInt32 {
    try head(of: log)?.sequence ?? 0
  }

  // MARK: Where a change belongs

  /// Takes the next changes of a log, up to where it has forked. Returns why the batch is to be refused, if it is.
  private mutating func take(_ run: IncomingBatch.Run) throws(Failure) -> String? {
    guard let first = run.header.number(of: run.first), run.header.number(of: run.last) != nil, first > 0 else {
      return "expected numbers of changes of log \(run.log), got \(run.first)"
    }
    var reading: Reading
    if let known = readings[run.log] {
      // One signature proves all that the frame has of a log: so there is no gap in that.
      guard known.last.sequence == first - 1 else {
        return "expected the changes of log \(run.log) in a frame to follow each other, got \(run.first)"
      }
      reading = known
    } else {
      guard let start = try start(at: first, of: run.log, header: run.header) else {
        return "expected a change of log \(run.log) that follows what is held, got \(run.first)"
      }
      reading = start
      starts[run.log] = start
      order.append(run.log)
    }
    for (offset, bytes) in run.changes.enumerated() where fork == nil {
      let id = ChangeID(log: run.log, sequence: run.first &+ UInt32(truncatingIfNeeded: offset))
      reading.last.sequence = first &+ UInt32(truncatingIfNeeded: offset)
      if let refusal = try take(bytes, id, &reading, header: run.header) { return refusal }
    }
    readings[run.log] = reading
    // Nothing is cut on the word of somebody else.
    guard fork == nil || starts[run.log].map({ isProved(run.log, from: $0) }) == true else {
      return "log \(run.log) is not what its author signed, from change \(run.first) on"
    }
    return nil
  }

  /// Takes the change after those that were read of its log.
  private mutating func take(
    _ bytes: [UInt8], _ id: ChangeID, _ reading: inout Reading, header: LogHeader
  ) throws(Failure) -> String? {
    let sealed: SealedChange
    do throws(WireError) {
      sealed = try SealedChange(
        bytes: bytes, context: SealedChange.Context(id: reading.last, previous: reading.hash))
    } catch {
      return "change \(id.sequence) of log \(id.log) cannot be read: \(error.message), at byte \(error.offset)"
    }
    if case .branch(_, let first, let hash) = header, first == reading.last.sequence {
      guard hash == sealed.hash else { return "log \(id.log) does not begin with the change that it is named after" }
      continued.insert(reading.hash)
    }
    reading.hash = sealed.hash
    // What is left out is read all the same: the signature comes after it.
    let before = exclusions.contains(id) ? nil : reading.place
    reading.place = nil
    guard let before else { return nil }
    return try place(sealed, as: id, after: before, &reading)
  }

  /// How far `log` stands before number `number` of its root, which is the first change of it that is read. Where that has forked
  /// here, its signature tells on which branch.
  private func start(at number: UInt32, of log: LogID, header: LogHeader) throws(Failure) -> Reading? {
    guard let founding = rootHeader(of: header) else { return nil }
    let root = header.root
    if number == 1 {
      let place = ChangeID(log: root, sequence: 0)
      return Reading(header: header, last: place, hash: founding.foundingHash, place: place)
    }
    let before = ChangeID(log: root, sequence: number - 1)
    var found: [Reading] = []
    for place in try candidates(for: before) {
      guard let hash = try hash(of: place) else { continue }
      found.append(Reading(header: header, last: before, hash: hash, place: place))
    }
    // What is left out is followed, too.
    for reading in readings.values where reading.place == nil && reading.last == before { found.append(reading) }
    guard found.count > 1 else { return found.first }
    return found.first { isProved(log, from: $0) }
  }

  private func candidates(for change: ChangeID) throws(Failure) -> [ChangeID] {
    var candidates: [ChangeID] = []
    for log in branches.family(of: change.log) {
      let offset = branches.offset(of: log)
      guard change.sequence > offset, try change.sequence - offset <= last(of: log) else { continue }
      candidates.append(ChangeID(log: log, sequence: change.sequence - offset))
    }
    return candidates
  }

  /// Whether the changes of a log in the batch come out as signed, or as a branch says that goes on from them, if they follow `start`.
  private func isProved(_ log: LogID, from start: Reading) -> Bool {
    var (last, hash) = (start.last, start.hash)
    for run in batch.runs where run.log == log {
      for bytes in run.changes {
        last.sequence &+= 1
        guard let sealed = try? SealedChange(bytes: bytes, context: SealedChange.Context(id: last, previous: hash))
        else { return false }
        hash = sealed.hash
      }
    }
    if let signature = batch.signatures[log] { return isSigned(last, hash, signature, start.header) }
    return batch.runs.contains { run in
      guard case .branch(last.log, let first, let name) = run.header, last.sequence < .max, first == last.sequence + 1,
        run.first == 1,
        let bytes = run.changes.first
      else { return false }
      let context = SealedChange.Context(id: ChangeID(log: last.log, sequence: first), previous: hash)
      guard (try? SealedChange(bytes: bytes, context: context))?.hash == name else { return false }
      // That is worth what the branch is. Numbers grow, so there is an end.
      return isProved(run.log, from: Reading(header: run.header, last: last, hash: hash))
    }
  }

  /// Finds the place of a change that follows `before`, and accepts it if it is new. Returns why the batch is to be refused, if it is.
  private mutating func place(
    _ sealed: SealedChange, as id: ChangeID, after before: ChangeID, _ reading: inout Reading
  ) throws(Failure) -> String? {
    let next = ChangeID(log: before.log, sequence: before.sequence + 1)
    if try next.sequence <= last(of: before.log) {
      guard let held = try hash(of: next) else {
        return "change \(next.sequence) of log \(next.log) is held without a hash"
      }
      if held == sealed.hash {
        reading.place = next
      } else if canBranch(next.log, by: 2) {
        fork = next
      } else {
        exclude(Exclusion(first: id, cause: .forked))
      }
      return nil
    }
    let header = LogHeader.branch(of: reading.last.log, first: reading.last.sequence, hash: sealed.hash)
    let following = branches.branches(after: before.log)
    if following.contains(header.log) {
      reading.place = ChangeID(log: header.log, sequence: 1)
      return nil
    }
    guard following.isEmpty || canBranch(before.log, by: 1) else {
      exclude(Exclusion(first: id, cause: .forked))
      return nil
    }
    let place = following.isEmpty ? next : ChangeID(log: header.log, sequence: 1)
    var changed = branches
    if !following.isEmpty {
      changed.add(header.log, of: reading.last.log, first: reading.last.sequence)
      changed.attach(header.log, to: before.log)
    }
    switch try meaning(of: sealed.change, at: place, changed) {
    case .named(let change):
      if !following.isEmpty {
        branches = changed
        acceptance.branches.append(CheckedBatch.Branch(header: header, parent: before.log))
      }
      acceptance.changes.append(sealed.named(change))
      fresh[place] = sealed.hash
      heads[place.log] = LogHead(sequence: place.sequence, hash: sealed.hash)
      reading.place = place
    case .lacks(let change) where exclusions.contains(change):
      exclude(Exclusion(first: id, cause: .dependency(change)))
    case .lacks(let change):
      return "expected change \(change.sequence) of log \(change.log) before change \(id.sequence) of log \(id.log), "
        + "which builds on it"
    case .differs(let change):
      exclude(Exclusion(first: id, cause: .dependency(change)))
    }
    return nil
  }

  private enum Meaning {
    case named(Change)
    /// It builds on a change that is not held.
    case lacks(ChangeID)
    /// It builds on another change than the one held.
    case differs(ChangeID)
  }

  /// What a change says under the names of here.
  private func meaning(of written: Change, at place: ChangeID, _ branches: Branches) throws(Failure) -> Meaning {
    let isRenamed =
      !branches.isEmpty
      && (branches.concerns(place.log) || written.dependencies.contains { branches.concerns($0.change.log) })
    var places: [Dependency: ChangeID] = [:]
    for dependency in written.dependencies {
      var found = dependency.change
      if isRenamed, branches.concerns(dependency.change.log) {
        for candidate in try candidates(for: branches.original(dependency.change))
        where try hash(of: candidate)?.head == dependency.hash { found = candidate }
      }
      guard let held = try hash(of: found) else { return .lacks(dependency.change) }
      guard held.head == dependency.hash else { return .differs(dependency.change) }
      if isRenamed { places[dependency] = found }
    }
    guard isRenamed else { return .named(written) }
    var ends: [LogID: Dependency] = [:]
    for log in Set([place.log] + places.values.map(\.log)).flatMap({ branches.way(to: $0) }) {
      guard let head = try head(of: log), head.sequence > 0 else { continue }
      ends[log] = Dependency(change: ChangeID(log: log, sequence: head.sequence), hash: head.hash.head)
    }
    return .named(written.named(place, among: branches, place: { places[$0] ?? $0.change }, end: { ends[$0] }))
  }

  private func canBranch(_ log: LogID, by count: Int) -> Bool {
    branches.names(of: branches.root(of: log), isHeld: true).count + count <= Branches.branchesMax
  }

  private mutating func exclude(_ exclusion: Exclusion) {
    if exclusions.insert(exclusion) { acceptance.excluded.append(exclusion) }
  }

  // MARK: Proof

  /// Checks what proves a log of the batch, which was read. Returns why the batch is to be refused, if it is.
  private mutating func prove(_ log: LogID) -> String? {
    guard let reading = readings[log] else { return nil }
    guard let signature = batch.signatures[log] else {
      return continued.contains(reading.hash) ? nil : "log \(log) comes without a signature"
    }
    guard isSigned(reading.last, reading.hash, signature, reading.header) else {
      return
        "log \(log) is not what its author signed: the signature at change \(reading.last.sequence) does not fit it"
    }
    guard let place = reading.place else { return nil }
    acceptance.checkpoints.append(Checkpoint(change: place, hash: reading.hash, signature: signature))
    return nil
  }

  private func isSigned(_ change: ChangeID, _ hash: Digest, _ signature: [UInt8], _ header: LogHeader) -> Bool {
    guard let root = rootHeader(of: header) else { return false }
    return isSigned(Checkpoint(change: change, hash: hash, signature: signature), root)
  }

  /// What the log is founded on that a log is a part of; nil where that is not known, or is a branch itself, which no log is a part of.
  private func rootHeader(of header: LogHeader) -> LogHeader? {
    guard case .branch(let root, _, _) = header else { return header }
    guard let founding = holdings.header(root), !founding.isBranch else { return nil }
    return founding
  }
}

extension LogHeader {
  /// The log that it is a part of; itself if it is no branch.
  fileprivate var root: LogID {
    guard case .branch(let root, _, _) = self else { return log }
    return root
  }

  /// What number its change `sequence` has in that; nil where there is no such number.
  fileprivate func number(of sequence: UInt32) -> UInt32? {
    guard case .branch(_, let first, _) = self else { return sequence }
    guard first > 0 else { return nil }
    let (number, overflow) = (first - 1).addingReportingOverflow(sequence)
    return overflow ? nil : number
  }
}
