internal import Foundation

/// The pages of an SQLite database as they lie in its file, or newer in the write-ahead log beside it: whatever SQLite would find them by
/// may be lost.
///
/// See "Database File Format" in SQLite's documentation, sections 1.2 (the header) and 4 (the write-ahead log).
final class DatabasePages {
  /// Bytes of a page, and how many of them are in use.
  let (pageBytes, usableBytes): (Int, Int)
  /// The numbers of the pages that there are: those of the file, and what the log has beyond its end.
  let numbers: RangeSet<Int>
  /// What the header says of the version of the tables; nil where there is no header.
  let userVersion: Int32?
  private let file: FileHandle
  private let log: PageLog?

  /// Whether its pages are laid out as this program's databases have them.
  var hasUsualLayout: Bool { pageBytes == Self.usualBytes && usableBytes == pageBytes }

  /// Opens the database at `path`, with pages as its header says, or else the write-ahead log; or as usual, whatever these say. Nil where
  /// there is no such file, or not a page of one. O(write-ahead log).
  init?(at path: String, isUsual: Bool = false) throws {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    self.file = file
    let header = try file.bytes(Self.headerBytes, at: 0) ?? []
    let isHeader = header.starts(with: Self.magic)
    let claimed = isHeader && !isUsual ? PageBytes(header).integer16(at: 16).map { $0 == 1 ? 65_536 : $0 } : nil
    let log = try PageLog(at: path + "-wal")
    pageBytes = claimed.flatMap { Self.isSize($0) ? $0 : nil } ?? (isUsual ? nil : log?.pageBytes) ?? Self.usualBytes
    usableBytes = pageBytes - (isHeader && !isUsual ? Int(header[20]) : 0)
    userVersion = isHeader ? PageBytes(header).integer32(at: 60).map { Int32(bitPattern: $0) } : nil
    // A log of pages of another size is not this file's.
    self.log = log?.pageBytes == pageBytes ? log : nil
    // A log's frames may name any page: those that it has are gone through, and not all up to the last one.
    let count = Int(clamping: try file.seekToEnd()) / pageBytes
    numbers = RangeSet([1..<count + 1] + (self.log?.numbers ?? []).map { $0..<$0 + 1 })
    guard !numbers.isEmpty else { return nil }
  }

  private static let magic = Array("SQLite format 3\0".utf8)
  private static let headerBytes = 100
  /// What this program's databases have.
  private static let usualBytes = 4_096

  static func isSize(_ bytes: Int) -> Bool {
    (512...65_536).contains(bytes) && bytes & (bytes - 1) == 0
  }

  /// The bytes of a page; nil where there are not so many.
  func page(_ number: Int) throws -> PageBytes? {
    guard numbers.contains(number) else { return nil }
    let bytes =
      try log?.page(number) ?? file.bytes(pageBytes, at: UInt64(number - 1) * UInt64(pageBytes))
    return bytes.map(PageBytes.init)
  }
}

/// The pages in a write-ahead log that were committed.
private struct PageLog {
  let pageBytes: Int
  /// Where the last committed one of each number begins.
  private var offsets: [Int: UInt64] = [:]
  private let file: FileHandle

  /// The numbers of the pages in it, in ascending order.
  var numbers: [Int] { offsets.keys.sorted() }

  /// Reads which pages the log at `path` has, up to the first that is not what was written; nil where there is none. O(its bytes).
  init?(at path: String) throws {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    self.file = file
    guard let header = try file.bytes(32, at: 0).map(PageBytes.init), let magic = header.integer32(at: 0),
      [0x377F_0682, 0x377F_0683].contains(magic), let size = header.integer32(at: 8), DatabasePages.isSize(Int(size))
    else { return nil }
    pageBytes = Int(size)
    var sum = Checksum(isBigEndian: magic & 1 == 1)
    sum.add(header.bytes.prefix(24))
    guard sum.matches(header, at: 24) else { return nil }
    let (salts, frameBytes) = (header.bytes[16..<24], UInt64(24 + pageBytes))
    var (offset, waiting): (UInt64, [Int: UInt64]) = (32, [:])
    while let frame = try file.bytes(Int(frameBytes), at: offset).map(PageBytes.init),
      let number = frame.integer32(at: 0), number > 0, let committed = frame.integer32(at: 4)
    {
      sum.add(frame.bytes.prefix(8))
      sum.add(frame.bytes.dropFirst(24))
      guard frame.bytes[8..<16] == salts, sum.matches(frame, at: 16) else { break }
      waiting[Int(number)] = offset + 24
      if committed > 0 {
        offsets.merge(waiting) { $1 }
        waiting = [:]
      }
      offset += frameBytes
    }
  }

  func page(_ number: Int) throws -> [UInt8]? {
    try offsets[number].flatMap { try file.bytes(pageBytes, at: $0) }
  }

  /// The sum that each frame has over all before it.
  private struct Checksum {
    let isBigEndian: Bool
    private var (first, second): (UInt32, UInt32) = (0, 0)

    init(isBigEndian: Bool) {
      self.isBigEndian = isBigEndian
    }

    /// Adds bytes, of which there are eight, or sixteen, and so on.
    mutating func add(_ bytes: ArraySlice<UInt8>) {
      func word(_ start: Int) -> UInt32 {
        let word = bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
        return isBigEndian ? word : word.byteSwapped
      }
      for start in stride(from: bytes.startIndex, to: bytes.endIndex - 7, by: 8) {
        first = first &+ word(start) &+ second
        second = second &+ word(start + 4) &+ first
      }
    }

    func matches(_ bytes: PageBytes, at offset: Int) -> Bool {
      bytes.integer32(at: offset) == first && bytes.integer32(at: offset + 4) == second
    }
  }
}

/// Bytes in which integers stand, the most significant byte first. What lies outside is nil.
struct PageBytes {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  func integer16(at offset: Int) -> Int? {
    integer(at: offset, bytes: 2).map { Int($0) }
  }

  func integer32(at offset: Int) -> UInt32? {
    integer(at: offset, bytes: 4).map { UInt32($0) }
  }

  /// An integer of one to eight bytes, without its sign.
  func integer(at offset: Int, bytes count: Int) -> UInt64? {
    guard offset >= 0, count <= 8, offset <= bytes.count - count else { return nil }
    return bytes[offset..<offset + count].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// An integer of one to nine bytes, as SQLite writes them: seven bits in each, and eight in the ninth. Moves behind it.
  func varint(at offset: inout Int) -> UInt64? {
    var value: UInt64 = 0
    for index in 0..<9 {
      guard bytes.indices.contains(offset) else { return nil }
      let byte = bytes[offset]
      offset += 1
      guard index < 8 else { return value << 8 | UInt64(byte) }
      value = value << 7 | UInt64(byte & 0x7F)
      if byte < 0x80 { return value }
    }
    return value
  }
}

extension FileHandle {
  /// So many bytes from `offset` on; nil where there are not so many.
  fileprivate func bytes(_ count: Int, at offset: UInt64) throws -> [UInt8]? {
    try seek(toOffset: offset)
    guard let data = try read(upToCount: count), data.count == count else { return nil }
    return Array(data)
  }
}
