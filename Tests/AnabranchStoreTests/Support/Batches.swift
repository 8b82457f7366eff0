import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom

@testable import AnabranchStore
@testable import AnabranchSync

extension IncomingBatch {
  /// `changes`, in that order, as a session hands them over.
  init(_ changes: some Sequence<SealedChange>, headers: [LogID: LogHeader]) {
    var read = ReadBatch()
    for sealed in changes {
      guard let header = headers[sealed.change.id.log] else { continue }
      read.append(sealed.change.id, header: header, bytes: sealed.bytes)
    }
    self.init(read)
  }

  /// What a peer sent, as a session hands it over.
  init(_ read: ReadBatch) {
    let runs = read.runs.map { Run(log: $0.log, header: $0.header, first: $0.first, changes: $0.changes) }
    // Stores of tests take these; see ``TemporaryFolder/store(_:access:durability:)``.
    self.init(
      runs: runs, headers: read.headers.byName, signatures: runs.reduce(into: [:]) { $0[$1.log] = noSignature },
      exclusions: Exclusions())
  }
}

extension ReadBatch {
  /// Adds the next change for a session that leaves nothing out.
  mutating func append(_ change: ChangeID, header: LogHeader, bytes: [UInt8]) {
    append(change, header: header, bytes: bytes, dependencies: [])
  }
}

extension Store {
  /// Takes over a batch.
  func receive(_ batch: IncomingBatch, wall: Int64) throws(StoreError) -> Receipt {
    let logs = heads.count
    return try receive(batch, wall: wall) { Bytes16(high: 0xf0, low: UInt64(logs)) }
  }
}

/// What tests that are not about signatures sign with.
let noSignature = [UInt8](repeating: 0xcc, count: 64)

/// The wall clock of tests that are not about time: years after every generated one but those that are far ahead.
let someWall: Int64 = 1_800_000_000_000

extension Store {
  /// Receives `changes` in batches of random sizes.
  func receive(
    _ changes: [SealedChange], of history: GeneratedHistory, batchMax: Int = 12,
    using random: inout RandomStream
  ) throws {
    var rest = changes[...]
    while !rest.isEmpty {
      let batch = rest.prefix(random.number(in: 1...batchMax))
      rest = rest.dropFirst(batch.count)
      _ = try receive(IncomingBatch(batch, headers: history.headers), wall: someWall)
    }
  }

  /// Takes over all that `other` holds and this one lacks, up to `bytesMax` bytes at a time and `batchesMax` times.
  func pull(from other: Store, bytesMax: Int = 4_096, batchesMax: Int = .max, wall: Int64 = someWall) throws {
    for _ in 0..<batchesMax {
      let (changes, _) = try other.changes(missingFrom: vector, bytesMax: bytesMax)
      guard !changes.isEmpty else { return }
      var read = ReadBatch()
      for change in changes {
        guard let header = other.header(of: change.id.log) else { continue }
        read.append(change.id, header: header, bytes: change.bytes)
      }
      _ = try receive(IncomingBatch(read), wall: wall)
    }
  }

  /// Everything in the log, read back.
  func sealedChanges() throws -> [SealedChange] {
    let (stored, _) = try changes(missingFrom: VersionVector(), bytesMax: .max)
    var heads: [LogID: LogHead] = [:]
    return try stored.map { change in
      let log = change.id.log
      let head = heads[log] ?? LogHead(sequence: 0, hash: header(of: log)?.foundingHash ?? .zero)
      guard let context = SealedChange.Context(after: head, in: log) else { throw StoreError(.limit, "full") }
      let sealed = try SealedChange(bytes: change.bytes, context: context)
      heads[log] = LogHead(sequence: change.id.sequence, hash: sealed.hash)
      return sealed
    }
  }
}
