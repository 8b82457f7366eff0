internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// What the store keeps in memory of its logs: how far each is held, and what nobody has built on yet.
///
/// A value: a transaction works on a copy, which takes the place of the original when it has committed.
struct LogState {
  /// One log.
  struct Record {
    let id: LogID
    let header: LogHeader
    /// Sequence 0 and the founding hash before the first change.
    var head: LogHead
    /// The last change at which its author's signature is kept; 0 for none.
    var signed: UInt32 = 0
    /// What came after that.
    fileprivate var sinceSigned = Stretch(isFollowed: true)
    /// What stands between that signature and the one kept before it.
    fileprivate var beforeSigned = Stretch(isFollowed: false)

    /// A log with that head, of which nothing was followed yet.
    init(id: LogID, header: LogHeader, head: LogHead, signed: UInt32 = 0) {
      (self.id, self.header, self.head, self.signed) = (id, header, head, signed)
      sinceSigned.isFollowed = signed == head.sequence
    }
  }

  /// Consecutive changes of a log.
  fileprivate struct Stretch {
    /// Whether all of them were seen, so that the rest is known.
    var isFollowed: Bool
    var bytes = 0
    /// Whether one builds on another log.
    var buildsOnOthers = false
  }

  /// Bytes of a log between two signatures of which those between are not needed: so a step of what is sent stays short.
  static let stretchBytesMax = 16 * 1024

  /// The logs by ordinal.
  private(set) var records: [Record] = []
  @Shared private var seldom = Seldom()
  /// The heads that no held change depends on.
  var frontier = Frontier()
  /// Follows every timestamp held, as far as it can be believed.
  var clock = HybridClock()
  /// The log this replica writes.
  var own: LogID?

  /// What most changes leave as it is: a copy of the state is made for each of them.
  private struct Seldom {
    var names = Names()
    var branches = Branches()
    var membership = Membership()
    var open: OpenChange?
    var unreadable: UnreadableChanges?
  }

  /// The ordinals of logs.
  private struct Names {
    private var ordinals: [LogID: Int] = [:]
    /// The first logs by ordinal. Most histories have no more, and to compare a few names is faster than to look one up.
    private var first: [LogID] = []
    private static let firstMax = 8

    subscript(log: LogID) -> Int? {
      first.firstIndex(of: log) ?? (ordinals.count > first.count ? ordinals[log] : nil)
    }

    mutating func add(_ log: LogID) {
      if ordinals.count < Self.firstMax { first.append(log) }
      ordinals[log] = ordinals.count
    }
  }

  /// How those hang together that forked.
  var branches: Branches {
    _read { yield seldom.branches }
    _modify { yield &seldom.branches }
  }

  /// Who belongs to the replica's space, and what counts by that.
  var membership: Membership {
    _read { yield seldom.membership }
    _modify { yield &seldom.membership }
  }

  /// The change that is still being written.
  var open: OpenChange? {
    _read { yield seldom.open }
    _modify { yield &seldom.open }
  }

  /// Notes changes that cannot be read, which are passed over where contents are shown; nil where these are an error.
  var unreadable: UnreadableChanges? {
    get { seldom.unreadable }
    set { seldom.unreadable = newValue }
  }

  func ordinal(of log: LogID) -> Int? {
    seldom.names[log]
  }

  subscript(log: LogID) -> Record? {
    ordinal(of: log).map { records[$0] }
  }

  /// Gives `log` the next ordinal.
  mutating func add(_ record: Record) -> Int {
    seldom.names.add(record.id)
    records.append(record)
    if case .branch(let root, let first, _) = record.header { branches.add(record.id, of: root, first: first) }
    membership.rights.append(rights(in: record.id))
    return records.count - 1
  }

  /// Decides what counts by `roster`; all of `device`, which that does not name.
  mutating func count(by roster: Roster, exempting device: Digest? = nil) {
    (membership.counting, membership.exempt) = (roster, device)
    membership.rights = records.map { rights(in: $0.id) }
  }

  private func rights(in log: LogID) -> LogRights {
    let device = device(of: log)
    return device != nil && device == membership.exempt ? .all : membership.counting.rights(of: device, in: log)
  }

  /// Takes note of a change that is now held: its log's head moves, and what it builds on is no head any more.
  mutating func advance(to sealed: SealedChange, wall: Int64) {
    let change = sealed.change
    guard let ordinal = ordinal(of: change.id.log) else { return }
    records[ordinal].head = LogHead(sequence: change.id.sequence, hash: sealed.hash)
    records[ordinal].sinceSigned.bytes += sealed.bytes.count
    if !change.dependencies.isEmpty { records[ordinal].sinceSigned.buildsOnOthers = true }
    frontier.add(change)
    clock.observe(change.time, wall: wall)
  }

  /// How far each log is held, by ordinal.
  var ends: [UInt32] {
    records.map(\.head.sequence)
  }

  var vector: VersionVector {
    VersionVector(records.map { ($0.id, $0.head.sequence) })
  }

  /// How far of each log it can be proved that its author wrote it: all of those that `signer`'s device writes, and of the
  /// others what came with a signature.
  func provable(by signer: LogSigner?) -> VersionVector {
    VersionVector(records.map { ($0.id, provable($0, by: signer)) })
  }

  /// The same of one log. One that forked is proved up to its end by any of its branches.
  func provable(_ log: LogID, by signer: LogSigner?) -> UInt32 {
    self[log].map { provable($0, by: signer) } ?? 0
  }

  private func provable(_ record: Record, by signer: LogSigner?) -> UInt32 {
    if signs(signer, record) { return record.head.sequence }
    let isProved = !branches.isEmpty && branches.branches(after: record.id).contains { provable($0, by: signer) > 0 }
    return isProved ? record.head.sequence : record.signed
  }

