internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// Takes over from the damaged database at `path` all changes that go on from what is held here, and build on nothing else.
  ///
  /// What stands there behind what could not be read is so regained once another replica has brought that. Each is compared with the
  /// hash that is kept of it there, built on the one before it here; a signature is kept where it is its author's. Of the log that this
  /// device writes now, nothing is taken. Returns how many changes came. Throws as ``salvage(_:into:isSigned:progress:)``; all or nothing
  /// is taken. O(database) where anything comes, for all views are built anew.
  public func takeOver(from path: String) throws(StoreError) -> UInt64 {
    let (damaged, _) = try DamagedDatabase.fullest(at: path, isSigned: isSigned)
    let count = try transaction { db, state in
      return try damaged.reading { old in try takeOver(from: old, db, &state) }
    }
    try damaged.close()
    return count
  }

  private func takeOver(from old: Database, _ db: Database, _ state: inout LogState) throws -> UInt64 {
    let source = LogSurvey(headersIn: old, isSigned: isSigned)
    let insertion = views(db).insertChange
    var (count, goesOn) = (0 as UInt64, true)
    while goesOn {
      goesOn = false
      for log in source.logs where log.header.log != state.own && state[log.header.log] != nil {
        while let (sealed, signature) = try next(of: log, in: old, db, state) {
          _ = try state.keep(sealed, wall: 0, in: db, insertion)
          let checkpoint = signature.map { Checkpoint(change: sealed.change.id, hash: sealed.hash, signature: $0) }
          if let checkpoint, isSigned(state, checkpoint) { try keep([checkpoint], db, &state) }
          (count, goesOn) = (count + 1, true)
        }
      }
    }
    guard count > 0 else { return 0 }
    try state.saveFrontier(db)
    try rebuild(db, &state)
    return count
  }

  /// The change in `old` that a log goes on with here, with the signature there; nil where there is none that fits.
  private func next(
    of log: LogSurvey.Log, in old: Database, _ db: Database, _ state: LogState
  ) throws -> (SealedChange, [UInt8]?)? {
    guard let record = state[log.header.log], let context = try state.contextAfterHead(of: record, in: db),
      // What a branch goes on from is not known before all of that is here.
      record.head.sequence > 0 || !log.header.isBranch
    else { return nil }
    let id = ChangeID(log: record.id, sequence: record.head.sequence + 1)
    let row = try? old.first("SELECT hash, signature, bytes FROM change WHERE id = ?") {
      $0.add(ChangeKey(ordinal: log.ordinal, sequence: id.sequence).rawValue)
    } _: {
      (
        hash: Digest(try $0.bytes(0)), signature: try $0.optionalBytes(1),
        bytes: try $0.withBytes(2, PackedChange.bytes)
      )
    }
    guard let row, let bytes = row.bytes, let written = try? SealedChange(bytes: bytes, context: context),
      written.hash == row.hash
    else { return nil }
    let sealed = written.named(try state.named(written.change, id, in: db))
    for dependency in sealed.change.dependencies
    where try state.hash(of: dependency.change, in: db)?.head != dependency.hash { return nil }
    return (sealed, row.signature)
  }

  private func isSigned(_ state: LogState, _ checkpoint: Checkpoint) -> Bool {
    let original = state.branches.original(checkpoint.change)
    guard let header = state[original.log]?.header else { return false }
    return isSigned(checkpoint.named(original), header)
  }
}
