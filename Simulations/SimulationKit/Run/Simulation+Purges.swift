internal import Anabranch
internal import AnabranchCore
internal import AnabranchOracle
internal import AnabranchStore
internal import AnabranchWire
internal import SeededRandom

/// What people take away for good.
extension Simulation {
  func purge(_ host: Host, _ random: inout RandomStream) throws {
    guard mayPurge(host) else { return }
    if random.chance(1, in: 4), try takeRights(host, &random) { return }
    guard let conversation = try conversation(host, &random)?.id else { return }
    if random.chance(1, in: 2) { return try purgePast(conversation, host, &random) }
    if random.chance(1, in: 3), try purgeFile(of: conversation, host, &random) { return }
    let messages = try call(host) { try $0.messages(of: conversation).filter { !$0.isPurged }.map(\.id) }
    let message = random.chance(2, in: 3) ? random.pick(messages) : nil
    let isImmediate = random.chance(1, in: 2)
    try call(host) { try $0.purge(message ?? conversation, immediately: isImmediate) }
    if let message {
      guard try call(host, { try $0.message(message).message.content }) == nil else {
        throw Violation(.purgedStaysPurged, "\(host.name) purged \(message) and still reads it")
      }
    } else if try call(host, { try $0.conversations() }).contains(where: { $0.id == conversation }) {
      throw Violation(.purgedStaysPurged, "\(host.name) purged \(conversation) and still sees it")
    }
    marks.insert(message == nil ? .conversationPurged : .messagePurged)
  }

  /// Takes away what was deleted from a text, of those that somebody edited.
  private func purgePast(_ conversation: ObjectID, _ host: Host, _ random: inout RandomStream) throws {
    let messages = try call(host) { try $0.messages(of: conversation).filter { $0.isEdited && !$0.isPurged }.map(\.id) }
    let message = random.chance(2, in: 3) ? random.pick(messages) : nil
    let text = message == nil ? random.one(of: TextKind.notes, .draft) : .body
    let object = message ?? conversation
    let before = try call(host) { try $0.text(text, of: object).text }
    let isImmediate = random.chance(1, in: 2)
    let count = try call(host) { try $0.purgePast(of: text, in: object, immediately: isImmediate) }
    if count > 0 { marks.insert(.pastPurged) }
    let now = try call(host) { try $0.text(text, of: object).text }
    guard now.unicodeScalars.elementsEqual(before.unicodeScalars) else {
      throw Violation(.readYourWrites, "\(host.name) purged the past of \(object) “\(before)” and reads “\(now)”")
    }
    guard try call(host, { try $0.pastCount(of: text, in: object) }) == 0 else {
      throw Violation(.purgedStaysPurged, "\(host.name) purged the past of \(object), and it has one")
    }
  }

  /// Whether an object was purged, or taken back, or does not count, as far as a host knows.
  func isGone(_ id: ObjectID, _ host: Host) throws -> Bool {
    guard let store = host.process?.store else { return false }
    return try host.disk.spared {
      try store.isPurged(id) || store.isTakenBack(id) || hasRestrictions && !oracle(of: store).counts(id)
    }
  }

  /// Whether all that was done to the text of a message counts, as far as a host knows.
  func countInFull(wordsOf message: ObjectID, _ host: Host) -> Bool {
    guard hasRestrictions, let store = host.process?.store else { return true }
    return host.disk.spared {
      allCount(on: store) { $0.envelope.target == message && $0.mutation.text == .body }
    }
  }

