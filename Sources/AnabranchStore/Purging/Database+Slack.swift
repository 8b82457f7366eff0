internal import GRDB
internal import GRDBSQLite

extension Database {
  /// Overwrites the unused bytes within the database's pages from `first` on, counted from 1, `count` pages at most, and
  /// presses them onto the disk. Returns the page to go on with; nil after the last one.
  ///
  /// SQLite's `secure_delete` overwrites what is deleted, but not what moves: where a page of a B-tree is filled anew
  /// from its neighbours, its old cells stay between the new ones and the list of them until something else is put
  /// there (`rebuildPage` of SQLite's `btree.c`). These bytes mean nothing to any reader, so they are overwritten in
  /// the file itself. The write-ahead log must be empty and nothing of the pages be remembered: a page that is written
  /// again from memory would bring them back. O(count).
  func overwriteSlack(from first: Int64, count: Int64) throws -> Int64? {
    let pageBytes = try Int64.fetchOne(self, sql: "PRAGMA page_size") ?? 0
    var pointer: UnsafeMutablePointer<sqlite3_file>?
    try check(sqlite3_file_control(sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &pointer))
    guard pageBytes > 0, let file = pointer, let methods = file.pointee.pMethods?.pointee else { return nil }
    var size: sqlite3_int64 = 0
    try check(methods.xFileSize(file, &size))
    let pages = size / pageBytes
    guard pages <= Self.pagesMax else {
      throw StoreError(
        .limit, "expected a database of at most \(Self.pagesMax) pages to overwrite what was purged, got \(pages)",
        remedy: "sync a new replica from this one, and remove this one")
    }
    var isChanged = false
    var page = [UInt8](repeating: 0, count: Int(pageBytes))
    let end = min(first + count, pages + 1)
    for number in first..<max(first, end) {
      let offset = (number - 1) * pageBytes
      try check(methods.xRead(file, &page, Int32(pageBytes), offset))
      for range in PageLayout.unused(in: page, isFirst: number == 1) where page[range].contains(where: { $0 != 0 }) {
        let zeros = [UInt8](repeating: 0, count: range.count)
        try check(methods.xWrite(file, zeros, Int32(zeros.count), offset + Int64(range.lowerBound)))
        isChanged = true
      }
    }
    if isChanged { try check(methods.xSync(file, SQLITE_SYNC_FULL)) }
    return end > pages ? nil : end
  }

  /// Beyond so many pages the first byte of a page no longer tells a B-tree from a piece of a long value.
  private static let pagesMax: Int64 = 0x01FF_FFFF
}

/// Where a page of SQLite's file holds what; see "B-tree Pages" in https://www.sqlite.org/fileformat2.html.
private enum PageLayout {
  /// The parts of `page` that no cell and no header lie in; none where it is no page of a B-tree. `isFirst` for the
  /// first page, which begins with the file's own header.
  static func unused(in page: [UInt8], isFirst: Bool) -> [Range<Int>] {
    let header = isFirst ? 100 : 0
    func word(_ offset: Int) -> Int { Int(page[offset]) << 8 | Int(page[offset + 1]) }
    let headerBytes: Int
    switch page[header] {
    case 2, 5: headerBytes = 12
    case 10, 13: headerBytes = 8
    default: return []
    }
    let list = header + headerBytes + 2 * word(header + 3)
    let start = word(header + 5)
    let content = start == 0 ? 65_536 : start
    guard list <= content, content <= page.count else { return [] }
    var unused = [list..<content]
    // Freed cells form a list: two bytes for the next, two for the size of this one.
    var block = word(header + 1)
    while block >= content, block + 4 <= page.count {
      let end = block + word(block + 2)
      guard block + 4 <= end, end <= page.count else { break }
      unused.append(block + 4..<end)
      let next = word(block)
      guard next > block else { break }
      block = next
    }
    return unused
  }
}
