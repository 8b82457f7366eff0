internal import AnabranchCore
internal import GRDB

/// Brings what is kept of one text up to date with operations that are new to it, and keeps that if it is told to.
///
/// An operation that builds on the version that is kept is done as it says, and touches the pages that it names. Where
/// others were made at the same time, those are read back from the log, as far as the last version that all build on, and
/// replayed without what they say; see ``TextUpdate``.
final class TextMerger {
  private let reader: ContentReader
  private(set) var row: TextRow
  private var readPages: PagedText?
  /// How many operations are kept; those that are new have the numbers from there on.
  private let keptCount: Int
  /// Operations that were looked up, by their numbers.
  private var found: [Int: Found] = [:]
  /// The new operations of each change: their indices, which ascend, and numbers.
  private var new: [ChangeID: [(index: UInt32, number: Int)]] = [:]
  private var merged: [(operation: OperationID, number: Int, countBefore: Int)] = []

  private struct Found {
    let key: OperationKey
    let countBefore: Int
    var parsed: (operation: TextOperation, parents: [Int])?
  }

  /// Of a text that is kept as `row`.
  init(_ row: TextRow, _ reader: ContentReader) {
    self.row = row
    self.reader = reader
    keptCount = row.operations
  }

  /// Of a text of which nothing is kept, and to which nothing was done before `first`.
  init(beginning key: TextKey, with first: TextOperation, _ reader: ContentReader) throws {
    self.reader = reader
    keptCount = 0
    row = TextRow(key: key)
    let beginning = try reader.beginning(of: key, seenBy: first)
    row.version = beginning == nil ? nil : []
    row.root = try beginning?.root.map { try reader.logs.heldKey(of: $0) }
    let pages = PagedText(beginning?.text ?? PartialText(""))
    row.count = pages.count
    readPages = pages
  }

  /// What the text's pages are, read as they are needed.
  func pages() throws -> PagedText {
    if let readPages { return readPages }
    let pages = try PagedText(reader.db, of: row.key)
    guard pages.count == row.count else {
      throw StoreError(
        .damaged, "a text has \(pages.count) scalars in its pages, and is said to have \(row.count)",
        remedy: "see `anabranch inspect check`")
    }
    readPages = pages
    return pages
  }

  /// Does `operations`, which are in a causal order and none of which the text holds. Done once.
  func merge(_ operations: [TextOperation]) throws {
    guard let version = row.version, !operations.isEmpty else { return }
    let first = keptCount
    row.operations += operations.count
    guard let parents = try parents(ofNew: operations, from: first) else {
      // Nothing is kept of it from now on, so nothing is counted either.
      row.version = nil
      row.root = nil
      (row.count, row.operations) = (0, 0)
      readPages = nil
      return
    }
    let heads = try version.map { try number(ofKept: $0) }
    var target = heads
    for (place, parents) in parents.enumerated() {
      target.removeAll(where: parents.contains)
      target.append(first + place)
    }
    let replayed = try TextUpdate.replayed(from: heads, to: target) { number in
      number < first ? try self.kept(number).parents : parents[number - first]
    }.filter { $0 < first }
    let known = try replayed.map { number in
      TextUpdate.Known(try kept(number).operation, countBefore: found[number]?.countBefore ?? 0)
    }
    try apply(TextUpdate(of: row.count, holding: known, by: operations), operations, from: first)
  }

