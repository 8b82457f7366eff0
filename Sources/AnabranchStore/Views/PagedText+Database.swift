internal import AnabranchCore
internal import GRDB

extension PagedText {
  /// The pages that `db` keeps of a text; their bytes are read as they are needed.
  init(_ db: Database, of key: TextKey) throws {
    let pages = try db.all("SELECT place, page, count FROM text_page WHERE object = ? AND text = ? ORDER BY place") {
      key.bind(to: &$0)
    } _: { columns in
      Page(
        name: try columns.optionalInteger(1), place: try columns.integer(0), count: try Self.checked(columns.integer(2))
      )
    }
    self.init(pages) { try db.pageBytes($0) }
  }

  /// What `db` keeps of a text, as UTF-8, without the scalars that are absent. O(text).
  static func bytes(_ db: Database, of key: TextKey) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try db.forEach(
      "SELECT bytes FROM text_page JOIN page ON id = page WHERE object = ? AND text = ? ORDER BY place"
    ) {
      key.bind(to: &$0)
    } _: {
      try $0.withBytes(0) { bytes += $0 }
    }
    return bytes
  }

  private static func checked(_ count: Int64) throws -> Int {
    guard 1...TextRow.countMax ~= count else {
      throw StoreError(.damaged, "a page of a text has \(count) scalars", remedy: "see `anabranch inspect check`")
    }
    return Int(count)
  }

  /// Keeps in `db` what has changed. O(changed pages), and all where there is no place left between two.
  mutating func save(_ db: Database, of key: TextKey) throws {
    try settle()
    for page in removed {
      if let place = page.place { try db.removePage(at: place, of: key) }
      if let name = page.name { try db.run("DELETE FROM page WHERE id = ?") { $0.add(name) } }
    }
    guard pages.contains(where: { $0.isChanged || $0.place == nil }) else { return }
    let places = places()
    for index in pages.indices {
      let page = pages[index]
      if let old = page.place, old != places[index] { try db.removePage(at: old, of: key) }
    }
    for index in pages.indices {
      let page = pages[index]
      guard page.isChanged || page.place != places[index] else { continue }
      let name = page.isChanged ? try db.savePage(page) : page.name
      try db.run("INSERT OR REPLACE INTO text_page(object, text, place, page, count) VALUES(?, ?, ?, ?, ?)") { values in
        key.bind(to: &values)
        values.add(places[index])
        values.add(name)
        values.add(Int64(page.count))
      }
      keep(index, as: name, at: places[index])
    }
  }

  /// Between two pages that are kept one after the other there is so much place at first.
  private static let distance: Int64 = 1 << 24

  /// Where the pages are to be kept: those that are kept stay where they are, if the new ones find place between them.
  private func places() -> [Int64] {
    var places: [Int64] = []
    places.reserveCapacity(pages.count)
    var index = 0
    var last: Int64 = 0
    while index < pages.count {
      if let place = pages[index].place {
        places.append(place)
        last = place
        index += 1
        continue
      }
      let next = pages[index...].firstIndex { $0.place != nil }
      let count = Int64((next ?? pages.count) - index)
      var step = Self.distance
      if let next, let place = pages[next].place {
        let (room, overflow) = place.subtractingReportingOverflow(last)
        step = overflow ? 0 : room / (count + 1)
      } else if last > Int64.max / 2 {
        step = 0
      }
      guard step > 0 else { return pages.indices.map { Int64($0 + 1) * Self.distance } }
      for number in 1...count { places.append(last + number * step) }
      last = places[places.count - 1]
      index += Int(count)
    }
    return places
  }
}

extension Database {
  fileprivate func pageBytes(_ name: Int64) throws -> [UInt8] {
    let bytes = try first("SELECT bytes FROM page WHERE id = ?") {
      $0.add(name)
    } _: {
      try $0.bytes(0)
    }
    guard let bytes else {
      throw StoreError(.damaged, "page \(name) of a text is missing", remedy: "see `anabranch inspect check`")
    }
    return bytes
  }

  /// Keeps a page's bytes, in place of those that had its name, and returns the name; nil where it is absent.
  fileprivate func savePage(_ page: PagedText.Page) throws -> Int64? {
    guard !page.isAbsent, let bytes = page.bytes else { return nil }
    guard let name = page.name else {
      try run("INSERT INTO page(bytes) VALUES(?)") { $0.add(bytes) }
      return lastInsertedRowID
    }
    try run("UPDATE page SET bytes = ? WHERE id = ?") { values in
      values.add(bytes)
      values.add(name)
    }
    return name
  }

  fileprivate func removePage(at place: Int64, of key: TextKey) throws {
    try run("DELETE FROM text_page WHERE object = ? AND text = ? AND place = ?") { values in
      key.bind(to: &values)
      values.add(place)
    }
  }
}
