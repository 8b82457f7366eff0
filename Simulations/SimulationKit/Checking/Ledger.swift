internal import Anabranch
internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchWire

/// What an all-knowing observer writes down: every change that ever was, and what people were told is kept.
struct Ledger {
  /// A change when it was first seen, under the name that it had there.
  struct Sighting {
    let change: Change
    let hash: Digest
    /// The hash of the change before it in its log; nil for a first one.
    let previous: Digest?
    /// The machine that wrote it; nil where none did.
    let writer: Int?
  }

  /// Every change that any replica ever held durably, in an order in which each follows its past.
  private(set) var changes: [SealedChange] = []
  /// The same with those that were written after a log had forked.
  private(set) var sightings: [Sighting] = []
  /// The hash of each.
  private(set) var hashes: [ChangeID: Digest] = [:]
  /// Which host writes a log.
  private(set) var writers: [LogID: Int] = [:]
  /// For each conversation the texts that its messages may have: more than one where a process ended while it was
  /// continued.
  private(set) var texts: [ObjectID: [ObjectID: Set<String>]] = [:]
  /// Whether one log may have been written twice, by a machine that was set back, a copy, or a device that has gone bad: from then on hashes
  /// tell what a change is, and names do not.
  private(set) var hasFork = false
  /// The bytes of every change from then on, by its hash, as they were when it was first seen.
  private(set) var written: [Digest: [UInt8]] = [:]
  /// All purges that anybody ever asked for.
  private(set) var purges: [Operation] = []
  /// Where each of the changes stands in ``changes``.
  private var places: [ChangeID: Int] = [:]
  /// What each depends on.
  private var dependencies: [ChangeID: [ChangeID]] = [:]
  /// The last hybrid time of each log, and that of each change.
  private var times: [LogID: HybridTime] = [:]
  private var timeOfChange: [ChangeID: HybridTime] = [:]
  /// The host that had a log as its own first.
  private var authors: [LogID: Int] = [:]
  /// Whether some host received a change from further ahead than it believes.
  private(set) var sawClockAhead = false
  /// The furthest that each host's wall clock ever was.
  private var furthestWall: [Int: Int64] = [:]

  /// Takes note that a message reads so, or that it may.
  mutating func note(_ texts: Set<String>, of message: ObjectID, in conversation: ObjectID) {
    self.texts[conversation, default: [:]][message] = texts
  }

  /// Expects nothing more of what a message reads.
  mutating func forget(_ message: ObjectID, of conversation: ObjectID) {
    texts[conversation]?[message] = nil
  }

  /// Expects nothing more of what a message reads, or of whether it is there, whatever conversation it is in.
  mutating func forget(_ message: ObjectID) {
    for conversation in texts.keys { texts[conversation]?[message] = nil }
  }

  /// Compares what people were told is kept with what a host reads of the messages that were written on `writers`:
  /// those that hold all of it by now, if it was not lost. `counts` says of a conversation whether it is there by what counts:
  /// what was said in one that was imported goes with the import.
  func checkTexts(
    of host: Host, _ store: Store, writtenOn writers: [Int], where counts: (ObjectID) -> Bool = { _ in true }
  ) throws {
    for conversation in texts.keys.sorted() {
      let expected = (texts[conversation] ?? [:]).filter { message, _ in
        store.vector.contains(message.change) && writers.contains { isWritten(message, by: $0) }
      }
      guard !expected.isEmpty, try !store.isPurged(conversation), counts(conversation) else { continue }
      let messages = try store.conversation(conversation)?.messages ?? []
      let read = Dictionary(messages.map { ($0.id, $0.text) }, uniquingKeysWith: { first, _ in first })
      for message in try expected.keys.sorted().filter({ try !store.isPurged($0) }) {
        guard let text = read[message], expected[message]?.contains(text) == true else {
          throw Violation(
            .acknowledgedSurvives,
            "\(host.name) reads “\(read[message] ?? "")” in \(message), expected one of "
              + "\(expected[message] ?? [])")
        }
      }
    }
  }

  /// What people were told on that host of messages that were written there.
  func texts(writtenBy host: Int) -> [ObjectID: Set<String>] {
    texts.values.reduce(into: [:]) { all, texts in
      all.merge(texts.filter { isWritten($0.key, by: host) }) { first, _ in first }
    }
  }