  /// Whether the log is one that `signer`'s device writes, or wrote; also as a branch. What is held of it has proved to be that device's.
  func signs(_ signer: LogSigner?, _ record: Record) -> Bool {
    guard let signer else { return false }
    let root = record.header.isBranch ? self[branches.root(of: record.id)]?.header : record.header
    guard case .device(signer.device, _)? = root else { return false }
    return true
  }

  /// Takes note of a signature that is kept. Returns the change whose own one is not needed any more, if there is one.
  ///
  /// That is the one before, where nothing since builds on another log: whoever is sent that change can be sent all up to this one,
  /// for it takes nothing else. At most every ``stretchBytesMax`` one stays.
  mutating func note(_ checkpoint: Checkpoint) -> ChangeID? {
    guard let ordinal = ordinal(of: checkpoint.change.log) else { return nil }
    let (signed, before, since) = (records[ordinal].signed, records[ordinal].beforeSigned, records[ordinal].sinceSigned)
    let isHead = checkpoint.change.sequence == records[ordinal].head.sequence
    guard checkpoint.change.sequence > signed else { return nil }
    records[ordinal].signed = checkpoint.change.sequence
    records[ordinal].sinceSigned = Stretch(isFollowed: isHead)
    records[ordinal].beforeSigned = since
    records[ordinal].beforeSigned.isFollowed = since.isFollowed && isHead
    guard signed > 0, isHead, before.isFollowed, since.isFollowed, !since.buildsOnOthers,
      before.bytes + since.bytes <= Self.stretchBytesMax
    else { return nil }
    records[ordinal].beforeSigned.bytes += before.bytes
    return ChangeID(log: checkpoint.change.log, sequence: signed)
  }

  /// What `open` depends on once it is sealed: the frontier, and the head of each log that its operations refer to.
  /// A deletion and a withdrawal hide what their dependencies reach, and of a purge one wants to know what it took unseen:
  /// so they depend on every log.
  ///
  /// What came without its author's signature cannot be passed on, and neither can what depends on it. So of such a log it depends on
  /// the last change that is signed, as if the rest had not been seen, unless an operation refers to that, or takes away what was seen.
  func dependencies(of open: OpenChange, by signer: LogSigner?, in db: Database) throws -> [Dependency] {
    var logs: Set<LogID> = []
    var referred: [LogID: UInt32] = [:]
    var takesAway = false
    if !frontier.isWithin(open.id.log) { logs.formUnion(frontier.heads.map(\.log)) }
    for index in open.drafts.indices {
      switch open.drafts[index].mutation {
      case .trash, .purge, .withdraw:
        logs.formUnion(records.map(\.id))
        takesAway = true
      default: break
      }
      open.drafts[index].forEachReference {
        guard $0.log != open.id.log else { return }
        logs.insert($0.log)
        referred[$0.log] = max(referred[$0.log] ?? 0, $0.sequence)
      }
    }
    // Mostly somebody goes on with what is their own.
    guard !logs.isEmpty else { return [] }
    return try logs.subtracting([open.id.log]).sorted().compactMap { log in
      guard let record = self[log], record.head.sequence > 0 else { return nil }
      var last = ChangeID(log: log, sequence: record.head.sequence)
      let provable = provable(record, by: signer)
      if !takesAway, referred[log] ?? 0 <= provable { last.sequence = provable }
      guard last.sequence > 0 else { return nil }
      guard let hash = try hash(of: last, in: db) else {
        throw StoreError(
          .damaged, "change \(last.sequence) of log \(log) is held without a hash",
          remedy: "see `anabranch inspect check`")
      }
      return Dependency(change: last, hash: hash.head)
    }
  }

  /// Whether `operation` is held, or stands before the next one of `open`: only then can an operation of it refer
  /// to that one.
  func canRefer(to operation: OperationID, in open: OpenChange) -> Bool {
    guard operation.change == open.id else { return contains(operation.change) }
    return operation.index < open.nextIndex
  }

  private func contains(_ change: ChangeID) -> Bool {
    guard let head = self[change.log]?.head else { return false }
    return 0 < change.sequence && change.sequence <= head.sequence
  }
}

extension LogState {
  /// The key of `operation`, whose log has an ordinal.
  func key(of operation: OperationID) -> OperationKey? {
    ordinal(of: operation.log).map {
      OperationKey(ordinal: $0, sequence: operation.sequence, index: operation.index)
    }
  }

  /// The key of `operation`, whose change is held, or is just being stored.
  func heldKey(of operation: OperationID) throws(StoreError) -> OperationKey {
    guard let key = key(of: operation) else {
      throw StoreError(
        .damaged, "an operation refers to log \(operation.log), which is not held",
        remedy: "see `anabranch inspect check`")
    }
    return key
  }

  /// The operation at `key`; throws ``StoreError/Code/damaged`` for a key of a log that is not there.
  func operation(of key: OperationKey) throws(StoreError) -> OperationID {
    OperationID(log: try log(at: key.ordinal), sequence: key.sequence, index: key.index)
  }

  func key(of change: ChangeID) -> ChangeKey? {
    ordinal(of: change.log).map { ChangeKey(ordinal: $0, sequence: change.sequence) }
  }

  /// The change at `key`; throws ``StoreError/Code/damaged`` for a key of a log that is not there.
  func change(of key: ChangeKey) throws(StoreError) -> ChangeID {
    ChangeID(log: try log(at: key.ordinal), sequence: key.sequence)
  }

  private func log(at ordinal: Int) throws(StoreError) -> LogID {
    guard records.indices.contains(ordinal) else {
      throw StoreError(
        .damaged, "a row names log number \(ordinal), and there are \(records.count)",
        remedy: "see `anabranch inspect check`")
    }
    return records[ordinal].id
  }
}
