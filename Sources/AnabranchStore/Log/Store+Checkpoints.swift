public import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

/// The authors' words for their logs.
///
/// Of other devices' logs one is kept at the end of each batch in which they came: so there is always a place to stop at
/// between a log and those that build on it, when they are passed on. What this device writes it signs at the end of a
/// transaction, or soon after, and within long ones: so the database can be passed on without the key, too. Those that no step of
/// what is passed on would stop at go when the next one comes: so an answer that streams has one, and not one for each change.
extension Store {
  /// How far of each log it can be proved that its author wrote it: no more than that is passed on.
  public var provable: VersionVector {
    state.provable(by: signer)
  }

  /// How many changes are held that nobody can be given, since their authors' signatures have not come. What this device wrote it can
  /// sign at any time, also where its key is not there just now.
  public var unproved: UInt64 {
    let vector = state.vector
    var provable = state.provable(by: signer)
    if let own = state.own { provable[own] = vector[own] }
    return vector.changes(missingFrom: provable)
  }

  /// The last change of its own log that this device has signed; 0 for none.
  public var ownSigned: UInt32 {
    state.own.flatMap { state[$0]?.signed } ?? 0
  }

  /// Whether this device has written what it can sign and has not signed yet.
  public var hasUnsigned: Bool {
    guard let own = state.own, let record = state[own] else { return false }
    return record.head.sequence > record.signed && state.signs(signer, record)
  }

  /// Bytes that this device writes before it signs within a transaction: what is signed at once travels at once.
  static let unsignedBytesMax = 128 * 1024

  /// Signs what this device has written, where its key is there.
  func signOwnLog(_ db: Database, _ state: inout LogState) throws {
    unsignedBytes = 0
    guard let own = state.own, let record = state[own], record.head.sequence > record.signed,
      state.signs(signer, record)
    else { return }
    try keep([checkpoint(at: record.head.sequence, of: record, db, state)], db, &state)
  }

  /// Keeps `checkpoints`, of changes that are held, and none that is not needed beside them.
  func keep(_ checkpoints: [Checkpoint], _ db: Database, _ state: inout LogState) throws {
    for checkpoint in checkpoints {
      guard let key = state.key(of: checkpoint.change) else { continue }
      try db.run("UPDATE change SET signature = ? WHERE id = ?") { values in
        values.add(checkpoint.signature)
        values.add(key.rawValue)
      }
      guard let idle = state.note(checkpoint).flatMap({ state.key(of: $0) }) else { continue }
      try db.run("UPDATE change SET signature = NULL WHERE id = ?") { $0.add(idle.rawValue) }
    }
  }

  /// The signature at a change: the one that is kept, or one made now.
  func checkpoint(
    at sequence: UInt32, of record: LogState.Record, _ db: Database, _ state: LogState
  ) throws -> Checkpoint {
    let change = ChangeID(log: record.id, sequence: sequence)
    guard let hash = try state.hash(of: change, in: db), let key = state.key(of: change) else {
      throw StoreError(
        .damaged, "change \(sequence) of log \(record.id) is held without a hash",
        remedy: "see `anabranch inspect check`")
    }
    if state.signs(signer, record), let signer {
      return try Checkpoint(of: state.branches.original(change), hash: hash, by: signer).named(change)
    }
    guard let signature = try db.checkpoint(at: key) else {
      throw StoreError(
        .damaged, "log \(record.id) is to be signed at change \(sequence), and is not",
        remedy: "see `anabranch inspect check`")
    }
    return Checkpoint(change: change, hash: hash, signature: signature)
  }

  /// What proves a change: the first from it on at which its log is signed, or can be; or, where that ends before, one of a branch
  /// that goes on from there. Nil where nothing does.
  func proof(of change: ChangeID, _ db: Database, _ state: LogState) throws -> ChangeID? {
    guard let record = state[change.log] else { return nil }
    if state.signs(signer, record) { return change }
    if change.sequence <= record.signed, let first = state.key(of: change),
      let last = state.key(of: ChangeID(log: record.id, sequence: record.signed))
    {
      return try db.firstCheckpoint(in: first.rawValue...last.rawValue).map { try state.change(of: $0) }
    }
    let branch = state.branches.branches(after: change.log).first { state.provable($0, by: signer) > 0 }
    return try branch.flatMap { try proof(of: ChangeID(log: $0, sequence: 1), db, state) }
  }

  /// At which changes of `log` a signature is kept, in order. O(signatures).
  package func signedSequences(of log: LogID) throws(StoreError) -> [UInt32] {
    try reading { db in try db.checkpoints().map { try state.change(of: $0.0) }.filter { $0.log == log }.map(\.sequence)
    }
  }

  /// What is wrong with signatures that are not kept here, of changes that are held: they are compared with their authors' keys,
  /// whatever this store believes.
  func faults(of signatures: [(change: ChangeID, signature: [UInt8])]) throws(StoreError) -> [String] {
    try reading { db in
      try signatures.compactMap { change, signature in
        let original = state.branches.original(change)
        guard let record = state[change.log], let hash = try state.hash(of: change, in: db),
          Checkpoint(change: original, hash: hash, signature: signature)
            .isSigned(under: state[original.log]?.header ?? record.header)
        else { return "log \(change.log) is not what its author signed at change \(change.sequence)" }
        return nil
      }
    }
  }
}

extension Database {
  /// The last change within bounds that is signed.
  func lastCheckpoint(in bounds: ClosedRange<Int64>) throws -> ChangeKey? {
    try first("SELECT id FROM change WHERE id BETWEEN ? AND ? AND signature IS NOT NULL ORDER BY id DESC LIMIT 1") {
      $0.add(bounds.lowerBound)
      $0.add(bounds.upperBound)
    } _: {
      ChangeKey(rawValue: try $0.integer(0))
    }
  }

  /// The first one.
  func firstCheckpoint(in bounds: ClosedRange<Int64>) throws -> ChangeKey? {
    try first("SELECT id FROM change WHERE id BETWEEN ? AND ? AND signature IS NOT NULL ORDER BY id LIMIT 1") {
      $0.add(bounds.lowerBound)
      $0.add(bounds.upperBound)
    } _: {
      ChangeKey(rawValue: try $0.integer(0))
    }
  }

  /// The signature that is kept at a change; nil for none.
  func checkpoint(at key: ChangeKey) throws -> [UInt8]? {
    try first("SELECT signature FROM change WHERE id = ? AND signature IS NOT NULL") {
      $0.add(key.rawValue)
    } _: {
      Array(try $0.bytes(0))
    }
  }

  fileprivate func checkpoints() throws -> [(ChangeKey, [UInt8])] {
    try all("SELECT id, signature FROM change WHERE signature IS NOT NULL ORDER BY id") { _ in
    } _: {
      (ChangeKey(rawValue: try $0.integer(0)), Array(try $0.bytes(1)))
    }
  }
}
