internal import AnabranchCore
internal import AnabranchWire
internal import Foundation
internal import GRDB

extension Store {
  /// Takes the bytes of what was purged from the disk, as far as that is due at `wall`: one step of it, so that nobody who
  /// writes meanwhile waits for long.
  ///
  /// First the search's index forgets what was said, then the log: contents are replaced by their hashes, and what
  /// SQLite frees it overwrites (`secure_delete`). Then the write-ahead log is emptied, and so is the slack of all pages;
  /// see ``GRDB/Database/overwriteSlack(from:count:)``. At last this replica writes its receipt. A step that throws can
  /// be tried again; after a crash all of them are. O(what was purged, the shards of the index that had some of it, and
  /// the size of the file).
  ///
  /// Nothing is taken as long as a repair has kept a damaged database that has what is not here: see ``untakenFiles()``.
  public func eraseStep(wall: Int64) throws(StoreError) -> ErasureProgress {
    try checkAlone()
    try bringForward(wall: wall)
    if erasure == nil { erasure = try beginErasure(wall: wall) }
    guard var step = erasure else { return try removeRest() }
    // What is not needed here may be what that needs. Asked at each step, and not once: a person may put such a file here, or take it
    // away, at any moment, all that can be read of it may have come meanwhile, and the last step removes what lies here. Beside a
    // commit it costs nothing.
    guard try untakenFiles().isEmpty else { return .waiting }
    // A step that throws is begun anew.
    erasure = nil
    switch step.stage {
    case .index: try removeDocuments(&step)
    case .log: try takeContents(&step)
    case .blobs:
      if try !removeBlobs(&step) {
        // What is being attached may be what was purged: nobody says that it is gone while it is held.
        guard try !holdsUnneeded() else {
          erasure = step
          return .waiting
        }
        step.stage = step.isUnclean ? .merging(begun: false) : .receipt
      }
    case .merging(let begun): try mergeShard(&step, begun: begun)
    case .slack(let page):
      guard try overwriteSlack(&step, from: page) else {
        erasure = step
        return .waiting
      }
    case .receipt:
      guard removeCopies() else {
        erasure = step
        return .waiting
      }
      try finishErasure(step, wall: wall)
      return .more
    }
    erasure = step
    return .more
  }

  /// Removes some of what was taken in and given up, and at last empties the write-ahead log of it: it may be what was purged
  /// before, and attaching it again was broken off.
  private func removeRest() throws(StoreError) -> ErasureProgress {
    guard try removeLeftovers(steps: 1) else { return .more }
    guard try reading(onlyRows: true, { db in try Setting.leftoversInLog.get(Bool.self, in: db) }) == true else {
      return .idle
    }
    guard try emptyLog() else { return .waiting }
    try transaction { db, _ in try Setting.leftoversInLog.set(false, in: db) }
    return .idle
  }

  /// When the next purge is due, milliseconds since 1970; nil where none is waiting.
  public func nextErasure() throws(StoreError) -> Int64? {
    try reading(onlyRows: true) { db in try Int64.fetchOne(db, sql: "SELECT min(due) FROM erasure") }
  }

  /// A purge that seems to be due later than a day from now was made where a clock was wrong, here or there: its day
  /// begins now.
  private func bringForward(wall: Int64) throws(StoreError) {
    let (latest, overflow) = wall.addingReportingOverflow(Purge.graceMs)
    guard !overflow, try reading(onlyRows: true, { db in try db.hasErasure(after: latest) }) else { return }
    try transaction { db, _ in
      try db.run("UPDATE erasure SET due = ? WHERE due > ?") { values in
        values.add(latest)
        values.add(latest)
      }
    }
  }

  private func beginErasure(wall: Int64) throws(StoreError) -> Erasure? {
    try reading { db in
      let due = try Row.fetchAll(
        db.cachedStatement(sql: "SELECT purge, asked, taken FROM erasure WHERE due <= ? ORDER BY purge"),
        arguments: [wall])
      guard !due.isEmpty else { return nil }
      let purges = try due.map { row in
        Erasure.Order(
          key: OperationKey(rawValue: try row.decode(forColumn: "purge")), asked: try row.decode(forColumn: "asked"))
      }
      var operations: Set<OperationKey> = []
      var documents: Set<OperationKey> = []
      var reindexed: Set<ObjectKey> = []
      let reader = ContentReader(db, state)
      for purge in purges {
        guard let held = try reader.operation(purge.key),
          let object = try held.operation.envelope.target.flatMap({ try db.key(of: $0, state) })
        else { continue }
        if case .purgePast(let past) = held.operation.mutation {
          operations.formUnion(try db.operations(takenWith: past, on: object, reader))
          documents.formUnion(try db.documents(about: object, state))
          reindexed.insert(object)
        } else {
          operations.formUnion(try db.operations(takenWith: object, state))
        }
      }
      let ascending = operations.sorted()
      let isUnclean = try due.contains { try $0.decode(Bool.self, forColumn: "taken") }
      return Erasure(
        purges: purges, operations: ascending, documents: operations.union(documents).sorted(),
        shards: try Int64.fetchAll(db, sql: "SELECT number FROM search_shard ORDER BY number DESC"),
        reindexed: reindexed.sorted(), isUnclean: try isUnclean || !shardsToMerge(db).isEmpty)
    }
  }