  /// Expects no more of messages that were written on that host, except where they read as in `kept`: the machine was
  /// lost, with all that nobody else had yet.
  mutating func forget(textsOf host: Int, except kept: [ObjectID: Set<String>] = [:]) {
    texts = texts.mapValues { texts in
      texts.filter { !isWritten($0.key, by: host) || kept[$0.key] == $0.value }
    }
  }

  /// Whether a message was written on that host, so that it has all of it at once.
  func isWritten(_ message: ObjectID, by host: Int) -> Bool {
    message.log.map { writers[$0] == host } ?? false
  }

  mutating func note(wall: Int64, of host: Int) {
    furthestWall[host] = max(furthestWall[host] ?? 0, wall)
  }

  /// Takes note that one log may be written twice from now on.
  mutating func noteFork() {
    hasFork = true
    for change in changes { written[change.hash] = change.bytes }
  }

  /// A change that any replica ever held.
  func change(_ id: ChangeID) -> SealedChange? {
    places[id].map { changes[$0] }
  }

  /// Compares what a host holds durably with what it held before, and with what others hold under the same numbers.
  mutating func observe(_ host: Host, _ store: Store) throws {
    note(wall: host.wall, of: host.number)
    // Also before it has written anything: its first change may reach others before anybody looks.
    if let own = store.ownLog {
      if !hasFork { writers[own] = host.number }
      if authors[own] == nil { authors[own] = host.number }
    }
    let vector = store.vector
    guard !hasFork else { return try observeHashes(of: host, store) }
    guard vector != host.committed else { return }
    guard vector.includes(host.committed) else {
      let lost = host.committed.entries.filter { vector[$0.log] < $0.sequence }
      throw Violation(
        .vectorIsMonotone, "\(host.name) held \(lost.map { "\($0.log)@\($0.sequence)" }) and no longer does")
    }
    try takeUnknown(host, store, vector)
    for (log, last) in vector.entries where last > host.committed[log] {
      for sequence in (host.committed[log] + 1)...last {
        let id = ChangeID(log: log, sequence: sequence)
        if let time = timeOfChange[id], time.milliseconds > host.wall + HybridClock.driftMsMax { sawClockAhead = true }
        guard let held = try store.hash(of: id), held == hashes[id] else {
          throw Violation(
            .numberToHashNeverChanges,
            "\(host.name) holds another change \(sequence) of log \(log) than its author wrote")
        }
        guard dependencies[id, default: []].allSatisfy(vector.contains) else {
          throw Violation(
            .nothingBeforeItsDependencies, "\(host.name) holds change \(sequence) of \(log) before its past")
        }
      }
    }
    host.committed = vector
  }

  /// The same where one log may be written twice: what a change is called is another matter then, and may change.
  private mutating func observeHashes(of host: Host, _ store: Store) throws {
    guard store.logHash != host.logHash else { return }
    let stored: [Store.StoredChange]
    do throws(StoreError) {
      stored = try store.changes(missingFrom: VersionVector(), bytesMax: .max).changes
    } catch {
      // No disk fails while it is looked at: so it was closed in the same call. The next one to open it will see.
      guard error.code == .io else { throw error }
      return
    }
    var held: Set<Digest> = []
    var names: [ChangeID: Digest] = [:]
    for (log, _, head) in store.heads where head.sequence > 0 {
      for sequence in 1...head.sequence {
        let id = ChangeID(log: log, sequence: sequence)
        guard let hash = try store.hash(of: id) else {
          throw Violation(.chainIsWhole, "\(host.name) holds change \(sequence) of \(log) without a hash")
        }
        held.insert(hash)
        names[id] = hash
      }
    }
    for change in stored {
      guard let hash = try store.hash(of: change.id), written[hash] == nil else { continue }
      written[hash] = change.bytes
      guard let record = try store.changeRecord(change.id) else { continue }
      takePurges(of: record.change)
      let previous = names[ChangeID(log: change.id.log, sequence: change.id.sequence - 1)]
      let isOwn = change.id.log == store.ownLog
      let author = isOwn ? host.number : authors[change.id.log] ?? authors[store.branches.root(of: change.id.log)]
      sightings.append(Sighting(change: record.change, hash: hash, previous: previous, writer: author))
    }
    guard UInt64(held.count) == store.vector.changes else {
      throw Violation(.numberToHashNeverChanges, "\(host.name) holds a change under two names")
    }
    guard held.isSuperset(of: host.hashes) else {
      throw Violation(
        .vectorIsMonotone, "\(host.name) held \(host.hashes.subtracting(held).count) changes that it no longer does")
    }
    (host.logHash, host.hashes, host.committed) = (store.logHash, held, store.vector)
  }