  private func apply(_ update: TextUpdate, _ operations: [TextOperation], from first: Int) throws {
    var update = update
    var pages = try pages()
    // Not shared while it is changed.
    readPages = nil
    var failure: (any Error)?
    update.merge { patch, content in
      guard failure == nil else { return }
      do {
        try pages.apply(patch, content)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    readPages = pages
    row.count = update.count
    if let heads = update.heads {
      row.version = try heads.map { try reader.logs.heldKey(of: $0) }.sorted()
    }
    for (place, count) in update.countsBefore.enumerated() {
      merged.append((operations[place].id, first + place, count))
    }
  }

  /// What the text says, as far as that is not absent, as UTF-8. O(text).
  func wholeBytes() throws -> [UInt8] {
    var pages = try pages()
    return try pages.wholeBytes()
  }

  /// Keeps the text as it is now, and of each operation that was merged what replaying it will need. `isEdited` says
  /// whether any of them did more than add text at its end.
  func save(isEdited: Bool) throws {
    let db = reader.db
    row.isEdited = row.isEdited || isEdited
    try row.save(db)
    for (operation, number, countBefore) in merged {
      try db.run("UPDATE edit SET number = ?, before = ? WHERE object = ? AND text = ? AND operation = ?") { values in
        values.add(Int64(number))
        values.add(Int64(countBefore))
        row.key.bind(to: &values)
        values.add(reader.logs.key(of: operation)?.rawValue)
      }
    }
    merged = []
    guard row.version != nil else { return try db.removePages(of: row.key) }
    guard var pages = readPages else { return }
    readPages = nil
    try pages.save(db, of: row.key)
    readPages = pages
  }
}

// MARK: - Names

extension TextMerger {
  /// What each of `operations` builds on, by numbers; these are numbered from `first` on. Nil where one was made on
  /// another text than the one that is kept.
  private func parents(ofNew operations: [TextOperation], from first: Int) throws -> [[Int]]? {
    var parents: [[Int]] = []
    for (place, operation) in operations.enumerated() {
      if row.key.object < 0, row.key.text == .body, try !isOnRoot(operation) { return nil }
      parents.append(try numbers(of: operation.predecessors))
      new[operation.id.change, default: []].append((operation.id.index, first + place))
    }
    return parents
  }

  /// Whether an operation on the body of an imported message follows the import whose words are kept, or another that
  /// says the same.
  private func isOnRoot(_ operation: TextOperation) throws -> Bool {
    guard let name = operation.predecessors.first, let root = row.root else { return false }
    if try number(of: name) != nil || reader.logs.key(of: name) == root { return true }
    let rootName = try reader.logs.operation(of: root)
    guard let other = try reader.importing(name, of: row.key.object),
      let kept = try reader.importing(rootName, of: row.key.object), ExactText(other.text) == ExactText(kept.text)
    else { return false }
    // The least name of them all, so that it is the same in whatever order they came.
    row.root = try reader.logs.heldKey(of: min(name, rootName))
    return true
  }

  /// The numbers of the operations that `names` name, without those that the text does not hold.
  private func numbers(of names: [OperationID]) throws -> [Int] {
    try Set(names.compactMap { try number(of: $0) }).sorted()
  }

  private func number(of name: OperationID) throws -> Int? {
    if let mine = new[name.change]?.last(where: { $0.index <= name.index }) { return mine.number }
    guard let key = reader.logs.key(of: name), let kept = try reader.db.keptEdit(of: row.key, upTo: key),
      kept.key.change == key.change
    else { return nil }
    return try note(kept)
  }

  private func number(ofKept key: OperationKey) throws -> Int {
    if let mine = new[try reader.logs.operation(of: key).change]?.last(where: { $0.index == key.index }) {
      return mine.number
    }
    guard let kept = try reader.db.keptEdit(of: row.key, upTo: key), kept.key == key else { throw Self.damaged }
    return try note(kept)
  }

  private func note(_ kept: (key: OperationKey, number: Int64?, before: Int64?)) throws -> Int {
    guard let number = kept.number, let before = kept.before, 0..<Int64(keptCount) ~= number,
      0...TextRow.countMax ~= before
    else { throw Self.damaged }
    if found[Int(number)] == nil { found[Int(number)] = Found(key: kept.key, countBefore: Int(before)) }
    return Int(number)
  }

  /// The operation with a number that was looked up, without what it says.
  private func kept(_ number: Int) throws -> (operation: TextOperation, parents: [Int]) {
    if let parsed = found[number]?.parsed { return parsed }
    guard let key = found[number]?.key, let held = try reader.operation(deciding: key),
      let operation = TextOperation(held.operation.mutation, id: held.id, content: .none)
    else { throw Self.damaged }
    let parents = try numbers(of: operation.predecessors)
    guard parents.allSatisfy({ $0 < number }) else { throw Self.damaged }
    found[number]?.parsed = (operation, parents)
    return (operation, parents)
  }

  private static let damaged = StoreError(
    .damaged, "what is kept of a text contradicts the log", remedy: "see `anabranch inspect check`")
}

extension Database {
  /// The last operation on a text up to `key`, with its number and how many scalars its writer saw.
  fileprivate func keptEdit(
    of text: TextKey, upTo key: OperationKey
  ) throws -> (key: OperationKey, number: Int64?, before: Int64?)? {
    try first(
      """
      SELECT operation, number, before FROM edit WHERE object = ? AND text = ? AND operation <= ?
      ORDER BY operation DESC LIMIT 1
      """
    ) { values in
      text.bind(to: &values)
      values.add(key.rawValue)
    } _: {
      (OperationKey(rawValue: try $0.integer(0)), try $0.optionalInteger(1), try $0.optionalInteger(2))
    }
  }
}