  // MARK: The index

  /// Documents that are taken out of a shard in one step.
  private static let documentsAtOnce = 4_096

  private func removeDocuments(_ step: inout Erasure) throws(StoreError) {
    guard !step.documents.isEmpty, let shard = step.shards.first else {
      step.stage = .log
      return
    }
    let table = SearchIndex.table(shard)
    let documents = step.documents
    let removed = try transaction { db, _ in
      let here = try Array(SearchIndex.present(documents, in: table, db).prefix(Self.documentsAtOnce))
      guard !here.isEmpty else { return here }
      guard try SearchIndex.remove(here, from: table, in: db) else {
        // Cut by other rules than ours: all of it is built anew.
        try SearchIndex.reset(db)
        try setShardsToMerge([], db)
        try noteTaken(step.purges, db)
        return documents
      }
      try setShardsToMerge(Set(shardsToMerge(db)).union([shard]).sorted(), db)
      try noteTaken(step.purges, db)
      return here
    }
    step.isUnclean = step.isUnclean || !removed.isEmpty
    let gone = Set(removed)
    step.documents.removeAll(where: gone.contains)
    if removed.count < Self.documentsAtOnce { step.shards.removeFirst() }
  }

  private func mergeShard(_ step: inout Erasure, begun: Bool) throws(StoreError) {
    let next = try transaction { db, _ -> Erasure.Stage in
      // A shard that a disk has lost since needs no merging.
      let listed = try Set(Int64.fetchAll(db, sql: "SELECT number FROM search_shard"))
      var shards = try shardsToMerge(db).filter(listed.contains)
      guard let shard = shards.first else { return .slack(page: 1) }
      guard try SearchIndex.merge(SearchIndex.table(shard), begun: begun, in: db) else { return .merging(begun: true) }
      shards.removeFirst()
      try setShardsToMerge(shards, db)
      return .merging(begun: false)
    }
    step.stage = next
  }

  private func shardsToMerge(_ db: Database) throws -> [Int64] {
    KeyList.keys(try Setting.shardsToMerge.get(Data.self, in: db) ?? Data())
  }

  private func setShardsToMerge(_ shards: [Int64], _ db: Database) throws {
    try Setting.shardsToMerge.set(Data(KeyList.bytes(shards)), in: db)
  }

  // MARK: The log

  /// Operations that are looked at in one step.
  private static let operationsAtOnce = 128

  private func takeContents(_ step: inout Erasure) throws(StoreError) {
    let piece = step.operations.prefix(Self.operationsAtOnce)
    let purges = step.purges
    let (isChanged, chunks) = try transaction { db, state in
      var (isChanged, chunks): (Bool, [OperationKey]) = (false, [])
      // Always in the same order, or the same run would not be the same twice.
      let changes = Dictionary(grouping: piece, by: \.change).sorted { $0.key.rawValue < $1.key.rawValue }
      for (change, operations) in changes {
        if try redact(change, Set(operations.map(\.index)), &chunks, db, state) { isChanged = true }
      }
      if isChanged { try noteTaken(purges, db) }
      return (isChanged, Set(chunks).sorted())
    }
    recentChanges = []
    step.isUnclean = step.isUnclean || isChanged
    step.operations = chunks + step.operations.dropFirst(piece.count)
    guard step.operations.isEmpty else { return }
    try reindex(step.reindexed)
    step.stage = .blobs
  }

  /// Notes that bytes of what these take may lie in the file where nothing refers to them.
  func noteTaken(_ purges: [Erasure.Order], _ db: Database) throws {
    for purge in purges {
      try db.run("UPDATE erasure SET taken = 1 WHERE purge = ?") { $0.add(purge.key.rawValue) }
    }
  }

  /// Puts what objects say now into the index, from which all about them was taken out.
  private func reindex(_ objects: [ObjectKey]) throws(StoreError) {
    guard !objects.isEmpty else { return }
    try transaction { db, state in
      let reader = ContentReader(db, state)
      let indexed = try SearchIndex.indexed(db, state)
      // What is not indexed yet will be.
      for document in try objects.flatMap({ try reader.documents(about: $0) })
      where document.key.sequence <= indexed[document.key.ordinal] {
        let shard = try SearchIndex.openShard(shardDocumentsMax, in: db)
        try SearchIndex.insert(document, into: SearchIndex.table(shard.number), in: db)
        try db.run("UPDATE search_shard SET documents = documents + 1 WHERE number = ?") { $0.add(shard.number) }
      }
    }
  }

