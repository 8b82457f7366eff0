internal import AnabranchCore
internal import AnabranchWire

/// A batch on its way through the check.
struct BatchCheck<Failure: Error> {
  /// How far a log was read, as the sender calls it.
  struct Reading {
    var header: LogHeader
    /// The last change that was read, as its author calls it, and its hash.
    var last: ChangeID
    var hash: Digest
    /// What it is called here; nil where it is left out.
    var place: ChangeID?
    /// What the last change is called here that is held, or was accepted.
    var lastPlace: ChangeID?
  }

  /// That a log of the batch goes on from a change with that hash.
  struct Claim: Hashable {
    var log: LogID
    var previous: Digest
  }

  let batch: IncomingBatch
  /// What was stored of it before its logs were cut.
  private let stored: Set<Digest>
  /// What the logs are founded on that the batch names and that are not known here.
  private var announced: [LogID: LogHeader] = [:]
  /// Those of them that accepted changes name.
  private var known: [LogID: LogHeader] = [:]
  private let holdings: IncomingBatch.Holdings<Failure>
  let isSigned: (Checkpoint, LogHeader) -> Bool
  private var branches: Branches
  private var exclusions: Exclusions
  var acceptance = CheckedBatch.Acceptance()
  private(set) var readings: [LogID: Reading] = [:]
  /// Where each of them begins.
  private(set) var starts: [LogID: Reading] = [:]
  /// The logs read, in the order in which they were met.
  private(set) var order: [LogID] = []
  /// Heads of the logs as they are held, the accepted changes included.
  private var heads: [LogID: LogHead] = [:]
  /// Hashes of the accepted changes.
  private var fresh: [ChangeID: Digest] = [:]
  /// Hashes of changes that a branch in the batch goes on from: what proves the branch proves these.
  private(set) var continued: Set<Digest> = []
  /// What signatures were found to say of the batch, so that each is looked at once.
  var proved: [Claim: Bool] = [:]
  /// Where a log is to be cut.
  private var fork: ChangeID?

  init(
    of batch: IncomingBatch, against holdings: IncomingBatch.Holdings<Failure>, stored: Set<Digest>,
    _ isSigned: @escaping (Checkpoint, LogHeader) -> Bool
  ) {
    (self.batch, self.stored) = (batch, stored)
    self.holdings = holdings
    self.isSigned = isSigned
    branches = holdings.branches
    exclusions = batch.exclusions
    announced = batch.headers
    for (log, header) in announced {
      guard case .branch(let root, let first, _) = header,
        announced[root]?.isBranch == false || holdings.header(root)?.isBranch == false
      else { continue }
      branches.add(log, of: root, first: first)
    }
  }

  mutating func run() throws(Failure) -> CheckedBatch {
    if let root = overfull {
      return .refused("expected at most \(Branches.branchesMax) branches of log \(root) in a frame")
    }
    for run in batch.runs {
      if let refusal = try take(run) { return .refused(refusal) }
      if let fork { return .forked(at: fork, acceptance) }
    }
    for log in order {
      if let refusal = prove(log) { return .refused(refusal) }
      try tellPlace(of: log)
    }
    if !exclusions.isEmpty {
      let new = Set(acceptance.changes.map(\.hash)).union(stored)
      let excluded = unproved(new.contains)
      if !excluded.isEmpty { return .unproved(excluded) }
    }
    // Whoever brought what names them may have kept that back.
    for head in holdings.unknownHeads.sorted(by: { $0.change < $1.change }) { try note(head) }
    return .accepted(acceptance)
  }

