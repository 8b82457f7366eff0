internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// Reads everything: the file's own integrity, each log's chain, dependencies and signatures, and the views, which are built
  /// again from the log in a scratch database and compared.
  ///
  /// `scratch` is a path for that database, whose file has no name any more once it is open, so that nothing is left of it, however
  /// the process ends; where the file system cannot do that, it is removed afterwards. `progress` is told how many changes of how many
  /// are done. Changes nothing that is held: what the write-ahead log has is moved into the file. O(history).
  public func verify(
    scratch: String, progress: (_ done: UInt64, _ total: UInt64) throws -> Void = { _, _ in }
  ) throws(StoreError) -> Verification {
    defer { Store.remove(at: scratch) }
    Store.remove(at: scratch)
    let copy = try Self.scratchStore(at: scratch)
    let cut = try cutFaults()
    // What is written meanwhile belongs to the next verification. A purge waits for whoever reads on, and so for the copy.
    return try consistently { () throws(StoreError) in
      let result = try verify(against: copy, cut, progress)
      try copy.close()
      return result
    }
  }

  static func scratchStore(at path: String) throws(StoreError) -> Store {
    do throws(StoreError) {
      let copy = try Store(at: path, durability: .nameless)
      // Where it has kept its name.
      try Store.restrict(path)
      return copy
    } catch {
      guard error.code == .io else { throw error }
      throw StoreError(
        .io, "the views are built anew in a scratch database at \(path), and it cannot be made: \(error.message)",
        remedy: "check that its folder is yours to write, or verify a copy of the whole folder elsewhere", cause: error)
    }
  }

  /// What SQLite finds wrong only when it moves the write-ahead log into the file: one that was cut short where no row lies reads
  /// well until then. Nothing where that is not to be written to, or is in use.
  private func cutFaults() throws(StoreError) -> [String] {
    guard access != .read else { return [] }
    do throws(StoreError) {
      try checkpoint()
      return []
    } catch {
      guard error.code != .busy else { return [] }
      guard error.code == .damaged else { throw error }
      return ["the file itself, which may have been cut short: \(error.message)"]
    }
  }

  private func verify(
    against copy: Store, _ cut: [String], _ progress: (UInt64, UInt64) throws -> Void
  ) throws(StoreError) -> Verification {
    var result = Verification()
    result.add(try naming { () throws(StoreError) in try fileFaults() } + cut, of: .file)
    result.add(try naming { () throws(StoreError) in try compareDefinitions(with: copy) }, of: .file)
    result.add(try reading(onlyRows: true) { db in try LogSurvey(db, isSigned: isSigned).readingRest(db) })
    let blobFaults = try naming { () throws(StoreError) in
      let (blocks, faults, damaged) = try checkBlobs()
      result.blocks = blocks
      result.faults += faults
      result.attachments = try attachmentTotals(without: damaged)
      result.damagedAttachments = damaged.count
      return []
    }
    result.add(blobFaults, of: .files)
    result.add(try naming { () throws(StoreError) in try erasureFaults() + settingFaults() }, of: .local)
    result.add(try naming { () throws(StoreError) in try peerFaults() }, of: .local)

    let isChainSound = !result.faults.contains { $0.part == .log }
    do {
      try copy.transaction { _, logs in logs.count(by: state.membership.counting, exempting: state.membership.exempt) }
      if isChainSound { try copyChanges(to: copy, &result, progress) }
    } catch {
      result.add([error.message], of: .log)
    }
    do {
      try state.checkOpenChange()
    } catch {
      result.add([error.message], of: .local)
    }
    if !result.faults.contains(where: { $0.part == .log || $0.part == .file }) {
      result.hasComparedViews = true
      result.add(try compareHeads(with: copy), of: .log)
      result.add(try naming { () throws(StoreError) in try compareViews(with: copy) }, of: .views)
    }
    if !result.faults.contains(where: { $0.part == .log }) { result.stateHash = try copy.stateHash() }
    return result
  }

  /// What `body` finds; or, where what it reads is damaged, that.
  private func naming(_ body: () throws(StoreError) -> [String]) throws(StoreError) -> [String] {
    do {
      return try body()
    } catch {
      guard error.code == .damaged else { throw error }
      return [error.message]
    }
  }

  /// Changes that are copied in one step.
  static let verifyBatchBytes = 4 << 20

  private func copyChanges(
    to copy: Store, _ result: inout Verification, _ progress: (UInt64, UInt64) throws -> Void
  ) throws(StoreError) {
    var order = CausalOrder(held: vector, known: VersionVector())
    while true {
      let changes = try reading { db in
        var rows = ReadAhead(db, state)
        var changes: [(id: ChangeID, row: ReadAhead.Row)] = []
        var bytes = 0
        while bytes < Self.verifyBatchBytes, let id = try order.next(dependencies: { try rows.dependencies(of: $0) }) {
          let row = try rows.row(of: id)
          changes.append((id, row))
          bytes += row.bytes.count
        }
        return changes
      }
      guard !changes.isEmpty else { return }
      try copy.replay(changes, of: state)
      result.changes += UInt64(changes.count)
      do {
        try progress(result.changes, vector.changes)
      } catch {
        throw StoreError(error, path: path)
      }
    }
  }

  /// Stores changes read from another database of the same logs, whose hashes are to be those that were kept of them.
  private func replay(
    _ changes: [(id: ChangeID, row: ReadAhead.Row)], of original: LogState
  ) throws(StoreError) {
    try transaction { db, state in
      for record in original.records { _ = try state.register(record.header, in: db) }
      for record in original.records {
        if let parent = original.branches.parent(of: record.id) { try state.attach(record.id, to: parent, in: db) }
      }
      let insertion = views(db).insertChange
      for (id, row) in changes {
        guard let record = state[id.log], id.sequence == record.head.sequence &+ 1,
          let context = try state.contextAfterHead(of: record, in: db)
        else {
          throw StoreError(.damaged, "change \(id.sequence) of log \(id.log) is out of order")
        }
        let written = try SealedChange(held: row.bytes, context: context)
        guard row.hash == written.hash else {
          throw StoreError(
            .damaged, "change \(id.sequence) of log \(id.log) does not have the hash that is kept of it")
        }
        let sealed = written.named(try state.named(written.change, id, in: db))
        for dependency in sealed.change.dependencies {
          guard try state.hash(of: dependency.change, in: db)?.head == dependency.hash else {
            throw StoreError(
              .damaged,
              "change \(id.sequence) of log \(id.log) builds on another change "
                + "\(dependency.change.sequence) of log \(dependency.change.log) than the one held")
          }
        }
        _ = try state.keep(sealed, wall: 0, in: db, insertion)
        try views(db).apply(sealed.change, logs: state)
      }
    }
  }

  /// Compares how the tables are defined: SQLite takes a definition for what it says, whatever stands in the table.
  private func compareDefinitions(with copy: Store) throws(StoreError) -> [String] {
    let shards = try reading { db in try Int64.fetchAll(db, sql: "SELECT number FROM search_shard") }
    if let number = shards.first(where: { $0 < 0 }) { return ["the search's index has a shard \(number)"] }
    try copy.transaction { db, _ in
      for number in shards { try SearchIndex.create(SearchIndex.table(number), in: db) }
    }
    func definitions(_ db: Database) throws -> [String: [String?]] {
      // All but where it lies. To drop a table, SQLite deletes what has its name as `tbl_name`, letter by letter, while
      // it reads a table whose two names differ in case.
      let rows = try Row.fetchAll(db, sql: "SELECT name, type, tbl_name, sql FROM sqlite_schema").map { row in
        (String.fromDatabaseValue(row[0]) ?? "", (1...3).map { String.fromDatabaseValue(row[$0]) })
      }
      return Dictionary(rows) { first, _ in first }
    }
    let (kept, expected) = (try reading(definitions), try copy.reading(definitions))
    return Set(kept.keys).union(expected.keys).sorted().filter { kept[$0] != expected[$0] }
      .map { "\($0) is not defined as this version defines it" }
  }

  private func compareHeads(with copy: Store) throws(StoreError) -> [String] {
    let held = heads.filter { $0.head.sequence > 0 }
    let gaps = try reading { db in
      try held.filter { log in
        guard let first = state.key(of: ChangeID(log: log.log, sequence: 1))?.rawValue else { return true }
        let count = try Int64.fetchOne(
          db, sql: "SELECT count(*) FROM change WHERE id BETWEEN ? AND ?",
          arguments: [first, first + Int64(log.head.sequence) - 1])
        return count != Int64(log.head.sequence)
      }
    }
    let expected = held.reduce(Int64(0)) { $0 + Int64($1.head.sequence) }
    let rows = try reading { db in try Int64.fetchOne(db, sql: "SELECT count(*) FROM change") ?? 0 }
    let misnamed = heads.filter { $0.header.log != $0.log }
    return gaps.map { "log \($0.log) has not all changes up to \($0.head.sequence)" }
      + misnamed.map { "log \($0.log) has a header that belongs to log \($0.header.log)" }
      + (gaps.isEmpty && rows != expected ? ["\(rows - expected) changes stand outside all logs"] : [])
      + (copy.logHash == logHash ? [] : ["the heads differ from those of the log read anew"])
      + (copy.frontier == frontier ? [] : ["the frontier is not that of the log: what is kept of it was altered"])
  }

  /// Compares every conversation, with names in place of keys, since keys differ between databases.
  func compareViews(with copy: Store) throws(StoreError) -> [String] {
    let names = try conversationNames()
    let subjects = Subjects(of: state.records.map(\.header))
    var faults: [String] = []
    var recent: [(key: ChangeKey, change: Change)] = []
    for id in names {
      let kept = try conversationDump(id)
      let built = try copy.conversationDump(id)
      if kept != built {
        let parts = kept?.differences(from: built) ?? []
        faults.append("\(subjects[id]) is shown otherwise than the log says (\(parts.joined(separator: ", ")))")
      } else if kept?.texts.allSatisfy(\.isWhole) == false {
        faults.append("the texts of \(subjects[id]) are not kept whole")
      } else if try !isFingerprintSummed(of: id, recent: &recent) {
        faults.append("the fingerprint of \(subjects[id]) is not that of its items")
      }
    }
    for id in Set(try copy.conversationNames()).subtracting(names).sorted() {
      faults.append("\(subjects[id]) is in the log and not shown")
    }
    faults += try strayPages()
    return try faults + compareTables(with: copy)
  }

  /// Pages that belong to no text. How a text is cut into pages depends on how it came to be, so their number says nothing.
  private func strayPages() throws(StoreError) -> [String] {
    let stray = try reading { db in
      try Int64.fetchOne(
        db, sql: "SELECT count(*) FROM page WHERE id NOT IN (SELECT page FROM text_page WHERE page > 0)")
    }
    return stray.map { $0 > 0 ? ["\($0) pages belong to no text"] : [] } ?? []
  }
}
