import AnabranchTestSupport
import AnabranchWire
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

/// A file that somebody made so that looking for rows in its pages never ends, or takes more memory than there is.
@Suite("Looking for rows in pages costs their bytes, whatever these say")
struct HostilePagesTests {
  private static let pageBytes = 4_096

  /// A page that a row's cells lie in, or part of a chain.
  private struct Page {
    var bytes = [UInt8](repeating: 0, count: pageBytes)

    mutating func put(_ value: some FixedWidthInteger, at offset: Int) {
      let value = withUnsafeBytes(of: value.bigEndian, Array.init)
      bytes.replaceSubrange(offset..<offset + value.count, with: value)
    }

    /// One of a chain that goes on at `next`.
    init(next: UInt32) {
      put(next, at: 0)
    }

    /// A leaf of a table with pointers to `cells`.
    init(cells: [Int]) {
      bytes[0] = 13
      put(UInt16(cells.count), at: 3)
      for (index, cell) in cells.enumerated() { put(UInt16(cell), at: 8 + 2 * index) }
    }

    /// Puts a row of one column of so many bytes, or the beginning of it, at `cell`.
    mutating func putRow(_ rowid: UInt8, of count: Int, chain: UInt32? = nil, at cell: Int) {
      let type = Self.varint(12 + 2 * count)
      let head = Self.varint(1 + type.count + count) + [rowid, UInt8(1 + type.count)] + type
      bytes.replaceSubrange(cell..<cell + head.count, with: head)
      guard let chain else { return }
      put(chain, at: cell + head.count - type.count - 1 + HostilePagesTests.localBytes)
    }

    private static func varint(_ value: Int) -> [UInt8] {
      var (bytes, rest) = ([UInt8(value & 0x7F)], value >> 7)
      while rest > 0 {
        bytes.insert(UInt8(rest & 0x7F | 0x80), at: 0)
        rest >>= 7
      }
      return bytes
    }
  }

  /// What lies in its page of a row that fills whole pages beside: see section 1.6.
  private static let localBytes = (pageBytes - 12) * 32 / 255 - 23

  /// How many bytes the column has of a row that fills so many pages beside its own.
  private static func bytes(filling pages: Int) -> Int {
    // Before it stand its type, of three bytes, and how many bytes tell that.
    localBytes + pages * (pageBytes - 4) - 4
  }

  /// A database of these pages behind the first one, which has nothing.
  private func pages(_ pages: [Page], _ folder: TemporaryFolder) throws -> DatabasePages {
    var first = Page(next: 0)
    first.bytes.replaceSubrange(0..<16, with: Array("SQLite format 3\0".utf8))
    first.put(UInt16(Self.pageBytes), at: 16)
    let bytes = ([first] + pages).flatMap(\.bytes)
    try Data(bytes).write(to: URL(filePath: folder.file("hostile")))
    return try #require(try DatabasePages(at: folder.file("hostile")))
  }

  private func rows(in pages: DatabasePages) throws -> [(rowid: Int64?, bytes: Int)] {
    var rows: [(rowid: Int64?, bytes: Int)] = []
    try pages.forEachRecord { rows.append(($0.rowid, Data.fromDatabaseValue($0.values[0])?.count ?? 0)) }
    return rows
  }

  @Test("A row that many pointers lead to is one, and what lies in another is none")
  func pointers() throws {
    let folder = try TemporaryFolder()
    var page = Page(cells: [Int](repeating: 3_000, count: 1_000) + [3_050, 2_500])
    page.putRow(1, of: 200, at: 3_000)
    page.putRow(2, of: 20, at: 3_050)
    page.putRow(3, of: 100, at: 2_500)
    let rows = try rows(in: pages([page], folder))
    #expect(rows.map(\.rowid) == [3, 1] && rows.map(\.bytes) == [100, 200])
  }

  @Test("A chain belongs to one row and a few copies of it, and has an end")
  func chains() throws {
    let folder = try TemporaryFolder()
    // The second page, and the third, lead on; the fourth leads to itself.
    let chain = [Page(next: 3), Page(next: 0), Page(next: 4)]
    let leaves = (0..<20).map { _ in
      var page = Page(cells: [100, 700, 1_300, 1_900, 2_500])
      for cell in [100, 700, 1_300, 1_900] { page.putRow(1, of: Self.bytes(filling: 2), chain: 2, at: cell) }
      page.putRow(9, of: Self.bytes(filling: 100), chain: 4, at: 2_500)
      return page
    }
    let rows = try rows(in: pages(chain + leaves, folder))
    #expect(rows.map(\.rowid) == [Int64?](repeating: 1, count: DatabasePages.chainReadingsMax))
    #expect(rows.allSatisfy { $0.bytes == Self.bytes(filling: 2) })
  }

  @Test("A log's frame may name any page, and those before it are not looked for", .timeLimit(.minutes(1)))
  func farFrame() throws {
    let folder = try TemporaryFolder()
    var row = Page(cells: [3_000])
    row.putRow(7, of: 30, at: 3_000)
    var (log, sum): ([UInt8], (UInt32, UInt32)) = ([], (0, 0))
    func append(_ words: [UInt32], _ page: [UInt8] = []) {
      let (head, summed) = (words.flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) }, log.isEmpty ? 24 : 8)
      let bytes = Array(head.prefix(summed)) + page
      for start in stride(from: 0, to: bytes.count, by: 8) {
        let pair = (0..<2).map { bytes[start + 4 * $0..<start + 4 * $0 + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        sum.0 = sum.0 &+ pair[0] &+ sum.1
        sum.1 = sum.1 &+ pair[1] &+ sum.0
      }
      log += head + [sum.0, sum.1].flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) } + page
    }
    append([0x377F_0683, 3_007_000, UInt32(Self.pageBytes), 0, 1, 2])
    append([4_000_000_000, 4_000_000_000, 1, 2], row.bytes)
    append([0, 1, 1, 2], row.bytes)
    try Data(log).write(to: URL(filePath: folder.file("hostile-wal")))
    let pages = try pages([Page(next: 0)], folder)
    #expect(Array(pages.numbers.ranges) == [1..<3, 4_000_000_000..<4_000_000_001])
    #expect(try rows(in: pages).map(\.rowid) == [7])
  }

  @Test("Whatever bytes a page has, reading it ends, and takes no more than it has", arguments: UInt64(0)..<20)
  func anyBytes(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var random = RandomStream(seed: seed, "pages")
    // Chains that go in circles, or end, and pages whose rows go on in them.
    let chains = (0..<4).map { _ in Page(next: UInt32(random.one(of: 0, 2, 3, 4, 5, 900))) }
    let leaves = (0..<8).map { _ in
      var page = Page(cells: (0..<random.number(in: 1...40)).map { _ in random.number(in: 0...Self.pageBytes - 1) })
      if random.chance(1, in: 5) { page.bytes[0] = random.one(of: 2, 10) }
      for cell in stride(from: 100, to: 3_000, by: random.number(in: 20...600)) {
        page.put(UInt16(cell), at: 8 + 2 * random.below(40))
        let bytes = random.one(of: random.below(400), Self.bytes(filling: random.number(in: 1...20)), 1 << 19, 1 << 20)
        page.putRow(1, of: bytes, chain: UInt32(random.number(in: 1...5)), at: cell)
      }
      return page
    }
    let all = chains + leaves
    let rows = try rows(in: pages(all, folder))
    #expect(rows.reduce(0) { $0 + $1.bytes } <= (1 + all.count) * (1 + DatabasePages.chainReadingsMax) * Self.pageBytes)
  }
}
