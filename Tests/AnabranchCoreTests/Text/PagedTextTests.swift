import AnabranchCore
import SeededRandom
import Testing

@Suite("A text in pages")
struct PagedTextTests {
  /// What keeps pages by name, and counts what is read and written.
  private final class Shelf {
    var pages: [PagedText.Page] = []
    var bytes: [Int64: [UInt8]] = [:]
    var (read, written) = (0, 0)
    private var last: Int64 = 0

    func open() -> PagedText {
      let kept = pages.map { PagedText.Page(name: $0.name, place: $0.place ?? 0, count: $0.count) }
      return PagedText(kept) { name in
        self.read += 1
        return self.bytes[name] ?? []
      }
    }

    func keep(_ text: PagedText) throws {
      var text = text
      try text.settle()
      for page in text.removed { if let name = page.name { bytes[name] = nil } }
      for index in text.pages.indices where text.pages[index].isChanged {
        let page = text.pages[index]
        var name = page.name
        if !page.isAbsent {
          if name == nil { last += 1 }
          name = name ?? last
          if let name { bytes[name] = page.bytes }
          written += 1
        }
        text.keep(index, as: name, at: Int64(index))
      }
      pages = text.pages
    }
  }

  private static let pieces = [
    "a", "plain words ", "\u{301}", "e\u{301}", "שלום ", "\u{202E}rtl\u{202C}", "👩‍👩‍👧‍👦", "東京", "\u{0}",
    "\u{10FFFF}\u{FEFF}",
  ]

  @Test("It says what an array of scalars says, however it is kept in between", arguments: UInt64(0)..<60)
  func likeAnArray(seed: UInt64) throws {
    var random = RandomStream(seed: seed, "pages")
    let shelf = Shelf()
    var text = shelf.open()
    // An absent scalar is nil.
    var model: [Unicode.Scalar?] = []
    for _ in 0..<400 {
      let position = random.below(model.count + 1)
      if random.chance(3, in: 5) {
        let repeats = random.one(of: 1, 1, 1, 3, 40, 700)
        let piece = String(repeating: random.pick(Self.pieces) ?? "", count: repeats)
        let scalars = Array(piece.unicodeScalars)
        if random.chance(1, in: 6) {
          try text.insert([], count: scalars.count, at: position)
          model.insert(contentsOf: scalars.map { _ in nil }, at: position)
        } else {
          try text.insert(Array(piece.utf8)[...], count: scalars.count, at: position)
          model.insert(contentsOf: scalars, at: position)
        }
      } else {
        let range = position..<min(model.count, position + random.one(of: 1, 2, 30, 5_000))
        try text.delete(range)
        model.removeSubrange(range)
      }
      #expect(text.count == model.count)
      guard random.chance(1, in: 8) else { continue }
      try shelf.keep(text)
      text = shelf.open()
      #expect(shelf.pages.allSatisfy { $0.count > 0 && $0.bytes?.count ?? 0 <= PagedText.pageBytesMax })
      #expect(shelf.bytes.count == shelf.pages.count { !$0.isAbsent })
    }
    var there = String.UnicodeScalarView()
    there.append(contentsOf: model.compactMap(\.self))
    #expect(try text.wholeBytes() == Array(String(there).utf8))
    // Absent scalars lie where they should.
    var place = 0
    for page in text.pages {
      #expect(model[place..<place + page.count].allSatisfy { ($0 == nil) == page.isAbsent })
      place += page.count
    }
  }

  @Test("A small edit of ten megabytes reads and writes a page or two")
  func touchesLittle() throws {
    let body = String(repeating: "日本語 e\u{301} שלום 👩‍👩‍👧 plain words\n", count: 200_000)
    let shelf = Shelf()
    try shelf.keep(PagedText(PartialText(body)))
    #expect(shelf.pages.count < body.utf8.count / 2_500)
    var random = RandomStream(seed: 1, "edits")
    for _ in 0..<100 {
      (shelf.read, shelf.written) = (0, 0)
      var text = shelf.open()
      let position = random.below(text.count - 10)
      try text.insert(Array("é".utf8)[...], count: 1, at: position)
      try text.delete(position + 3..<position + 5)
      try shelf.keep(text)
      #expect(shelf.read <= 3 && shelf.written <= 3)
    }
  }

  @Test("A page that has not what it is said to have puts places off, and nothing traps", arguments: UInt64(0)..<40)
  func survivesDamage(seed: UInt64) throws {
    var random = RandomStream(seed: seed, "damage")
    let pages = (0..<6).map { PagedText.Page(name: Int64($0), place: Int64($0), count: random.number(in: 1...40)) }
    let bytes = (0..<6).map { _ in random.bytes(random.below(60)) }
    var text = PagedText(pages) { bytes[Int($0)] }
    for _ in 0..<100 {
      let position = random.below(240)
      if random.chance(1, in: 2) {
        try text.insert(
          Array(repeating: 0x80, count: random.below(9_000))[...], count: random.number(in: 1...9), at: position)
      } else {
        try text.delete(position..<position + random.below(90))
      }
      if random.chance(1, in: 9) { try text.settle() }
    }
    _ = try text.wholeBytes()
    #expect(text.count >= 0)
  }
}
