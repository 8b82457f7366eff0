internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// An operation as the log has it, with its name and its change's time.
struct HeldOperation {
  let id: OperationID
  let operation: Operation
  let change: Change
}

extension Database {
  /// The change at `key`; nil where it is not held. Its hash is not checked, unless something is known to be damaged: that is `verify`'s
  /// work.
  func change(_ key: ChangeKey, _ logs: LogState) throws -> Change? {
    guard let bytes = try changeBytes(key) else { return nil }
    let id = try logs.change(of: key)
    if logs.unreadable != nil { try logs.checkHash(of: id, held: bytes, in: self) }
    return try logs.change(id, held: bytes, in: self)
  }

  /// The canonical bytes of the change at `key`; nil where it is not held.
  func changeBytes(_ key: ChangeKey) throws -> [UInt8]? {
    try first("SELECT bytes FROM change WHERE id = ?") {
      $0.add(key.rawValue)
    } _: { columns in
      guard let bytes = try columns.withBytes(0, PackedChange.bytes) else { throw StoreError(unpackable: key) }
      return bytes
    }
  }

  /// The hash that is kept of the change at `key`; nil where it is not held, or is none.
  func changeHash(_ key: ChangeKey) throws -> Digest? {
    try first("SELECT hash FROM change WHERE id = ?") {
      $0.add(key.rawValue)
    } _: {
      try $0.withBytes(0) { Digest($0) }
    } ?? nil
  }

  /// The operation at `key`; nil where its change is not held.
  func operationIfHeld(_ key: OperationKey, _ logs: LogState) throws -> HeldOperation? {
    guard let change = try change(key.change, logs),
      let operation = change.operations.first(where: { $0.index == key.index })
    else { return nil }
    return HeldOperation(id: try logs.operation(of: key), operation: operation, change: change)
  }

  /// The operation at `key`, which a view refers to and so must be held.
  func operation(_ key: OperationKey, _ logs: LogState) throws -> HeldOperation {
    guard let held = try operationIfHeld(key, logs) else {
      let id = try logs.operation(of: key)
      throw StoreError(
        .damaged, "operation \(id.index) of change \(id.sequence) of log \(id.log) is missing",
        remedy: "see `anabranch inspect check`")
    }
    return held
  }
}

extension LogState {
  /// A held change, whose bytes are `bytes`, by the names of here. Its hash is not checked.
  func change(_ id: ChangeID, held bytes: [UInt8], in db: Database) throws -> Change {
    try named(Change(branches.original(id), held: bytes), id, in: db)
  }

  /// The header of one.
  func changeHeader(_ id: ChangeID, held bytes: [UInt8], in db: Database) throws -> ChangeHeader {
    try named(ChangeHeader(ofHeld: branches.original(id), in: bytes), id, in: db)
  }

  /// Whether a held change is what it was: whether `bytes`, which are kept of it, have the hash that is kept of it, after the change
  /// before it.
  func isIntact(_ id: ChangeID, held bytes: [UInt8], in db: Database) throws -> Bool {
    let context = try context(of: id, in: db)
    guard let sealed = try? SealedChange(bytes: bytes, context: context) else { return false }
    return try sealed.hash == hash(of: id, in: db)
  }

  /// The key of a held change.
  func keyOfHeld(_ id: ChangeID) throws(StoreError) -> ChangeKey {
    guard let key = key(of: id) else {
      throw StoreError(.damaged, "log \(id.log) is missing", remedy: "see `anabranch inspect check`")
    }
    return key
  }
}

extension StoreError {
  /// The row at `key` is not what was packed.
  init(unpackable key: ChangeKey) {
    self.init(
      .damaged, "change \(key.sequence) of log number \(key.ordinal) cannot be unpacked",
      remedy: "see `anabranch inspect check`")
  }

  /// There is no row of a held change.
  init(missing id: ChangeID) {
    self.init(
      .damaged, "change \(id.sequence) of log \(id.log) is missing", remedy: "see `anabranch inspect check`")
  }
}

extension SealedChange {
  /// A held change, whose bytes are `bytes`; throws ``StoreError/Code/damaged`` where they cannot be read.
  init(held bytes: [UInt8], context: Context) throws(StoreError) {
    do throws(WireError) {
      try self.init(bytes: bytes, context: context)
    } catch {
      throw StoreError(unreadable: context.id, error)
    }
  }
}

extension Change {
  /// A held change, whose bytes are `bytes` and whose hash is not asked for; throws ``StoreError/Code/damaged`` where they cannot be
  /// read.
  init(_ id: ChangeID, held bytes: [UInt8]) throws(StoreError) {
    do throws(WireError) {
      try self.init(id, bytes: bytes)
    } catch {
      throw StoreError(unreadable: id, error)
    }
  }
}
