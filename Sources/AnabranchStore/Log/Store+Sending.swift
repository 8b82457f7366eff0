public import AnabranchCore
public import AnabranchSync
internal import AnabranchWire
internal import GRDB

extension Store {
  /// The longest step that is sent: seven eighths of a frame, which leaves room for what frames it.
  static let stepBytesMax = Limits.frameBytesMax / 8 * 7

  /// A change as it lies in the log.
  public struct StoredChange: Hashable, Sendable {
    /// Its name.
    public var id: ChangeID
    /// Its canonical bytes.
    public var bytes: [UInt8]
  }

  /// The next changes that a replica which holds `known` lacks, each after all it depends on.
  ///
  /// As many as fit into `bytesMax`, but at least one if any is missing; none beyond `limit`, by default all that is
  /// held. The second result is what the replica holds once it has them. O(changes returned + logs).
  public func changes(
    missingFrom known: VersionVector, upTo limit: VersionVector? = nil, bytesMax: Int
  ) throws(StoreError) -> (changes: [StoredChange], position: VersionVector) {
    let held = limit ?? state.vector
    guard !known.includes(held) else { return ([], known) }
    return try reading { db in
      var reading = LogReading(db, state, path)
      var order = CausalOrder(held: held, known: known)
      var changes: [StoredChange] = []
      var (total, position) = (0, known)
      while total < bytesMax || changes.isEmpty {
        guard let id = try order.next(dependencies: { try reading.facts(of: $0).dependencies }) else { break }
        let bytes = try reading.facts(of: id).bytes
        guard changes.isEmpty || total + bytes <= bytesMax else { break }
        changes.append(try reading.take(id))
        total += bytes
        position = order.position
      }
      return (changes, position)
    }
  }

  /// What a session asked to read for its peer: changes with their authors' signatures, so that the peer can check them.
  ///
  /// O(changes returned + logs), and a signature made here for each log of this device.
  public func batch(_ request: ReadRequest) throws(StoreError) -> ReadBatch {
    guard !request.known.includes(request.held) else { return ReadBatch() }
    return try reading { db in
      var reading = LogReading(db, state, path)
      var order = SignedOrder(held: request.held, known: request.known, stepMax: Self.stepBytesMax)
      var batch = ReadBatch()
      var total = 0
      while total < request.bytesMax || batch.runs.isEmpty {
        var further = order
        guard
          let step = try further.next(
            facts: { try reading.facts(of: $0) },
            signed: { try proof(of: $0, db, state) })
        else {
          batch.unsigned = order.unsigned
          break
        }
        guard batch.runs.isEmpty || total + step.bytes <= request.bytesMax else { break }
        for id in step.changes {
          guard let header = state[id.log]?.header else { continue }
          let dependencies = try reading.facts(of: id).dependencies
          batch.append(id, header: header, bytes: try reading.take(id).bytes, dependencies: dependencies)
        }
        total += step.bytes
        order = further
        reading.forget()
      }
      if !state.branches.isEmpty { batch.headers = state.branchHeaders }
      for (log, last) in order.position.entries.sorted(by: { $0.log < $1.log }) where last > request.known[log] {
        // The end of a log that forked may be proved by a branch, which is in the batch then.
        guard let record = state[log], last <= record.signed || state.signs(signer, record) else { continue }
        batch.checkpoints.append(try checkpoint(at: last, of: record, db, state))
      }
      return batch
    }
  }
}

/// Changes on their way out of the log, each read once.
private struct LogReading {
  private let db: Database
  private let state: LogState
  private let path: String
  private var read: [ChangeID: (facts: SignedOrder.Facts, bytes: [UInt8])] = [:]

  init(_ db: Database, _ state: LogState, _ path: String) {
    self.db = db
    self.state = state
    self.path = path
  }

  mutating func facts(of change: ChangeID) throws -> SignedOrder.Facts {
    try found(change).facts
  }

  /// A change that is sent now.
  mutating func take(_ change: ChangeID) throws -> Store.StoredChange {
    let bytes = try found(change).bytes
    read[change] = nil
    try check(change, bytes)
    return Store.StoredChange(id: change, bytes: bytes)
  }

  /// Forgets what was read and not sent.
  mutating func forget() {
    read.removeAll(keepingCapacity: true)
  }

  private mutating func found(_ change: ChangeID) throws -> (facts: SignedOrder.Facts, bytes: [UInt8]) {
    if let known = read[change] { return known }
    guard let key = state.key(of: change), let bytes = try db.changeBytes(key) else {
      throw StoreError(
        .damaged, "change \(change.sequence) of log \(change.log) is missing from \(path)",
        remedy: "see `anabranch inspect check`")
    }
    let dependencies = try state.changeHeader(change, held: bytes, in: db).dependencies.map(\.change)
    let found = (SignedOrder.Facts(dependencies: dependencies, bytes: bytes.count), bytes)
    read[change] = found
    return found
  }

  /// What the disk has altered must not be passed on: the receiver, who has no other hash, would take it for true.
  private func check(_ id: ChangeID, _ bytes: [UInt8]) throws {
    guard try state.isIntact(id, held: bytes, in: db) else {
      throw StoreError(
        .damaged, "change \(id.sequence) of log \(id.log) does not have the hash that is kept of it",
        remedy: StoreError.repairing)
    }
  }
}
