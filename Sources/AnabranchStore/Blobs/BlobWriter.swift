public import AnabranchCore
public import AnabranchWire
internal import GRDB

/// Takes the bytes of a file into the store, block by block, before anything refers to them.
///
/// Its name is known only at the end, so it lies under a provisional one until then. What was written of one that is not
/// finished is removed by ``abandon()``, or when the store takes in the next one after a crash.
public struct BlobWriter {
  private let store: Store
  private let number: Int64
  private var blocks: [Digest] = []
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// A writer of a blob that has no bytes yet.
  public init(_ store: Store, provisional name: Digest) throws(StoreError) {
    self.store = store
    number = try store.transaction { db, _ in
      try store.removeAbandonedBlobs(db)
      try db.run("INSERT INTO blob(id, bytes, missing) VALUES(?, 0, -1)") { $0.add(name) }
      return db.lastInsertedRowID
    }
    store.attaching.insert(number)
  }

  /// Adds bytes at the end. Throws ``StoreError/Code/limit`` beyond ``Limits/blobBytesMax``.
  public mutating func append(_ bytes: some Collection<UInt8>) throws(StoreError) {
    guard UInt64(bytes.count) <= Limits.blobBytesMax - byteCount else {
      throw StoreError(
        .limit, "expected a file of at most \(Limits.blobBytesMax) bytes, got a longer one",
        remedy: "split it, or keep it elsewhere")
    }
    byteCount += UInt64(bytes.count)
    pending += bytes
    while pending.count >= Limits.blockBytes {
      try keep(Array(pending.prefix(Limits.blockBytes)))
      pending.removeFirst(Limits.blockBytes)
    }
  }

  private mutating func keep(_ block: [UInt8]) throws(StoreError) {
    let key = BlobRow.key(ofBlock: UInt32(blocks.count), in: number)
    try store.transaction { db, _ in
      try db.run("INSERT INTO block(id, bytes) VALUES(?, ?)") { values in
        values.add(key)
        values.add(block)
      }
    }
    blocks.append(BlobOutline.hash(ofBlock: block[...]))
  }

  /// Gives the blob its name, and returns it. Bytes that are here already are kept once.
  ///
  /// An attachment is to refer to it next: one that nothing refers to is gone after a crash, or with the next purge.
  public mutating func finish() throws(StoreError) -> BlobOutline {
    if !pending.isEmpty { try keep(pending) }
    pending = []
    guard let outline = BlobOutline(byteCount: byteCount, blocks: blocks) else {
      throw StoreError(.limit, "the file is too long to be kept")
    }
    let number = number
    let kept = try store.transaction { db, _ in
      guard let row = try BlobRow.fetch(db, outline.id) else {
        try db.name(number, outline)
        return number
      }
      guard !row.isWhole else {
        try db.removeBlob(number)
        return row.number
      }
      // A part of it was fetched, or it is wanted: what was written takes that place.
      let wanted = row.number
      try db.removeBlob(wanted)
      try db.name(number, outline)
      return number
    }
    if kept != number { store.attaching.remove(number) }
    store.attaching.insert(kept)
    return outline
  }

  /// Removes what was written.
  public func abandon() {
    store.attaching.remove(number)
    let number = number
    try? store.transaction { db, _ in try db.removeBlob(number) }
  }
}

extension Store {
  /// Takes note that what was attached of late is referred to by now, or never will be.
  public func forgetAttaching() {
    attaching = []
  }

  /// Removes what an earlier process wrote of files and did not finish.
  func removeAbandonedBlobs(_ db: Database) throws {
    guard attaching.isEmpty else { return }
    let numbers = try db.all("SELECT number FROM blob WHERE missing < 0") { _ in
    } _: {
      try $0.integer(0)
    }
    for number in numbers { try db.removeBlob(number) }
  }
}

extension Database {
  fileprivate func name(_ number: Int64, _ outline: BlobOutline) throws {
    try run("UPDATE blob SET id = ?, bytes = ?, missing = 0, outline = ? WHERE number = ?") { values in
      values.add(outline.id.digest)
      values.add(Int64(clamping: outline.byteCount))
      values.add(outline.blocks.flatMap(\.bytes))
      values.add(number)
    }
  }

  /// Removes a blob and all its blocks. SQLite overwrites what it frees (`secure_delete`).
  func removeBlob(_ number: Int64) throws {
    let keys = BlobRow.keys(in: number)
    try run("DELETE FROM block WHERE id BETWEEN ? AND ?") { values in
      values.add(keys.lowerBound)
      values.add(keys.upperBound)
    }
    try run("DELETE FROM blob WHERE number = ?") { $0.add(number) }
  }
}
