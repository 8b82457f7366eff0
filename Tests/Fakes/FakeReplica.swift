package import AnabranchCore
package import AnabranchSync
package import AnabranchWire

/// A replica as a dictionary of logs: durable as soon as it is told.
package struct FakeReplica: Sendable {
  /// A log and all its changes.
  package struct Log {
    package var header: LogHeader
    package var changes: [SealedChange] = []
    /// The signatures that came with it.
    package var checkpoints: [UInt32: Checkpoint] = [:]

    /// A log that has those changes, and no signature of them.
    package init(header: LogHeader, changes: [SealedChange] = []) {
      (self.header, self.changes) = (header, changes)
    }
  }

  package let device: Digest
  package let name: String
  package private(set) var own: LogID
  package var logs: [LogID: Log] = [:]
  package var branches = Branches()
  /// The branches that it knows by name, whether it holds something of them or not.
  package var names: [LogID: LogHeader] = [:]
  /// Whether what was applied last gave logs other names.
  package var isSplit = false
  private var writes: UInt64 = 0
  /// The hashes of what was written here.
  package private(set) var written: Set<Digest> = []
  /// The files it has, or wants.
  package var blobs: [BlobID: Blob] = [:]

  /// Replica number `number`, with a log of its own and nothing in it.
  package init(_ number: UInt64) {
    device = Hashing.hash(.content, [UInt8(truncatingIfNeeded: number)])
    name = "replica \(number)"
    let header = LogHeader.device(key: device, nonce: Bytes16(high: number, low: 0))
    own = header.log
    logs[own] = Log(header: header)
  }

  /// The replica of `device`, which has written `changes` in the log of `header`.
  package init(_ device: Digest, writing header: LogHeader, _ changes: [SealedChange]) {
    self.device = device
    name = "replica"
    own = header.log
    logs[own] = Log(header: header, changes: changes)
    (writes, written) = (UInt64(changes.count), Set(changes.map(\.hash)))
  }

  // MARK: What it holds

  package var vector: VersionVector {
    VersionVector(logs.map { ($0.key, UInt32($0.value.changes.count)) })
  }

  package func head(of log: LogID) -> LogHead? {
    guard let found = logs[log] else { return nil }
    return LogHead(
      sequence: UInt32(found.changes.count), hash: found.changes.last?.hash ?? found.header.foundingHash)
  }

  package func hash(of change: ChangeID) -> Digest? {
    guard let log = logs[change.log], change.sequence > 0, Int(change.sequence) <= log.changes.count
    else { return nil }
    return log.changes[Int(change.sequence) - 1].hash
  }

  package func change(_ id: ChangeID) -> SealedChange? {
    guard hash(of: id) != nil else { return nil }
    return logs[id.log]?.changes[Int(id.sequence) - 1]
  }

  /// What it can prove: all of its own log, and of the others what came with a signature.
  package var provable: VersionVector {
    VersionVector(logs.keys.map { ($0, provable($0)) })
  }

  package var heads: [HeldLog] {
    provable.entries.compactMap { log, last in
      hash(of: ChangeID(log: log, sequence: last)).map { HeldLog(log: log, sequence: last, hash: $0.head) }
    }
  }

  /// The author's word for a held change, which it gives without any key.
  private func checkpoint(at id: ChangeID) -> Checkpoint? {
    guard id.log == own else { return logs[id.log]?.checkpoints[id.sequence] }
    return hash(of: id).map { Self.checkpoint(at: id, hash: $0) }
  }

  package static func checkpoint(at id: ChangeID, hash: Digest) -> Checkpoint {
    let signed = Checkpoint.signedHash(of: id, hash: hash).bytes
    return Checkpoint(change: id, hash: hash, signature: Array(signed) + Array(signed))
  }

  package var local: LocalReplica {
    LocalReplica(device: device, log: own, name: name, semanticsLevel: 1, heads: heads, branches: branches)
  }

  /// Equal for replicas that hold the same.
  package var contents: [LogID: Digest] {
    logs.filter { !$0.value.changes.isEmpty }.compactMapValues { $0.changes.last?.hash }
  }

  // MARK: Writing

  /// Writes a message of `bytes` bytes, having seen all it holds. Returns what grew.
  @discardableResult
  package mutating func write(bytes: Int = 20) -> VersionVector {
    writes += 1
    let sequence = UInt32(logs[own]?.changes.count ?? 0) + 1
    let id = ChangeID(log: own, sequence: sequence)
    let time = HybridTime(milliseconds: 1_700_000_000_000 + Int64(writes), counter: 0)
    var open = OpenChange(id: id, time: time, wall: time.milliseconds, action: sequence)
    let text = (0..<bytes).map { UInt8(97 + ($0 + Int(writes)) % 26) }
    let message = CreateMessage(
      parents: [], line: .continued, role: .user, created: time.milliseconds, length: UInt32(bytes))
    _ = open.append(
      Draft(
        kind: .createMessage, target: .imported(Bytes16(high: 1, low: 1)), mutation: .createMessage(message),
        content: .present(salt: Bytes16(high: writes, low: device.tail.low), bytes: text[...])))
    let dependencies = vector.entries.filter { $0.log != own }.compactMap { log, last in
      let change = ChangeID(log: log, sequence: last)
      return hash(of: change).map { Dependency(change: change, hash: $0.head) }
    }
    let previous = head(of: own)?.hash ?? .zero
    let sealed = SealedChange(
      sealing: open, context: SealedChange.Context(id: id, previous: previous), dependencies: dependencies)
    logs[own]?.changes.append(sealed)
    written.insert(sealed.hash)
    return VersionVector([(own, sequence)])
  }

  /// Goes on in a log of its own that nobody else has.
  package mutating func openLog() {
    let header = LogHeader.device(key: device, nonce: Bytes16(high: writes, low: 1))
    own = header.log
    logs[own] = Log(header: header)
  }

  /// The same files on another machine, which does not know that it is a copy but has a key of its own.
  package func cloned(as number: UInt64) -> FakeReplica {
    var clone = FakeReplica(number)
    clone.own = own
    clone.logs = logs
    (clone.branches, clone.names) = (branches, names)
    clone.written = written
    clone.writes = writes + 1000 * number
    return clone
  }

  /// Holds what `other` holds, as a database of before logs were signed does: without anybody's word for it.
  package mutating func hold(unsigned other: FakeReplica) {
    for (log, held) in other.logs where log != own {
      logs[log] = Log(header: held.header, changes: held.changes)
    }
  }

  // MARK: What a session asks for

  package func compare(_ heads: [HeldLog]) -> Comparison {
    Comparison(of: heads, branches, last: { head(of: $0)?.sequence ?? 0 }, hash: hash)
  }

  package func read(_ request: ReadRequest) -> ReadBatch {
    var order = SignedOrder(held: request.held, known: request.known)
    var batch = ReadBatch()
    var bytes = 0
    while true {
      var further = order
      let step = further.next { id in
        let sealed = change(id)
        return SignedOrder.Facts(
          dependencies: sealed?.change.dependencies.map(\.change) ?? [], bytes: sealed?.bytes.count ?? 0)
      } signed: { id in
        proof(of: id)
      }
      guard let step else {
        batch.unsigned = order.unsigned
        break
      }
      bytes += step.bytes
      if !batch.runs.isEmpty, bytes > request.bytesMax { break }
      for id in step.changes {
        guard let sealed = change(id), let header = logs[id.log]?.header else { continue }
        batch.append(id, header: header, bytes: sealed.bytes, dependencies: sealed.change.dependencies.map(\.change))
      }
      order = further
    }
    batch.headers = branchHeaders
    for (log, last) in order.position.entries where last > request.known[log] {
      if let checkpoint = checkpoint(at: ChangeID(log: log, sequence: last)) { batch.checkpoints.append(checkpoint) }
    }
    return batch
  }
}
