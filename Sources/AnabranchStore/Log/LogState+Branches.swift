internal import AnabranchCore
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
          remedy: StoreError.repairing)
      }
      guard branches.attach(records[log].id, to: records[parent].id) else {
        throw StoreError(
          .damaged, "log \(records[log].id) is no branch that goes on from log \(records[parent].id)",
          remedy: StoreError.repairing)
      }
    }
  }

  /// Has a branch, which is registered, go on from the end of `parent`.
  mutating func attach(_ log: LogID, to parent: LogID, in db: Database) throws {
    guard let branch = ordinal(of: log), let parentOrdinal = ordinal(of: parent), branches.attach(log, to: parent)
    else { throw StoreError(.damaged, "log \(log) is no branch that goes on from log \(parent)") }
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
    try contextIfKnown(of: change, in: db)
      ?? SealedChange.Context(id: branches.original(change), previous: .zero)
  }

  /// The same; nil where the hash of the change before it is not there.
  func contextIfKnown(of change: ChangeID, in db: Database) throws -> SealedChange.Context? {
    try previousHash(of: change, in: db).map { SealedChange.Context(id: branches.original(change), previous: $0) }
  }

  private func previousHash(of change: ChangeID, in db: Database) throws -> Digest? {
    guard change.sequence == 1 else {
      return try hash(of: ChangeID(log: change.log, sequence: change.sequence - 1), in: db)
    }
    return branches.parent(of: change.log).flatMap { self[$0]?.head.hash } ?? self[change.log]?.header.foundingHash
  }

  /// A held change under the names of here, which its author, and so its bytes, may have called otherwise.
  func named(_ written: Change, _ name: ChangeID, in db: Database) throws -> Change {
    guard branches.needsRenaming(name, written.dependencies) else { return written }
    return try written.named(name, among: branches) { (dependency) throws in
      try place(of: dependency, in: db) ?? dependency.change
    } end: { (log) throws in
      self[log]?.head
    }
  }

  /// The held change that a dependency means; nil where it is not held.
  private func place(of dependency: Dependency, in db: Database) throws -> ChangeID? {
    try branches.place(dependency) { (log) throws in
      self[log]?.head.sequence ?? 0
    } hash: { (change) throws in
      try hash(of: change, in: db)
    }
  }

  /// A change that this device has just written, in a log that has not forked.
  func named(_ sealed: SealedChange, in db: Database) throws -> SealedChange {
    sealed.named(try named(sealed.change, sealed.change.id, in: db))
  }

  /// A held change's header under the names of here.
  func named(_ header: ChangeHeader, _ name: ChangeID, in db: Database) throws -> ChangeHeader {
    guard branches.needsRenaming(name, header.dependencies) else { return header }
    let written = Change(
      id: branches.original(name), time: header.time, wall: header.wall, action: header.action,
      dependencies: header.dependencies, operations: [])
    let change = try named(written, name, in: db)
    var named = header
    (named.action, named.dependencies) = (change.action, change.dependencies)
    return named
  }

  /// What the branches are founded on that are known, each after the log that it is a part of.
  var branchHeaders: [LogHeader] {
    records.compactMap { record -> [LogHeader]? in
      guard record.header.isBranch, let root = self[branches.root(of: record.id)]?.header else { return nil }
      return [root, record.header]
    }.flatMap { $0 }
  }

  /// The logs up to `heads` under the names of here; see ``AnabranchCore/Branches``.
  func named(_ heads: [Dependency], _ db: Database) throws -> [Dependency] {
    try branches.named(heads) { (head) throws in
      try place(of: head, in: db)
    } end: { (log) throws in
      self[log]?.head
    }
  }
}