  /// Compares every change that a host holds with what its author wrote, bytes and all.
  func checkAll(_ host: Host, _ store: Store) throws {
    for stored in try store.changes(missingFrom: VersionVector(), bytesMax: .max).changes {
      let (log, sequence) = (stored.id.log, stored.id.sequence)
      let previous =
        sequence == 1
        ? store.header(of: log)?.foundingHash : hashes[ChangeID(log: log, sequence: sequence - 1)]
      let context = SealedChange.Context(id: stored.id, previous: previous ?? .zero)
      guard try SealedChange(bytes: stored.bytes, context: context).hash == hashes[stored.id],
        try store.hash(of: stored.id) == hashes[stored.id]
      else {
        throw Violation(
          .corruptionIsDetected, "\(host.name) is called sound, and its change \(sequence) of \(log) is not")
      }
    }
  }

  /// Writes down what nobody was seen to hold before: what a host has just written, or what a process sent that ended
  /// before anybody looked.
  private mutating func takeUnknown(_ host: Host, _ store: Store, _ vector: VersionVector) throws {
    var known = vector
    for (log, last) in vector.entries where last > host.committed[log] {
      let first = ((host.committed[log] + 1)...last).first { hashes[ChangeID(log: log, sequence: $0)] == nil }
      if let first { known[log] = first - 1 }
    }
    guard known != vector else { return }
    for stored in try store.changes(missingFrom: known, bytesMax: .max).changes {
      let (log, sequence) = (stored.id.log, stored.id.sequence)
      let previous =
        sequence == 1
        ? store.header(of: log)?.foundingHash : hashes[ChangeID(log: log, sequence: sequence - 1)]
      guard let previous else {
        throw Violation(.chainIsWhole, "\(host.name) holds change \(sequence) of \(log) without its predecessor")
      }
      let sealed = try SealedChange(
        bytes: stored.bytes, context: SealedChange.Context(id: stored.id, previous: previous))
      try take(sealed, by: writers[log] ?? host.number, seeing: vector)
    }
  }

  private mutating func take(_ sealed: SealedChange, by host: Int, seeing vector: VersionVector) throws {
    let change = sealed.change
    if let known = hashes[change.id] {
      guard known == sealed.hash else {
        throw Violation(
          .numbersAreNotReused, "host \(host) wrote change \(change.id.sequence) of \(change.id.log) twice")
      }
      return
    }
    for dependency in change.dependencies {
      guard vector.contains(dependency.change), hashes[dependency.change]?.head == dependency.hash else {
        throw Violation(
          .nothingBeforeItsDependencies,
          "host \(host) wrote change \(change.id.sequence) after something it does not hold")
      }
    }
    if let last = times[change.id.log], last >= change.time {
      throw Violation(.clockIncreases, "host \(host) went from \(last) to \(change.time)")
    }
    let bound = (furthestWall[host] ?? 0) + HybridClock.driftMsMax
    guard change.time.milliseconds <= bound else {
      throw Violation(
        .clockKeepsItsBound,
        "host \(host) wrote at \(change.time.milliseconds), and its own clock never was beyond \(bound)")
    }
    times[change.id.log] = change.time
    timeOfChange[change.id] = change.time
    hashes[change.id] = sealed.hash
    dependencies[change.id] = change.dependencies.map(\.change)
    places[change.id] = changes.count
    changes.append(sealed)
    let previous = hashes[ChangeID(log: change.id.log, sequence: change.id.sequence - 1)]
    sightings.append(Sighting(change: change, hash: sealed.hash, previous: previous, writer: writers[change.id.log]))
    takePurges(of: change)
  }

  private mutating func takePurges(of change: Change) {
    purges += change.operations.filter(\.isPurge)
  }
}

extension Operation {
  /// Whether it takes something away for good.
  var isPurge: Bool { [.purge, .purgePast].contains(envelope.kind) }
}
