internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension ViewWriter {
  /// Notes an operation on the roster.
  func noteRosterOperation(_ key: OperationKey) throws {
    try db.run("INSERT OR REPLACE INTO roster(operation) VALUES(?)") { $0.add(key.rawValue) }
  }
}

extension Mutation {
  /// What it does to the roster; nil for anything else.
  var rosterAct: Roster.Act? {
    switch self {
    case .enrol(let enrol): .enrol(enrol)
    case .restrict(let restrict): .restrict(restrict)
    case .adopt(let adopt): .adopt(adopt)
    default: nil
    }
  }
}

extension LogState {
  /// Works out who belongs to the space, by all that is held.
  mutating func readRoster(_ db: Database) throws {
    guard let space else {
      roster = .unfounded
      return
    }
    let keys = try db.all("SELECT operation FROM roster ORDER BY operation") { _ in
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
    roster = Roster(
      try keys.compactMap { key in
        let held = try db.operation(key, self)
        return held.operation.mutation.rosterAct.flatMap { entry(held.id, $0, in: space) }
      })
  }

  private func entry(_ operation: OperationID, _ act: Roster.Act, in space: Bytes16) -> Roster.Entry? {
    guard let author = device(of: operation.log) else { return nil }
    let (word, hash): (RecoveryWord?, Digest)
    let said: Bytes16
    switch act {
    case .enrol(let enrol):
      (said, word, hash) = (enrol.space, enrol.recovery, RecoveryWord.signedHash(of: enrol))
    case .restrict(let restrict):
      (said, word, hash) = (restrict.space, restrict.recovery, RecoveryWord.signedHash(of: restrict))
    case .adopt(let adopt):
      (said, word, hash) = (adopt.space, nil, .zero)
    }
    guard said == space else { return nil }
    guard let word else { return Roster.Entry(operation, by: author, act) }
    guard word.vouches(for: hash, in: space) else { return nil }
    return Roster.Entry(operation, by: author, act, isByRecoveryKey: true)
  }

  /// The device that writes `log`: of a branch, the one that wrote what it branched from.
  func device(of log: LogID) -> Digest? {
    var header = self[log]?.header
    // A branch names a log that stands before it, so there is an end; a forger's circle is not gone round more often.
    for _ in 0..<Limits.logsMax {
      switch header {
      case .device(let key, _): return key
      case .branch(let log, _, _): header = self[log]?.header
      case nil: return nil
      }
    }
    return nil
  }
}