  /// The changes without what a purge took that does not count: whoever asked for it was lost before anybody heard of it, or had no
  /// right to it any more, and what it passed on meanwhile came without that.
  func withoutLost(_ changes: [SealedChange], heldBy store: Store) -> [SealedChange] {
    guard !ledger.purges.isEmpty else { return changes }
    let absent = Dictionary(uniqueKeysWithValues: changes.map { ($0.change.id, absentOperations(of: $0, in: store)) })
    let all = Set(absent.values.flatMap(\.keys))
    guard !all.isEmpty else { return changes }
    let unexplained = all.subtracting(taken(by: history(changes, in: store)))
    guard !unexplained.isEmpty else { return changes }
    let nowhere = ChangeID(log: LogID(Bytes16(high: 0, low: 0)), sequence: 1)
    // Those that are held name their objects as they are called here, where a log has forked.
    let purges = ledger.purges + changes.flatMap(\.change.operations).filter(\.isPurge)
    let purging = Change(
      id: nowhere, time: HybridTime(rawValue: 0), wall: 0, action: 0, dependencies: [], operations: purges)
    let lost = unexplained.intersection(taken(by: NaiveHistory(changes.map(\.change) + [purging])))
    return changes.map { sealed in
      var change = sealed.change
      for (id, place) in absent[change.id] ?? [:] where lost.contains(id) {
        change.operations[place].envelope = change.operations[place].envelope.redacted(
          hash: change.operations[place].contentHash)
      }
      return sealed.named(change)
    }
  }

  /// The operations of a change whose content a store has not, by name with their places in it.
  private func absentOperations(of sealed: SealedChange, in store: Store) -> [OperationID: Int] {
    guard let held = try? store.changeRecord(sealed.change.id)?.change else { return [:] }
    var absent: [OperationID: Int] = [:]
    for (place, operation) in held.operations.enumerated() {
      guard case .absent = operation.envelope.content else { continue }
      absent[OperationID(log: held.id.log, sequence: held.id.sequence, index: operation.index)] = place
    }
    return absent
  }

  private func taken(by history: NaiveHistory) -> Set<OperationID> {
    Set(history.operations.filter { history.isTaken($0) || history.isPastTaken($0) }.map(\.id))
  }

  /// Nothing is left of what was purged, a day later: neither in any change nor in any byte of the database.
  func checkErased(_ host: Host, _ store: Store) throws {
    let wall = host.wall + 2 * Purge.graceMs
    // The first look brings what is due later than a day from now to that; the next ones do it.
    _ = try store.eraseStep(wall: host.wall)
    while try store.eraseStep(wall: wall) == .more {}
    guard try store.nextErasure() == nil else {
      throw Violation(.purgedStaysPurged, "\(host.name) cannot carry out a purge")
    }
    // A disk that says it synced and did not keeps what it likes.
    let isHonest = options[.syncLiePpm] == 0
    let oracle = oracle(of: store)
    // Words that were open when a machine was set back stand again in its next log, as a message of its own.
    let standing = oracle.operations.filter { !oracle.isTaken($0) && !oracle.isPastTaken($0) }
    let again = Set(standing.compactMap { $0.operation.envelope.content.salt })
    for applied in oracle.operations where oracle.isTaken(applied) || oracle.isPastTaken(applied) {
      guard case .present(let salt, _) = applied.operation.envelope.content, !again.contains(salt) else { continue }
      // Sixteen random bytes beside every content: no two are equal, and none is shorter.
      for file in [Host.database, Host.database + "-wal"]
      where host.disk.holds(salt.bytes, in: file, durably: isHonest) {
        throw Violation(.purgedStaysPurged, "\(host.name) still has what \(applied.id) says, in \(file)")
      }
    }
    try checkErasedFiles(host, store, oracle)
    let scratch = Disk(Self.scratchDisk, seed: seed)
    let verification = try store.verify(scratch: scratch.path("scratch"))
    guard verification.isSound else {
      throw Violation(.purgedStaysPurged, "\(host.name): \(verification.messages.joined(separator: "; "))")
    }
    if !oracle.purged.isEmpty { marks.insert(.erased) }
  }
}

extension Content {
  /// What is mixed into its hash; nil where it is not there.
  fileprivate var salt: Bytes16? {
    if case .present(let salt, _) = self { salt } else { nil }
  }
}
