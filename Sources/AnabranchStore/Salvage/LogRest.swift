internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Reads what a log has from its first change on that is not sound: which of it is damaged, too, and which reads well.
///
/// A change builds on the hash of the one before it. Where a change is damaged, the hash that is kept of it mostly is not, so what comes
/// after it can still be compared with its own. That proves nothing before the damaged one is here again: what is kept of that may be
/// wrong, too.
struct LogRest {
  /// Changes that cannot be read, or do not have their hash, or are not there though others behind them are.
  private(set) var damaged: [ClosedRange<UInt32>] = []
  /// Changes that can be read and, where the one before them tells, have their hash.
  private(set) var readable: [ClosedRange<UInt32>] = []

  private let log: LogID
  private let ordinal: Int
  private let branches: Branches

  /// A row, as far as it can be read.
  private struct Row {
    let sequence: UInt32
    let hash: Digest?
    let bytes: [UInt8]?

    init(_ columns: Database.Columns) throws {
      sequence = ChangeKey(rawValue: try columns.integer(0)).sequence
      hash = (try? columns.bytes(1)).flatMap { Digest($0) }
      bytes = (try? columns.withBytes(2, PackedChange.bytes)) ?? nil
    }
  }

  /// Reads a log behind change `sound`, which has the hash `end`; nil where that is not known. Where a page cannot be read, what lies behind
  /// it is read from the end of the log backwards, and what lies between two of these one by one, where that is not too much. O(rest of the log).
  init(of log: LogSurvey.Log, end: Digest?, _ branches: Branches, _ db: Database) {
    (self.log, ordinal, self.branches) = (log.header.log, log.ordinal, branches)
    let sound = log.soundness.sound
    var last = (sequence: sound, hashes: end.map { [$0] } ?? [])
    do {
      try read(db, behind: sound, isBackwards: false) { row in
        let isNext = UInt64(last.sequence) + 1 == UInt64(row.sequence)
        // In a damaged tree rows may come in any order.
        if !isNext, last.sequence < row.sequence { Self.add(last.sequence + 1...row.sequence - 1, to: &damaged) }
        last = (row.sequence, judge(row, after: isNext ? last.hashes : []))
      }
    } catch {
      readBackwards(to: last.sequence, last.hashes, upTo: log.soundness.last, db)
    }
  }

  private mutating func readBackwards(
    to first: UInt32, _ hashes: [Digest], upTo end: UInt32, _ db: Database
  ) {
    let (damagedBefore, readableBefore) = (damaged, readable)
    (damaged, readable) = ([], [])
    var next: Row?
    try? read(db, behind: first, isBackwards: true) { row in
      if let next { judge(next, after: row.sequence &+ 1 == next.sequence ? [row.hash].compactMap(\.self) : []) }
      next = row
    }
    if let next { judge(next, after: UInt64(first) + 1 == UInt64(next.sequence) ? hashes : []) }
    let behind = (damaged: damaged.reversed(), readable: readable.reversed())
    (damaged, readable) = (damagedBefore, readableBefore)
    // What neither way leads to lies in pages that cannot be read, or between two of them.
    let beyond = next?.sequence ?? (end < .max ? end + 1 : end)
    if UInt64(first) + 1 < UInt64(beyond) { readOneByOne(first + 1...beyond - 1, hashes, db) }
    damaged = Self.joined(damaged + behind.damaged)
    readable = Self.joined(readable + behind.readable)
  }

  /// So many changes are looked for one by one.
  private static let lookupsMax = 65_536

  private mutating func readOneByOne(_ changes: ClosedRange<UInt32>, _ hashes: [Digest], _ db: Database) {
    var hashes = hashes
    for sequence in changes.prefix(Self.lookupsMax) {
      let row = try? db.first("SELECT id, hash, bytes FROM change WHERE id = ?") { values in
        values.add(ChangeKey(ordinal: ordinal, sequence: sequence).rawValue)
      } _: {
        try Row($0)
      }
      if let row {
        hashes = judge(row, after: hashes)
      } else {
        hashes = []
        Self.add(sequence...sequence, to: &damaged)
      }
    }
    let rest = changes.dropFirst(Self.lookupsMax)
    if let first = rest.first, let last = rest.last { Self.add(first...last, to: &damaged) }
  }

