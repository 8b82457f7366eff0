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
  /// The rows that lie in a page, those left out that cannot be read; none where it is no page of rows. O(their bytes).
  func records(in number: Int) throws -> [PageRecord] {
    guard let page = try page(number) else { return [] }
    // On the first page the file's header comes before.
    let start = number == 1 ? 100 : 0
    guard let kind = page.bytes.dropFirst(start).first.flatMap(Kind.init),
      let count = page.integer16(at: start + 3), 2 * count < pageBytes
    else { return [] }
    let pointers = start + (kind == .innerIndex ? 12 : 8)
    return try (0..<count).compactMap { index in
      guard let cell = page.integer16(at: pointers + 2 * index) else { return nil }
      return try record(of: kind, in: page, at: cell)
    }
  }

  /// The pages that have rows. An inner page of a table has none.
  private enum Kind: UInt8 {
    case innerIndex = 2
    case index = 10
    case table = 13
  }

  /// More has no row that is looked for: a change, its hash and its signature, or less.
  private static let payloadBytesMax = Limits.changeBytesMax + 1_024

  private func record(of kind: Kind, in page: PageBytes, at cell: Int) throws -> PageRecord? {
    var offset = kind == .innerIndex ? cell + 4 : cell
    guard let length = page.varint(at: &offset), length <= Self.payloadBytesMax else { return nil }
    var rowid: Int64?
    if kind == .table {
      guard let number = page.varint(at: &offset) else { return nil }
      rowid = Int64(bitPattern: number)
    }
    guard let payload = try payload(Int(length), isTable: kind == .table, in: page, at: offset),
      let values = Self.values(in: PageBytes(payload))
    else { return nil }
    return PageRecord(rowid: rowid, values: values)
  }

  /// The bytes of a record, of which those that have no room lie in a chain of pages of their own.
  private func payload(_ length: Int, isTable: Bool, in page: PageBytes, at offset: Int) throws -> [UInt8]? {
    let localMax = isTable ? usableBytes - 35 : (usableBytes - 12) * 64 / 255 - 23
    let localMin = (usableBytes - 12) * 32 / 255 - 23
    var local = length
    if length > localMax {
      local = localMin + (length - localMin) % (usableBytes - 4)
      if local > localMax { local = localMin }
    }
    guard local >= 0, offset <= page.bytes.count - local else { return nil }
    var payload = Array(page.bytes[offset..<offset + local])
    guard local < length else { return payload }
    var next = page.integer32(at: offset + local)
    while payload.count < length {
      guard let number = next, number > 0, let more = try self.page(Int(number)) else { return nil }
      payload += more.bytes[4..<min(usableBytes, 4 + length - payload.count)]
      next = more.integer32(at: 0)
    }
    return payload
  }

  /// The columns of a record; nil where it is none.
  private static func values(in payload: PageBytes) -> [DatabaseValue]? {
    var offset = 0
    guard let headerBytes = payload.varint(at: &offset), headerBytes <= payload.bytes.count else { return nil }
    var place = Int(headerBytes)
    var values: [DatabaseValue] = []
    while offset < Int(headerBytes) {
      guard let type = payload.varint(at: &offset), let value = value(of: type, in: payload, at: &place) else {
        return nil
      }
      values.append(value)
    }
    return offset == Int(headerBytes) && place == payload.bytes.count ? values : nil
  }

  private static func value(of type: UInt64, in payload: PageBytes, at place: inout Int) -> DatabaseValue? {
    switch type {
    case 0: return .null
    case 8, 9: return Int64(type - 8).databaseValue
    case 1...6:
      let count = [1, 2, 3, 4, 6, 8][Int(type) - 1]
      guard let value = payload.integer(at: place, bytes: count) else { return nil }
      place += count
      let shift = 64 - 8 * Int64(count)
      return ((Int64(bitPattern: value) << shift) >> shift).databaseValue
    case 12...:
      let count = (type - 12) / 2
      guard count <= payload.bytes.count - place else { return nil }
      let bytes = payload.bytes[place..<place + Int(count)]
      place += Int(count)
      return type % 2 == 0 ? Data(bytes).databaseValue : String(decoding: bytes, as: UTF8.self).databaseValue
    // No column of these tables has a number with a point.
    default: return nil
    }
  }
}