  /// Takes the contents of the operations at `indices` of a change; their chunks are added to `chunks`. False where they
  /// were gone before.
  private func redact(
    _ key: ChangeKey, _ indices: Set<UInt32>, _ chunks: inout [OperationKey], _ db: Database, _ state: LogState
  ) throws -> Bool {
    guard let bytes = try db.changeBytes(key) else { return false }
    let id = try state.change(of: key)
    // Its bytes are written again as its author wrote them, whatever it is called here.
    let context = SealedChange.Context(id: state.branches.original(id), previous: .zero)
    let sealed = try SealedChange(held: bytes, context: context)
    let taken = try state.named(sealed.change, id, in: db).operations.filter { indices.contains($0.index) }
    for operation in taken {
      chunks += try db.chunks(of: operation.mutation, state)
      try db.noteDetached(
        operation, OperationKey(ordinal: key.ordinal, sequence: key.sequence, index: operation.index))
    }
    guard taken.contains(where: { $0.envelope.content.bytes != nil }) else { return false }
    let redacted = sealed.redacted { indices.contains($0) }
    guard try SealedChange(held: redacted.bytes, context: context).hash == sealed.hash else {
      throw StoreError(.damaged, "change \(context.id.sequence) of log \(context.id.log) cannot be redacted")
    }
    try db.run("UPDATE change SET bytes = ? WHERE id = ?") { values in
      values.add(PackedChange.row(of: redacted))
      values.add(key.rawValue)
    }
    return true
  }

  // MARK: The file

  /// Pages whose slack is overwritten in one step.
  private static let pagesAtOnce: Int64 = 4_096

  /// False where somebody reads what the write-ahead log still has.
  private func overwriteSlack(_ step: inout Erasure, from page: Int64) throws(StoreError) -> Bool {
    guard try emptyLog() else { return false }
    let next = try alone { db in try db.overwriteSlack(from: page, count: Self.pagesAtOnce) }
    step.stage = next.map { .slack(page: $0) } ?? .receipt
    return true
  }

  /// Moves all that the write-ahead log holds into the database, cuts it to nothing, and forgets what is remembered of the
  /// pages. False where a reader still needs it.
  private func emptyLog() throws(StoreError) -> Bool {
    let isEmpty = try alone { db in
      // To wait for a reader is not to keep everybody else waiting.
      try db.execute(sql: "PRAGMA busy_timeout = 0")
      defer { try? db.execute(sql: "PRAGMA busy_timeout = \(Int(Self.busySeconds * 1000))") }
      return try Int.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)") == 0
    }
    releaseMemory()
    return isEmpty
  }

  /// Removes the copies that lie beside the database and may have what was purged: those made before a migration or a repair, and what
  /// a verification, a restoring or a repair that was cut off has left. False where a verification is running, which has a copy of its own.
  private func removeCopies() -> Bool {
    let files = Self.files(beside: path)
    func copies(_ kind: String) -> [String] { files.filter { $0.hasPrefix("\(path).\(kind)") } }
    guard !copies("verify-").contains(where: Self.isInUse) else { return false }
    for copy in ["verify-", "schema-", "partial", "damaged-"].flatMap(copies) {
      try? FileManager.default.removeItem(atPath: copy)
      guard !FileManager.default.fileExists(atPath: copy) else { return false }
    }
    return true
  }

  // MARK: The receipt

  private func finishErasure(_ step: Erasure, wall: Int64) throws(StoreError) {
    try atomically { () throws(StoreError) in
      let confirmed = try transaction { db, state in
        let own = state.own.flatMap { state.ordinal(of: $0) }
        return try step.purges.filter { purge in
          // Where more has come since, that is asked for once more.
          try db.run("DELETE FROM erasure WHERE purge = ? AND asked = ?") { values in
            values.add(purge.key.rawValue)
            values.add(purge.asked)
          }
          return try db.changesCount > 0 && !db.receipts(for: purge.key).contains { $0.ordinal == own }
        }.map { try state.operation(of: $0.key) }
      }
      guard state.own != nil else { return }
      for start in stride(from: 0, to: confirmed.count, by: Limits.referencesMax) {
        let receipt = PurgeReceipt(purges: Array(confirmed[start..<min(start + Limits.referencesMax, confirmed.count)]))
        try write([Draft(kind: .receipt, target: nil, mutation: .receipt(receipt))], wall: wall)
      }
    }
  }
}

extension Database {
  /// The chunks that hold the beginning of an operation's content. What it names and is no chunk is not its own.
  func chunks(of mutation: Mutation, _ logs: LogState) throws -> [OperationKey] {
    try mutation.chunks.compactMap { chunk in
      guard let key = logs.key(of: chunk), try operationIfHeld(key, logs)?.operation.mutation == .chunk else {
        return nil
      }
      return key
    }
  }

  fileprivate func hasErasure(after due: Int64) throws -> Bool {
    try first("SELECT 1 FROM erasure WHERE due > ? LIMIT 1") {
      $0.add(due)
    } _: { _ in
      true
    } ?? false
  }

  /// The receipts for a purge, in the order of their keys.
  func receipts(for purge: OperationKey) throws -> [OperationKey] {
    try all("SELECT operation FROM receipt WHERE purge = ? ORDER BY operation") {
      $0.add(purge.rawValue)
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }
}
