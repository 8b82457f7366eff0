public import AnabranchCore
public import AnabranchWire
internal import GRDB

/// Takes the bytes of a file into the store, block by block, before anything refers to them.
///
/// Its name is known only at the end, so it lies under a provisional one until then. What nothing refers to in the end is
/// removed: by ``abandon()``, by ``Store/letGo(_:)``, or after a crash when the store is opened again; of a large file
/// the rest by ``Store/eraseStep(wall:)``.
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
      try db.run("INSERT INTO blob(id, bytes, missing) VALUES(?, 0, \(BlobRow.unfinishedMark))") { $0.add(name) }
      return db.lastInsertedRowID
    }
    store.attaching[number, default: 0] += 1
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
    var start = 0
    while pending.count - start >= Limits.blockBytes {
      try keep(Array(pending[start..<start + Limits.blockBytes]))
      start += Limits.blockBytes
    }
    if start > 0 { pending = Array(pending[start...]) }
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

  /// Gives the blob its name, and returns it. Bytes that are here already are kept once: those that came last, since
  /// nobody knows whether the disk has altered the others.
  ///
  /// The blob stays until ``Store/letGo(_:)``, whether anything refers to it or not.
  public mutating func finish() throws(StoreError) -> (outline: BlobOutline, hold: BlobHold) {
    if !pending.isEmpty { try keep(pending) }
    pending = []
    guard let outline = BlobOutline(byteCount: byteCount, blocks: blocks) else {
      throw StoreError(.limit, "the file is too long to be kept")
    }
    let (number, attaching) = (number, store.attaching)
    let kept = try store.transaction { db, _ in
      if let row = try BlobRow.fetch(db, outline.id) {
        // Somebody else holds it, and knows it by its number.
        if row.isWhole, attaching[row.number] != nil { return row.number }
        try db.giveUpBlob(row.number)
      }
      try db.name(number, outline)
      return number
    }
    if kept != number {
      store.attaching[kept, default: 0] += 1
      abandon()
    } else {
      _ = try? store.removeLeftovers()
    }
    return (outline, BlobHold(number: kept))
  }

  /// Removes what was written.
  public func abandon() {
    store.attaching[number] = nil
    let number = number
    try? store.transaction { db, _ in try db.giveUpBlob(number) }
    _ = try? store.removeLeftovers()
  }
}

/// Keeps a blob that was taken in until something refers to it.
public struct BlobHold: Hashable, Sendable {
  let number: Int64
}

extension Store {
  /// Takes note that a blob is referred to by now, or never will be: then it is removed.
  public func letGo(_ hold: BlobHold) throws(StoreError) {
    guard let holds = attaching[hold.number] else { return }
    attaching[hold.number] = holds > 1 ? holds - 1 : nil
    guard holds == 1 else { return }
    try transaction { db, _ in
      try db.run("UPDATE blob SET wanted = 0 WHERE number = ? AND EXISTS (SELECT 1 FROM attached WHERE blob = id)") {
        $0.add(hold.number)
      }
      if db.changesCount == 0 { try db.giveUpBlob(hold.number) }
    }
    try removeLeftovers()
  }

  /// Gives up what an earlier process took in and nothing refers to.
  func giveUpAbandonedBlobs() throws(StoreError) {
    let numbers = try reading(onlyRows: true) { db in
      try db.all(
        """
        SELECT number FROM blob WHERE missing = \(BlobRow.unfinishedMark)
        UNION ALL SELECT number FROM blob WHERE wanted = \(BlobRow.heldMark)
          AND NOT EXISTS (SELECT 1 FROM attached WHERE blob = id)
        """
      ) { _ in
      } _: {
        try $0.integer(0)
      }
    }
    if !numbers.isEmpty { try transaction { db, _ in for number in numbers { try db.giveUpBlob(number) } } }
    try removeLeftovers()
  }

  /// Removes some of what was given up, step by step; returns whether that is all. Of large files the rest waits, so that
  /// nobody else does.
  @discardableResult
  func removeLeftovers(steps: Int = 16) throws(StoreError) -> Bool {
    for _ in 0..<steps {
      // Mostly there is none, and then nothing is written.
      let number = try reading(onlyRows: true) { db in
        try db.first("SELECT number FROM blob WHERE missing < 0 AND missing = \(BlobRow.leftoverMark) LIMIT 1") { _ in
        } _: {
          try $0.integer(0)
        }
      }
      guard let number else { return true }
      try transaction { db, _ in try db.removeSome(ofBlob: number) }
    }
    return false
  }
}

extension Database {
  fileprivate func name(_ number: Int64, _ outline: BlobOutline) throws {
    try run("UPDATE blob SET id = ?, bytes = ?, missing = 0, wanted = ?, outline = ? WHERE number = ?") { values in
      values.add(outline.id.digest)
      values.add(Int64(clamping: outline.byteCount))
      values.add(BlobRow.heldMark)
      values.add(outline.blocks.flatMap(\.bytes))
      values.add(number)
    }
    guard changesCount > 0 else { throw StoreError(.io, "the bytes of a file went while they were taken in") }
  }

  /// Takes a blob's name away, so that nobody finds it any more; it is removed step by step.
  fileprivate func giveUpBlob(_ number: Int64) throws {
    try run(
      "UPDATE blob SET id = randomblob(32), missing = \(BlobRow.leftoverMark), wanted = 0 WHERE number = ?"
    ) { $0.add(number) }
    try Setting.leftoversInLog.set(true, in: self)
  }

  /// Removes some blocks of a blob, and with the last of them the blob. SQLite overwrites what it frees (`secure_delete`).
  func removeSome(ofBlob number: Int64) throws {
    let keys = BlobRow.keys(in: number)
    try run("DELETE FROM block WHERE id IN (SELECT id FROM block WHERE id BETWEEN ? AND ? LIMIT ?)") { values in
      values.add(keys.lowerBound)
      values.add(keys.upperBound)
      values.add(Int64(BlobRow.blocksAtOnce))
    }
    guard changesCount < BlobRow.blocksAtOnce else { return }
    try run("DELETE FROM blob_holder WHERE blob = (SELECT id FROM blob WHERE number = ?)") { $0.add(number) }
    try run("DELETE FROM blob WHERE number = ?") { $0.add(number) }
  }
}
