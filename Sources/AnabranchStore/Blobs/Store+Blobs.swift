public import AnabranchCore
public import AnabranchWire
internal import GRDB

/// What is to be fetched of a blob.
public enum BlobLack: Hashable, Sendable {
  /// Nothing: it is here, or no attachment needs it.
  case nothing
  /// All of it.
  case whole
  /// The blocks at these indices, in ascending order.
  case blocks([UInt32], of: BlobOutline)
}

extension Store {
  // MARK: Taking in

  /// What is lacking of a blob that `device` has, whole, with `byteCount` bytes. Takes note that it has it.
  ///
  /// Nothing where that is more than `bytesMax`, unless the blob is wanted by name; and nothing but what is wanted by name
  /// where that is nil. How long a file is said to be where it was attached is anybody's word.
  public func lack(
    of blob: BlobID, heldBy device: Digest, byteCount: UInt64 = 0, upTo bytesMax: UInt64? = .max
  ) throws(StoreError) -> BlobLack {
    try transaction { db, state in
      guard let row = try BlobRow.fetch(db, blob), try ContentReader(db, state).isNeeded(blob) else { return .nothing }
      try db.run("INSERT OR IGNORE INTO blob_holder(blob, device) VALUES(?, ?)") { values in
        values.add(blob.digest)
        values.add(device)
      }
      let outline = row.outline(of: blob)
      guard !row.isWhole || outline == nil else { return .nothing }
      let isWithin = bytesMax.map { byteCount <= $0 } ?? false
      guard isWithin || row.isWanted else { return .nothing }
      guard let outline else { return .whole }
      let held = try Set(db.blocks(of: row))
      return .blocks((0..<UInt32(outline.blocks.count)).filter { !held.contains($0) }, of: outline)
    }
  }

  /// Keeps the outline of a blob that is expected here; nothing where it is not, or the outline is here. Returns whether
  /// the blob is whole with that, because it is empty, or all its blocks are here.
  @discardableResult
  public func keep(_ outline: BlobOutline) throws(StoreError) -> Bool {
    try transaction { db, _ in
      guard let row = try BlobRow.fetch(db, outline.id), row.outline(of: outline.id) == nil else { return false }
      let held = try db.blocks(of: row).count
      try db.run("UPDATE blob SET bytes = ?, missing = ?, outline = ? WHERE number = ?") { values in
        values.add(Int64(clamping: outline.byteCount))
        values.add(Int64(outline.blocks.count - held))
        values.add(outline.blocks.flatMap(\.bytes))
        values.add(row.number)
      }
      return outline.blocks.count == held
    }
  }

  /// Keeps a block of a blob whose outline is here, durable when this returns; nothing where no attachment needs the
  /// blob, or the block is here. Returns whether the blob is whole with that.
  ///
  /// Throws ``StoreError/Code/refused`` where it is not the blob's.
  @discardableResult
  public func keep(_ bytes: [UInt8], at index: UInt32, of blob: BlobID) throws(StoreError) -> Bool {
    try transaction { db, _ in
      // The outline was checked when it was kept, and is again once all blocks are here.
      guard let row = try BlobRow.fetch(db, blob), row.blocks != nil, !row.isWhole else { return false }
      guard row.hash(ofBlock: index) == BlobOutline.hash(ofBlock: bytes[...]) else {
        throw StoreError(.refused, "expected block \(index) of blob \(blob), got another one")
      }
      try db.run("INSERT OR IGNORE INTO block(id, bytes) VALUES(?, ?)") { values in
        values.add(row.key(ofBlock: index))
        values.add(bytes)
      }
      guard db.changesCount > 0 else { return false }
      try db.run("UPDATE blob SET missing = missing - 1 WHERE number = ?") { $0.add(row.number) }
      guard row.missing == 1 else { return false }
      guard row.outline(of: blob) != nil else {
        try db.forgetOutline(row)
        return false
      }
      return true
    }
  }

  /// Takes `blob` out of what is here where one of its blocks turned out to be damaged, so that it is fetched again.
  public func dropDamaged(_ index: UInt32, of blob: BlobID) throws(StoreError) {
    try transaction { db, _ in
      guard let row = try BlobRow.fetch(db, blob) else { return }
      try db.run("DELETE FROM block WHERE id = ?") { $0.add(row.key(ofBlock: index)) }
      guard db.changesCount > 0 else { return }
      try db.run("UPDATE blob SET missing = missing + 1 WHERE number = ?") { $0.add(row.number) }
    }
  }