  private func read(
    _ db: Database, behind first: UInt32, isBackwards: Bool, _ body: (Row) -> Void
  ) throws {
    let order = isBackwards ? "DESC" : "ASC"
    try db.forEach("SELECT id, hash, bytes FROM change WHERE id > ? AND id <= ? ORDER BY id \(order)") { values in
      values.add(ChangeKey(ordinal: ordinal, sequence: first).rawValue)
      values.add(ChangeKey.range(ofOrdinal: ordinal).upperBound)
    } _: {
      body(try Row($0))
    }
  }

  /// Notes whether a row reads well where the change before it has one of those hashes, and returns which ones it may have itself.
  @discardableResult
  private mutating func judge(_ row: Row, after hashes: [Digest]) -> [Digest] {
    let id = branches.original(ChangeID(log: log, sequence: row.sequence))
    let found = (hashes.isEmpty ? [.zero] : hashes).compactMap { previous in
      row.bytes.flatMap { try? SealedChange(bytes: $0, context: .init(id: id, previous: previous)).hash }
    }
    let isWell = row.hash.map { hashes.isEmpty ? !found.isEmpty : found.contains($0) } ?? false
    let own = row.sequence...row.sequence
    if isWell { Self.add(own, to: &readable) } else { Self.add(own, to: &damaged) }
    if isWell { return [row.hash].compactMap(\.self) }
    // Either the change was altered, or the hash that is kept of it.
    return [row.hash, hashes.isEmpty ? nil : found.first].compactMap(\.self)
  }

  /// Adds a stretch behind, or before, the last one, and joins the two where they touch. O(1).
  private static func add(_ stretch: ClosedRange<UInt32>, to ranges: inout [ClosedRange<UInt32>]) {
    if let last = ranges.last, UInt64(last.upperBound) + 1 == UInt64(stretch.lowerBound) {
      ranges[ranges.count - 1] = last.lowerBound...stretch.upperBound
    } else if let last = ranges.last, UInt64(stretch.upperBound) + 1 == UInt64(last.lowerBound) {
      ranges[ranges.count - 1] = stretch.lowerBound...last.upperBound
    } else {
      ranges.append(stretch)
    }
  }

  private static func joined(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    ranges.reduce(into: []) { joined, range in
      if let last = joined.last, UInt64(last.upperBound) + 1 >= UInt64(range.lowerBound) {
        joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
  }
}

extension LogRest {
  /// So many stretches of changes are named.
  private static let namedMax = 8

  /// What is said behind the sentence that tells of the first change that is not sound, which is `first`, or of what a branch goes on from.
  func words(behind first: UInt32?) -> String {
    var words = ""
    let others = damaged.compactMap { range in
      range.lowerBound != first
        ? range : range.count > 1 ? range.lowerBound + 1...range.upperBound : nil
    }
    if !others.isEmpty { words += "; \(Self.named(others)) \(Self.isOne(others) ? "is" : "are") damaged, too" }
    guard !readable.isEmpty else { return words }
    let isOne = Self.isOne(readable)
    return words + "; \(Self.named(readable)) behind that \(isOne ? "reads" : "read") well, and cannot be proved "
      + "before it is here"
  }

  private static func isOne(_ ranges: [ClosedRange<UInt32>]) -> Bool {
    ranges.count == 1 && ranges[0].count == 1
  }

  private static func named(_ ranges: [ClosedRange<UInt32>]) -> String {
    var parts = ranges.prefix(namedMax).map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)"
    }
    if ranges.count > namedMax { parts.append("others") }
    let last = parts.removeLast()
    return (isOne(ranges) ? "change " : "changes ")
      + (parts.isEmpty ? last : parts.joined(separator: ", ") + " and " + last)
  }
}
