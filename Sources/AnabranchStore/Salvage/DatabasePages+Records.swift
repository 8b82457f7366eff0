internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

/// A row as it lies in a page.
struct PageRecord {
  /// Its number; nil in a table that has none, which is an index of its own.
  let rowid: Int64?
  /// Its columns. In place of one that is the number itself stands nothing.
  let values: [DatabaseValue]
}

/// Finds rows: see "Database File Format" in SQLite's documentation, sections 1.6 (pages of b-trees) and 2.1 (records).
extension DatabasePages {
  /// Passes the rows that lie in the pages, one after the other, those left out that cannot be read. O(bytes of the pages), whatever they
  /// say: no two rows of a page share a byte there, and few may share what has no room in theirs.
  func forEachRecord(_ body: (PageRecord) throws -> Void) throws {
    var readings: [Int: Int] = [:]
    for number in numbers.ranges.joined() {
      // On the first page the file's header comes before.
      let start = number == 1 ? 100 : 0
      guard let page = try page(number), let kind = page.bytes.dropFirst(start).first.flatMap(Kind.init),
        let count = page.integer16(at: start + 3), 2 * count < pageBytes
      else { continue }
      let pointers = start + (kind == .innerIndex ? 12 : 8)
      let cells = Set((0..<count).compactMap { page.integer16(at: pointers + 2 * $0) })
      var end = pointers + 2 * count
      for cell in cells.sorted() where cell >= end {
        guard let read = try record(of: kind, in: page, at: cell, &readings) else { continue }
        end = read.end
        try body(read.record)
      }
    }
  }

  /// The pages that have rows. An inner page of a table has none.
  private enum Kind: UInt8 {
    case innerIndex = 2
    case index = 10
    case table = 13
  }

  /// More has no row that is looked for: a change, its hash and its signature, or less; and an attached file's six columns.
  private static let (payloadBytesMax, columnsMax) = (Limits.changeBytesMax + 1_024, 6)

  /// How often a page of a chain is read: it belongs to one row, of which old copies may lie about. A chain that goes in a circle, or that
  /// very many rows are said to have, is nobody's.
  static let chainReadingsMax = 4

  /// The row at `cell`, and where what lies of it in the page ends; nil where there is none.
  private func record(
    of kind: Kind, in page: PageBytes, at cell: Int, _ readings: inout [Int: Int]
  ) throws -> (record: PageRecord, end: Int)? {
    var offset = kind == .innerIndex ? cell + 4 : cell
    guard let length = page.varint(at: &offset), length <= Self.payloadBytesMax else { return nil }
    var rowid: Int64?
    if kind == .table {
      guard let number = page.varint(at: &offset) else { return nil }
      rowid = Int64(bitPattern: number)
    }
    // What is none shows before anything of it is copied.
    guard let header = Self.header(in: page, at: offset, of: Int(length)),
      let payload = try payload(Int(length), isTable: kind == .table, in: page, at: &offset, &readings)
    else { return nil }
    var place = header.bytes
    let values = header.types.compactMap { Self.value(of: $0, in: PageBytes(payload), at: &place) }
    return (PageRecord(rowid: rowid, values: values), offset)
  }

  /// The bytes of a record, of which those that have no room lie in a chain of pages of their own. Moves behind those that have.
  private func payload(
    _ length: Int, isTable: Bool, in page: PageBytes, at offset: inout Int, _ readings: inout [Int: Int]
  ) throws -> [UInt8]? {
    let localMax = isTable ? usableBytes - 35 : (usableBytes - 12) * 64 / 255 - 23
    let localMin = (usableBytes - 12) * 32 / 255 - 23
    var local = length
    if length > localMax {
      local = localMin + (length - localMin) % (usableBytes - 4)
      if local > localMax { local = localMin }
    }
    guard local >= 0, offset <= page.bytes.count - local else { return nil }
    var payload = Array(page.bytes[offset..<offset + local])
    offset += local
    guard local < length else { return payload }
    var next = page.integer32(at: offset)
    offset += 4
    while payload.count < length {
      guard let number = next.map({ Int($0) }), number > 0, readings[number, default: 0] < Self.chainReadingsMax,
        let more = try self.page(number)
      else { return nil }
      readings[number, default: 0] += 1
      payload += more.bytes[4..<min(usableBytes, 4 + length - payload.count)]
      next = more.integer32(at: 0)
    }
    return payload
  }

  /// The types of a record's columns, and how many bytes tell them; nil where both do not amount to its `length`.
  private static func header(in page: PageBytes, at start: Int, of length: Int) -> (types: [UInt64], bytes: Int)? {
    var (offset, rest, types) = (start, UInt64(length), [UInt64]())
    guard let bytes = page.varint(at: &offset), bytes <= rest else { return nil }
    rest -= bytes
    while offset < start + Int(bytes) {
      guard types.count < columnsMax, let type = page.varint(at: &offset), let count = byteCount(of: type),
        count <= rest
      else { return nil }
      rest -= count
      types.append(type)
    }
    return rest == 0 && offset == start + Int(bytes) ? (types, Int(bytes)) : nil
  }

  /// How many bytes a column has; nil where no column that is looked for is of that type: none has a number with a point.
  private static func byteCount(of type: UInt64) -> UInt64? {
    switch type {
    case 0, 8, 9: 0
    case 1...6: [1, 2, 3, 4, 6, 8][Int(type) - 1]
    case 12...: (type - 12) / 2
    default: nil
    }
  }

  private static func value(of type: UInt64, in payload: PageBytes, at place: inout Int) -> DatabaseValue? {
    guard let count = byteCount(of: type).map({ Int($0) }) else { return nil }
    defer { place += count }
    switch type {
    case 0: return .null
    case 8, 9: return Int64(type - 8).databaseValue
    case 1...6:
      let shift = 64 - 8 * Int64(count)
      return payload.integer(at: place, bytes: count).map { ((Int64(bitPattern: $0) << shift) >> shift).databaseValue }
    default:
      let bytes = payload.bytes[place..<place + count]
      return type % 2 == 0 ? Data(bytes).databaseValue : String(decoding: bytes, as: UTF8.self).databaseValue
    }
  }
}