  /// Forgets the hashes of a blob's blocks where they turned out not to be its own, so that they are fetched again.
  public func dropDamagedOutline(of blob: BlobID) throws(StoreError) {
    try transaction { db, _ in
      guard let row = try BlobRow.fetch(db, blob), row.blocks != nil, row.outline(of: blob) == nil else { return }
      try db.forgetOutline(row)
    }
  }

  // MARK: Handing out

  /// Those of `blobs` that are here whole, with their lengths. Whether the disk has altered them is seen when they are read.
  public func wholeBlobs(_ blobs: [BlobID]) throws(StoreError) -> [(blob: BlobID, byteCount: UInt64)] {
    try reading(onlyRows: true) { db in
      try blobs.compactMap { blob in
        guard let row = try BlobRow.fetch(db, blob), row.isWhole, try db.isAttached(blob)
        else { return nil }
        return (blob, row.byteCount)
      }
    }
  }

  /// The outline of a blob; nil where it is not here, or damaged. O(blocks).
  public func outline(of blob: BlobID) throws(StoreError) -> BlobOutline? {
    try reading(onlyRows: true) { db in try BlobRow.fetch(db, blob)?.outline(of: blob) }
  }

  /// A block of a blob, checked against its outline; nil where it is not here. Throws ``StoreError/Code/damaged`` where
  /// it is not what it was.
  public func block(_ index: UInt32, of blob: BlobID) throws(StoreError) -> [UInt8]? {
    try reading(onlyRows: true) { db in
      guard let row = try BlobRow.fetch(db, blob), let blocks = row.blocks, Int(index) < blocks.count else {
        return nil
      }
      let bytes = try db.first("SELECT bytes FROM block WHERE id = ?") {
        $0.add(row.key(ofBlock: index))
      } _: {
        try $0.bytes(0)
      }
      guard let bytes else { return nil }
      guard BlobOutline.hash(ofBlock: bytes[...]) == blocks[Int(index)] else {
        throw StoreError(
          .damaged, "block \(index) of blob \(blob) is damaged",
          remedy: "sync with a device that has the file, and it is fetched again")
      }
      return bytes
    }
  }
}

extension Database {
  fileprivate func forgetOutline(_ row: BlobRow) throws {
    try run("UPDATE blob SET outline = NULL, missing = 1 WHERE number = ?") { $0.add(row.number) }
  }

  /// Whether an attachment needs a blob whose content is here: one that was purged too, until its bytes are taken.
  func isAttached(_ blob: BlobID) throws -> Bool {
    try first("SELECT 1 FROM attached WHERE blob = ? LIMIT 1") {
      $0.add(blob.digest)
    } _: { _ in
      true
    } ?? false
  }

  /// The attachments that need a blob, and whose content is here.
  func needers(of blob: BlobID) throws -> [OperationKey] {
    try all("SELECT operation FROM attached WHERE blob = ? ORDER BY operation") {
      $0.add(blob.digest)
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }

  /// The indices of the blocks of a blob that are here, in ascending order.
  func blocks(of row: BlobRow) throws -> [UInt32] {
    try all("SELECT id FROM block WHERE id BETWEEN ? AND ? ORDER BY id") { values in
      values.add(row.blockKeys.lowerBound)
      values.add(row.blockKeys.upperBound)
    } _: {
      BlobRow.index(ofKey: try $0.integer(0))
    }
  }

  /// Notes a blob that is needed here, as far as none of it is known; it has `byteCount` bytes, somebody says.
  func expect(_ blob: BlobID, byteCount: UInt64) throws {
    try run("INSERT OR IGNORE INTO blob(id, bytes, missing) VALUES(?, ?, 1)") { values in
      values.add(blob.digest)
      values.add(Int64(clamping: byteCount))
    }
  }
}

extension ContentReader {
  /// Whether an attachment needs a blob that nobody purged, nor its message, nor its conversation: what is hidden forever
  /// is not fetched any more. O(attachments of the blob).
  func isNeeded(_ blob: BlobID) throws -> Bool {
    guard try hasPurges.get() else { return try db.isAttached(blob) }
    return try db.needers(of: blob).contains { addition in
      guard let target = try operation(addition)?.operation.envelope.target,
        let message = try db.key(of: target, logs)
      else { return false }
      return try !isPurged(addition.rawValue) && !isPurged(textsOf: message)
    }
  }
}
