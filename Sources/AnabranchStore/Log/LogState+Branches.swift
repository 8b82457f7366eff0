internal import AnabranchCore
internal import AnabranchSync
internal import AnabranchWire
internal import GRDB

/// What changes are called here, where logs have forked: see ``AnabranchCore/Branches``.
extension LogState {
  mutating func readBranches(_ db: Database) throws {
    for row in try Row.fetchAll(db, sql: "SELECT log, parent FROM branch ORDER BY log") {
      let (log, parent) = try (row.decode(Int.self, forColumn: "log"), row.decode(Int.self, forColumn: "parent"))
      guard records.indices.contains(log), records.indices.contains(parent) else {
        throw StoreError(
          .damaged, "a branch is log number \(log) after log number \(parent), and there are \(records.count)",
          remedy: "restore a backup, or sync a new replica from another device")
      }
      branches.attach(records[log].id, to: records[parent].id)
    }
  }

  /// Takes note of the logs of a batch, and of the names of branches by which its sender may mean logs that are held here. Of those
  /// nothing is held by that, and no more than ``AnabranchCore/Branches/branchesMax`` of a log are noted.
  mutating func register(_ batch: IncomingBatch, in db: Database) throws {
    for run in batch.runs { if case .device = run.header { _ = try register(run.header, in: db) } }
    for header in batch.headers {
      guard case .branch(let root, _, _) = header else {
        _ = try register(header, in: db)
        continue
      }
      guard case .device? = self[root]?.header,
        branches.names(of: root, isHeld: false).count < Branches.branchesMax
      else { continue }
      _ = try register(header, in: db)
    }
  }

  /// Has a branch, which is registered, go on from the end of `parent`.
  mutating func attach(_ log: LogID, to parent: LogID, in db: Database) throws {
    guard let branch = ordinal(of: log), let parentOrdinal = ordinal(of: parent) else { return }
    branches.attach(log, to: parent)
    try db.execute(
      sql: "INSERT OR REPLACE INTO branch(log, parent) VALUES(?, ?)", arguments: [branch, parentOrdinal])
  }

  /// What a change of `log` after its last one is made of before its bytes; nil at the last sequence there is.
  func contextAfterHead(of record: Record, in db: Database) throws -> SealedChange.Context? {
    let (next, overflow) = record.head.sequence.addingReportingOverflow(1)
    return overflow ? nil : try context(of: ChangeID(log: record.id, sequence: next), in: db)
  }

  /// What its author called a change, and the hash of the one before it; zero where that is not held.
  func context(of change: ChangeID, in db: Database) throws -> SealedChange.Context {
    SealedChange.Context(id: branches.original(change), previous: try previousHash(of: change, in: db) ?? .zero)
  }

  private func previousHash(of change: ChangeID, in db: Database) throws -> Digest? {
    guard change.sequence == 1 else {
      return try hash(of: ChangeID(log: change.log, sequence: change.sequence - 1), in: db)
    }
    return branches.parent(of: change.log).flatMap { self[$0]?.head.hash } ?? self[change.log]?.header.foundingHash
  }

  /// A held change under the names of here, which its author, and so its bytes, may have called otherwise.
  func named(_ written: Change, _ name: ChangeID, in db: Database) throws -> Change {
    guard isRenamed(name, written.dependencies) else { return written }
    return try written.named(name, among: branches) {
      try branches.place($0, last: { self[$0]?.head.sequence ?? 0 }, hash: { try hash(of: $0, in: db) }) ?? $0.change
    } end: {
      end(of: $0)
    }
  }

  /// A change that this device has just written, in a log that has not forked.
  func named(_ sealed: SealedChange, in db: Database) throws -> SealedChange {
    sealed.named(try named(sealed.change, sealed.change.id, in: db))
  }

  /// A held change's header under the names of here.
  func named(_ header: ChangeHeader, _ name: ChangeID, in db: Database) throws -> ChangeHeader {
    guard isRenamed(name, header.dependencies) else { return header }
    let written = Change(
      id: branches.original(name), time: header.time, wall: header.wall, action: header.action,
      dependencies: header.dependencies, operations: [])
    let change = try named(written, name, in: db)
    var named = header
    (named.action, named.dependencies) = (change.action, change.dependencies)
    return named
  }

  private func isRenamed(_ name: ChangeID, _ dependencies: [Dependency]) -> Bool {
    !branches.isEmpty
      && (branches.concerns(name.log) || dependencies.contains { branches.concerns($0.change.log) })
  }

  /// The last change of a log.
  private func end(of log: LogID) -> Dependency? {
    guard let head = self[log]?.head, head.sequence > 0 else { return nil }
    return Dependency(change: ChangeID(log: log, sequence: head.sequence), hash: head.hash.head)
  }

  /// What the branches are founded on that are known, each after the log that it is a part of.
  var branchHeaders: [LogHeader] {
    records.compactMap { record -> [LogHeader]? in
      guard record.header.isBranch, let root = self[branches.root(of: record.id)]?.header else { return nil }
      return [root, record.header]
    }.flatMap { $0 }
  }

  /// The logs up to `heads` under the names of here: of a log that forked, all of the way to each head, and nothing beside it. Where a
  /// head is not held, which branch is meant cannot be told: then only what is common to all of them.
  func named(_ heads: [Dependency], _ db: Database) throws -> [Dependency] {
    guard !branches.isEmpty else { return heads }
    var last: [LogID: Dependency] = [:]
    func add(_ head: Dependency) {
      let known = last[head.change.log]
      if known.map({ $0.change.sequence < head.change.sequence }) ?? true { last[head.change.log] = head }
    }
    for head in heads {
      guard branches.concerns(head.change.log) else {
        add(head)
        continue
      }
      let place = try branches.place(head, last: { self[$0]?.head.sequence ?? 0 }, hash: { try hash(of: $0, in: db) })
      add(Dependency(change: place ?? branches.original(head.change), hash: head.hash))
      for log in branches.way(to: place?.log ?? branches.root(of: head.change.log)) { end(of: log).map(add) }
    }
    return last.values.sorted { $0.change < $1.change }
  }
}
