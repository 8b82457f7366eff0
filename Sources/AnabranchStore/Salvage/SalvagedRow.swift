internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A row of a log in a database that may be damaged: its author's word only if it has its hash.
struct SalvagedRow {
  /// The hash that is kept of it; nil where that is none.
  let hash: Digest?
  private let bytes: [UInt8]?
  /// The signature that is kept with it, whoever's it is.
  let signature: [UInt8]?

  /// The row at `key`; nil where there is none that can be read.
  init?(_ key: ChangeKey, in old: Database) {
    let row = try? old.first("SELECT hash, signature, bytes FROM change WHERE id = ?") {
      $0.add(key.rawValue)
    } _: {
      (
        hash: Digest(try $0.bytes(0)), signature: try $0.optionalBytes(1),
        bytes: try $0.withBytes(2, PackedChange.bytes)
      )
    }
    guard let row else { return nil }
    (hash, signature, bytes) = (row.hash, row.signature, row.bytes)
  }

  /// Whether it is the first change of a log, which is no branch.
  func isFirst(of header: LogHeader) -> Bool {
    guard !header.isBranch, let bytes, let hash else { return false }
    let context = SealedChange.Context(id: ChangeID(log: header.log, sequence: 1), previous: header.foundingHash)
    return (try? SealedChange(bytes: bytes, context: context))?.hash == hash
  }

  /// The change in it as the next one of a log in `state`, by the names of there; nil where it is not that. In a damaged tree a row that
  /// is looked for may be another one than that which stood there in order.
  func change(after record: LogState.Record, _ state: LogState, _ db: Database) throws -> SealedChange? {
    guard let context = try state.contextAfterHead(of: record, in: db), let bytes,
      let written = try? SealedChange(bytes: bytes, context: context), written.hash == hash
    else { return nil }
    let id = ChangeID(log: record.id, sequence: record.head.sequence + 1)
    return written.named(try state.named(written.change, id, in: db))
  }
}

extension LogState {
  /// The first of what a change builds on that is not held, or is another one here; nil where all is.
  func lacking(_ sealed: SealedChange, in db: Database) throws -> Dependency? {
    try sealed.change.dependencies.first { try !isHeld($0, in: db) }
  }

  /// Whether what a change builds on is held, and is that.
  func isHeld(_ dependency: Dependency, in db: Database) throws -> Bool {
    try hash(of: dependency.change, in: db)?.head == dependency.hash
  }
}
