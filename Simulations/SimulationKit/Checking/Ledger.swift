internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchWire

/// What an all-knowing observer writes down: every change that ever was, and what people were told is kept.
struct Ledger {
  /// Every change that any replica ever held durably, in an order in which each follows its past.
  private(set) var changes: [SealedChange] = []
  /// The hash of each.
  private(set) var hashes: [ChangeID: Digest] = [:]
  /// Which host writes a log.
  private(set) var writers: [LogID: Int] = [:]
  /// The texts that a message may have: more than one where a process ended while it was continued.
  private(set) var texts: [ObjectID: Set<String>] = [:]
  /// The last hybrid time of each log.
  private var times: [LogID: HybridTime] = [:]
  /// The furthest that each host's wall clock ever was.
  private var furthestWall: [Int: Int64] = [:]

  /// Takes note that a message reads so, or that it may.
  mutating func note(_ texts: Set<String>, of message: ObjectID) {
    self.texts[message] = texts
  }

  mutating func note(wall: Int64, of host: Int) {
    furthestWall[host] = max(furthestWall[host] ?? 0, wall)
  }

  /// Compares what a host holds durably with what it held before, and with what others hold under the same numbers.
  mutating func observe(_ host: Host, _ store: Store) throws {
    note(wall: host.wall, of: host.number)
    let vector = store.vector
    guard vector != host.committed else { return }
    guard vector.includes(host.committed) else {
      let lost = host.committed.entries.filter { vector[$0.log] < $0.sequence }
      throw Violation(
        .vectorIsMonotone, "host \(host.number) held \(lost.map { "\($0.log)@\($0.sequence)" }) and no longer does")
    }
    try takeOwn(host, store, vector)
    for (log, last) in vector.entries where last > host.committed[log] {
      for sequence in (host.committed[log] + 1)...last {
        let id = ChangeID(log: log, sequence: sequence)
        let held = try store.hash(of: id)
        guard let held, held == hashes[id] else {
          throw Violation(
            .numberToHashNeverChanges,
            "host \(host.number) holds another change \(sequence) of log \(log) than its author wrote")
        }
      }
    }
    host.committed = vector
  }

  /// Writes down what a host wrote since it was last looked at.
  private mutating func takeOwn(_ host: Host, _ store: Store, _ vector: VersionVector) throws {
    guard let own = store.ownLog, vector[own] > host.committed[own] else { return }
    writers[own] = host.number
    var known = vector
    known[own] = host.committed[own]
    let new = try store.changes(missingFrom: known, bytesMax: .max).changes
    for stored in new {
      let before = ChangeID(log: own, sequence: stored.id.sequence - 1)
      guard let previous = before.sequence == 0 ? store.header(of: own)?.foundingHash : hashes[before] else {
        throw Violation(.chainIsWhole, "host \(host.number) wrote change \(stored.id.sequence) before its predecessor")
      }
      let sealed = try SealedChange(
        bytes: stored.bytes, context: SealedChange.Context(id: stored.id, previous: previous))
      try take(sealed, by: host, seeing: vector)
    }
  }

  private mutating func take(_ sealed: SealedChange, by host: Host, seeing vector: VersionVector) throws {
    let change = sealed.change
    if let known = hashes[change.id] {
      guard known == sealed.hash else {
        throw Violation(
          .numbersAreNotReused, "host \(host.number) wrote change \(change.id.sequence) of \(change.id.log) twice")
      }
      return
    }
    for dependency in change.dependencies {
      guard vector.contains(dependency.change), hashes[dependency.change]?.head == dependency.hash else {
        throw Violation(
          .nothingBeforeItsDependencies,
          "host \(host.number) wrote change \(change.id.sequence) after something it does not hold")
      }
    }
    if let last = times[change.id.log], last >= change.time {
      throw Violation(.clockIncreases, "host \(host.number) went from \(last) to \(change.time)")
    }
    let bound = (furthestWall[host.number] ?? 0) + HybridClock.driftMsMax
    guard change.time.milliseconds <= bound else {
      throw Violation(
        .clockKeepsItsBound,
        "host \(host.number) wrote at \(change.time.milliseconds), and its own clock never was beyond \(bound)")
    }
    times[change.id.log] = change.time
    hashes[change.id] = sealed.hash
    changes.append(sealed)
  }
}
