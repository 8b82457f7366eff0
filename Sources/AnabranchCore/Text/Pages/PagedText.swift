/// A text in pages of a few KiB, of which only those are read and written that an edit touches.
///
/// Places are counted in Unicode scalars. Scalars that are absent stand in pages of their own, which have no bytes. What
/// a page is kept as, and where, is its owner's affair; so is a damaged one: where a page's bytes have not the scalars
/// that it is said to have, places are off, and nothing traps.
package struct PagedText {
  /// A stretch of the text.
  package struct Page: Hashable {
    /// The name under which its bytes are kept; nil where they are not yet, or there are none.
    package var name: Int64?
    /// What orders it among the pages that are kept; nil where it is not.
    package var place: Int64?
    /// How many scalars it has; at least one.
    package var count: Int
    /// Its UTF-8; nil where it has not been read, and empty where it is absent.
    package var bytes: [UInt8]?
    /// Whether its scalars are absent.
    package var isAbsent: Bool
    /// Whether its bytes, or their number, are not what is kept.
    package var isChanged: Bool

    /// A page that is kept as `name`, at `place`; without a name it is absent.
    package init(name: Int64?, place: Int64, count: Int, bytes: [UInt8]? = nil) {
      self.name = name
      self.place = place
      self.count = count
      isAbsent = name == nil
      self.bytes = name == nil ? [] : bytes
      isChanged = false
    }

    /// How many bytes it has at least.
    fileprivate var bytesMin: Int {
      bytes?.count ?? count
    }

    /// A page that is not kept yet.
    fileprivate init(count: Int, bytes: [UInt8]) {
      self.count = count
      self.bytes = bytes
      isAbsent = bytes.isEmpty
      isChanged = true
    }
  }

  /// A page becomes several beyond so many bytes: with its head, one fills a page of SQLite's.
  package static let pageBytesMax = 4_000
  /// So many bytes each of several has at first, so that there is room to write.
  private static let pageBytesFilled = 3_000
  /// A page joins its neighbour below so many bytes.
  private static let pageBytesMin = 500

  /// In the text's order.
  package private(set) var pages: [Page]
  /// Kept pages that are no more.
  package private(set) var removed: [Page] = []
  /// How many scalars the text has.
  package private(set) var count: Int
  private let load: (Int64) throws -> [UInt8]
  /// The page that was touched last, and how many scalars lie before it: edits mostly lie near each other.
  private var cursor = (index: 0, start: 0)

  /// The text of `pages`, whose bytes `load` reads by name as far as they are needed.
  package init(_ pages: [Page] = [], load: @escaping (Int64) throws -> [UInt8]) {
    self.pages = pages
    self.load = load
    count = pages.reduce(0) { $0 + $1.count }
  }

  /// The text that says `text`, of which nothing is kept. O(text).
  package init(_ text: PartialText) {
    self.init { _ in [] }
    let content = Array(text.text.utf8)
    var place = 0
    text.gone.forEachPart(of: 0..<text.count) { range, isGone in
      let end = isGone ? place : content.end(ofScalars: range.count, from: place)
      // Nothing has to be read, so nothing is thrown.
      try? insert(content[place..<end], count: range.count, at: range.lowerBound)
      place = end
    }
  }

  /// What it says, as far as that is not absent, as UTF-8. Reads all pages. O(text).
  package mutating func wholeBytes() throws -> [UInt8] {
    var bytes: [UInt8] = []
    for index in pages.indices { bytes += try loaded(index) }
    return bytes
  }

  /// Does what `patch` says, whose bytes lie in `content`. O(pages, where it lies far from the last one).
  package mutating func apply(_ patch: TextPatch, _ content: [UInt8]) throws {
    switch patch {
    case .insert(let position, let count, let bytes): try insert(content[bytes], count: count, at: position)
    case .delete(let range): try delete(range)
    }
  }

  /// Inserts `count` scalars, `bytes`, absent where these are empty, before the scalar at `position`.
  package mutating func insert(_ bytes: ArraySlice<UInt8>, count added: Int, at position: Int) throws {
    guard added > 0 else { return }
    seek(min(position, count))
    let offset = min(position, count) - cursor.start
    count += added
    if let (index, offset) = place(for: bytes, offset) {
      if index < cursor.index { cursor = (index, cursor.start - offset) }
      if !bytes.isEmpty {
        let place = try self.place(ofScalar: offset, in: index)
        pages[index].bytes?.insert(contentsOf: bytes, at: place)
      }
      pages[index].count += added
      pages[index].isChanged = true
      try split(index)
    } else {
      let index = try cut(at: offset)
      pages.insert(Page(count: added, bytes: Array(bytes)), at: index)
      try split(index)
    }
  }

  /// Deletes `range`, as far as it lies within the text.
  package mutating func delete(_ range: Range<Int>) throws {
    var rest = range.clamped(to: 0..<count).count
    while rest > 0 {
      seek(range.lowerBound)
      let (index, offset) = (cursor.index, range.lowerBound - cursor.start)
      guard pages.indices.contains(index), offset < pages[index].count else { return }
      let gone = min(rest, pages[index].count - offset)
      rest -= gone
      count -= gone
      guard gone < pages[index].count else {
        remove(index)
        continue
      }
      if !pages[index].isAbsent {
        let place = try self.place(ofScalar: offset, in: index)
        let end = pages[index].bytes?.end(ofScalars: gone, from: place) ?? place
        pages[index].bytes?.removeSubrange(place..<max(place, end))
      }
      pages[index].count -= gone
      pages[index].isChanged = true
    }
  }

  /// Joins pages that became small to their neighbours. Done once, before what changed is kept.
  package mutating func settle() throws {
    var index = 0
    while index + 1 < pages.count {
      let (page, next) = (pages[index], pages[index + 1])
      guard page.isChanged || next.isChanged, page.isAbsent == next.isAbsent,
        page.isAbsent || min(page.bytesMin, next.bytesMin) < Self.pageBytesMin
      else {
        index += 1
        continue
      }
      if !page.isAbsent {
        let (mine, other) = (try loaded(index).count, try loaded(index + 1).count)
        guard min(mine, other) < Self.pageBytesMin, mine + other <= Self.pageBytesMax else {
          index += 1
          continue
        }
      }
      let joined = try loaded(index) + loaded(index + 1)
      pages[index].bytes = joined
      pages[index].count += next.count
      pages[index].isChanged = true
      remove(index + 1)
    }
    cursor = (0, 0)
  }

  /// Notes that the page at `index` is kept as it is, as `name` and at `place`.
  package mutating func keep(_ index: Int, as name: Int64?, at place: Int64) {
    pages[index].name = name
    pages[index].place = place
    pages[index].isChanged = false
  }
}