  /// A log of which there are more branches in the batch than anybody keeps: to find a place for each of thousands would take long.
  private var overfull: LogID? {
    var branches: [LogID: Set<LogID>] = [:]
    for run in batch.runs {
      if case .branch(let root, _, _) = run.header { branches[root, default: []].insert(run.log) }
    }
    return branches.filter { $0.value.count > Branches.branchesMax }.keys.min()
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
      let root = root(of: run)
      guard let start = try start(at: first, of: run.log, of: root, header: run.header) else {
        // It may go on from a branch that is left out.
        guard isFull(root) || isLeftOut(ChangeID(log: root, sequence: first - 1)) else {
          return "expected a change of log \(run.log) that follows what is held, got \(run.first)"
        }
        exclude(Exclusion(first: ChangeID(log: run.log, sequence: run.first), cause: .forked))
        return nil
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
    let refusal = try place(sealed, as: id, after: before, &reading)
    reading.lastPlace = reading.place ?? reading.lastPlace
    return refusal
  }

  /// How far `log` stands before number `number` of its root, which is the first change of it that is read. Where that has forked
  /// here, its signature tells on which branch.
  private mutating func start(
    at number: UInt32, of log: LogID, of root: LogID, header: LogHeader
  ) throws(Failure) -> Reading? {
    guard let founding = rootHeader(of: header) else { return nil }
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
    for reading in order.compactMap({ readings[$0] }) where reading.place == nil && reading.last == before {
      found.append(reading)
    }
    guard found.count > 1 || isFull(root) || isLeftOut(before) else { return found.first }
    for reading in found where isProved(log, from: reading) { return reading }
    return nil
  }

  private func candidates(for change: ChangeID) throws(Failure) -> [ChangeID] {
    try branches.candidates(for: change) { (log) throws(Failure) in try last(of: log) }
  }

  /// The log that a run is a part of; its own where that is no branch.
  private func root(of run: IncomingBatch.Run) -> LogID {
    guard case .branch(let root, _, _) = run.header else { return run.log }
    return root
  }

  /// Whether a change is left out, as its sender calls it.
  func isLeftOut(asSent change: ChangeID) -> Bool {
    exclusions.contains(change)
  }

  /// Whether a change may have been left out, whatever it is called.
  private func isLeftOut(_ change: ChangeID) -> Bool {
    exclusions.contains(change, among: branches)
  }

  /// Whether a log has as many branches as are held, so that more may be left out.
  private func isFull(_ log: LogID) -> Bool {
    branches.concerns(log) && !branches.hasRoom(for: 1, of: log)
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
      } else if branches.hasRoom(for: 2, of: next.log) {
        // Nothing is cut for what cannot be kept.
        let basis = try basis(of: sealed.change)
        guard case .found = basis else { return leave(id, basis) }
        fork = next
      } else {
        exclude(Exclusion(first: id, cause: .forked))
      }
      return nil
    }
    guard !branches.branches(after: before.log).isEmpty else {
      return try accept(sealed, as: id, at: next, branches, &reading)
    }
    let header = LogHeader.branch(of: reading.last.log, first: reading.last.sequence, hash: sealed.hash)
    let branch = ChangeID(log: header.log, sequence: 1)
    guard !branches.branches(after: before.log).contains(branch.log) else {
      reading.place = branch
      return nil
    }
    guard branches.hasRoom(for: 1, of: before.log) else {
      exclude(Exclusion(first: id, cause: .forked))
      return nil
    }
    var changed = branches
    changed.add(branch.log, of: reading.last.log, first: reading.last.sequence)
    guard changed.attach(branch.log, to: before.log) else { return "log \(branch.log) cannot go on from there" }
    let refusal = try accept(sealed, as: id, at: branch, changed, &reading)
    guard reading.place != nil else { return refusal }
    branches = changed
    acceptance.branches.append(CheckedBatch.Branch(header: header, parent: before.log))
    return refusal
  }

  /// Accepts a change that is new, and comes to stand at `place`, unless it builds on something else than is held. Returns why the
  /// batch is to be refused, if it is.
  private mutating func accept(
    _ sealed: SealedChange, as id: ChangeID, at place: ChangeID, _ branches: Branches, _ reading: inout Reading
  ) throws(Failure) -> String? {
    let basis = try basis(of: sealed.change)
    guard case .found(let places) = basis else { return leave(id, basis) }
    let change = try named(sealed.change, at: place, branches, places)
    if !announced.isEmpty {
      note(reading.last.log)
      for dependency in sealed.change.dependencies { note(dependency.change.log) }
      for operation in change.operations { for head in operation.mutation.namedHeads { try note(head) } }
    }
    acceptance.changes.append(sealed.named(change))
    fresh[place] = sealed.hash
    heads[place.log] = LogHead(sequence: place.sequence, hash: sealed.hash)
    reading.place = place
    return nil
  }

  /// Leaves out a change that builds on something else than is held. Returns why the batch is to be refused, if it is.
  private mutating func leave(_ id: ChangeID, _ basis: Basis) -> String? {
    switch basis {
    case .found: break
    case .differs(let missed): exclude(Exclusion(first: id, cause: .dependency(missed)))
    case .lacks(let missed):
      guard isLeftOut(missed) || isFull(missed.log) else {
        return "expected change \(missed.sequence) of log \(missed.log) before change \(id.sequence) of log \(id.log), "
          + "which builds on it"
      }
      exclude(Exclusion(first: id, cause: .dependency(missed)))
    }
    return nil
  }

  /// Takes note of a log that is named by its head, if that is held.
  private mutating func note(_ head: Dependency) throws(Failure) {
    guard announced[head.change.log] != nil, let place = try place(of: head), try hash(of: place) != nil else { return }
    note(head.change.log)
  }

  /// Takes note of a log that an accepted change names.
  private mutating func note(_ log: LogID) {
    guard let header = announced.removeValue(forKey: log), holdings.header(log) == nil else { return }
    if case .branch(let root, _, _) = header {
      // Of a branch no log is a branch.
      guard let founding = self.header(of: root), !founding.isBranch else { return }
      note(root)
    }
    acceptance.names.append(header)
    known[log] = header
  }

  /// What a change builds on.
  private enum Basis {
    /// The held changes that are meant, by what it says.
    case found([Dependency: ChangeID])
    /// A change that is not held.
    case lacks(ChangeID)
    /// Another change than the one held.
    case differs(ChangeID)
  }

  private func basis(of written: Change) throws(Failure) -> Basis {
    var places: [Dependency: ChangeID] = [:]
    for dependency in written.dependencies {
      guard let place = try self.place(of: dependency) else {
        return try hash(of: dependency.change) == nil ? .lacks(dependency.change) : .differs(dependency.change)
      }
      guard let held = try hash(of: place) else { return .lacks(dependency.change) }
      guard held.head == dependency.hash else { return .differs(dependency.change) }
      if place != dependency.change { places[dependency] = place }
    }
    return .found(places)
  }

  /// What a change says under the names of here, `places` being what it builds on.
  private func named(
    _ written: Change, at place: ChangeID, _ branches: Branches, _ places: [Dependency: ChangeID]
  ) throws(Failure) -> Change {
    guard branches.needsRenaming(place, written.dependencies) else { return written }
    return try written.named(place, among: branches) { (dependency) throws(Failure) in
      places[dependency] ?? dependency.change
    } end: { (log) throws(Failure) in
      try head(of: log)
    }
  }

  /// The held change that a dependency means; nil where there is none, or where a branch that it names does not lead there.
  private func place(of dependency: Dependency) throws(Failure) -> ChangeID? {
    guard branches.concerns(dependency.change.log) else { return dependency.change }
    let place = try branches.place(dependency) { (log) throws(Failure) in
      try last(of: log)
    } hash: { (change) throws(Failure) in
      try hash(of: change)
    }
    guard let place, case .branch(_, let first, let name)? = header(of: dependency.change.log) else { return place }
    guard let begin = branches.change(first, onTheWayTo: place.log) else { return nil }
    return try hash(of: begin) == name ? place : nil
  }

  private mutating func exclude(_ exclusion: Exclusion) {
    if exclusions.insert(exclusion) { acceptance.excluded.append(exclusion) }
  }

  /// What the log is founded on that a log is a part of; nil where that is not known, or is a branch itself, which no log is a part of.
  func rootHeader(of header: LogHeader) -> LogHeader? {
    guard case .branch(let root, _, _) = header else { return header }
    guard let founding = self.header(of: root), !founding.isBranch else { return nil }
    return founding
  }

  private func header(of log: LogID) -> LogHeader? {
    holdings.header(log) ?? known[log] ?? announced[log]
  }

  /// Tells what a log is called here that was read, where that is not its sender's name.
  private mutating func tellPlace(of log: LogID) throws(Failure) {
    guard let place = readings[log]?.lastPlace, place.log != log else { return }
    var held = VersionVector([(place.log, place.sequence)])
    for log in branches.way(to: place.log) { held[log] = try last(of: log) }
    acceptance.places[log] = held
  }
}