extension PagedText {
  /// The bytes of the page at `index`.
  private mutating func loaded(_ index: Int) throws -> [UInt8] {
    if let bytes = pages[index].bytes { return bytes }
    let bytes = try pages[index].name.map(load) ?? []
    pages[index].bytes = bytes
    return bytes
  }

  /// Where the scalar at `offset` of the page at `index` begins in its bytes.
  private mutating func place(ofScalar offset: Int, in index: Int) throws -> Int {
    let bytes = try loaded(index)
    return bytes.count == pages[index].count ? min(offset, bytes.count) : bytes.end(ofScalars: offset, from: 0)
  }

  /// Moves the cursor to the page that holds the scalar at `position`; at the end, to the last one.
  private mutating func seek(_ position: Int) {
    while cursor.index > 0, position < cursor.start {
      cursor.index -= 1
      cursor.start -= pages[cursor.index].count
    }
    while cursor.index + 1 < pages.count, position >= cursor.start + pages[cursor.index].count {
      cursor.start += pages[cursor.index].count
      cursor.index += 1
    }
  }

  /// The page that takes `bytes`, and how far into it, where `offset` scalars of the cursor's page lie before them; nil
  /// where they need one of their own.
  private func place(for bytes: ArraySlice<UInt8>, _ offset: Int) -> (index: Int, offset: Int)? {
    let index = cursor.index
    guard pages.indices.contains(index) else { return nil }
    if pages[index].isAbsent == bytes.isEmpty { return (index, offset) }
    guard offset == 0, index > 0, pages[index - 1].isAbsent == bytes.isEmpty else { return nil }
    return (index - 1, pages[index - 1].count)
  }

  /// Cuts the cursor's page in two after `offset` scalars, and returns the index of what follows.
  private mutating func cut(at offset: Int) throws -> Int {
    let index = cursor.index
    guard pages.indices.contains(index) else { return 0 }
    guard offset > 0 else { return index }
    guard offset < pages[index].count else { return index + 1 }
    let place = try self.place(ofScalar: offset, in: index)
    let rest = Page(count: pages[index].count - offset, bytes: Array(pages[index].bytes?[place...] ?? []))
    pages[index].bytes?.removeSubrange(place...)
    pages[index].count = offset
    pages[index].isChanged = true
    pages.insert(rest, at: index + 1)
    return index + 1
  }

  /// Makes the page at `index` several if it is too long.
  private mutating func split(_ index: Int) throws {
    guard !pages[index].isAbsent, let bytes = pages[index].bytes, bytes.count > Self.pageBytesMax else { return }
    var parts: [Page] = []
    var start = 0
    while start < bytes.count {
      let rest = bytes.count - start
      let end = rest <= Self.pageBytesMax ? bytes.count : bytes.boundary(before: start + Self.pageBytesFilled)
      guard end > start else { break }
      let part = Array(bytes[start..<end])
      parts.append(Page(count: part.scalarCount(in: part.indices), bytes: part))
      start = end
    }
    guard !parts.isEmpty else { return }
    parts[0].name = pages[index].name
    parts[0].place = pages[index].place
    pages.replaceSubrange(index...index, with: parts)
  }

  private mutating func remove(_ index: Int) {
    let page = pages.remove(at: index)
    if page.place != nil { removed.append(page) }
    if cursor.index == pages.count, cursor.index > 0 {
      cursor.index -= 1
      cursor.start -= pages[cursor.index].count
    }
  }
}
