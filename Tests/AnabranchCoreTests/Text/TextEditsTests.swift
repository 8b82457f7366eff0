import AnabranchCore
import SeededRandom
import Testing

@Suite("Edits of a text")
struct TextEditsTests {
  /// `text` after `edits`, by the definition of each.
  private static func apply(_ edits: TextEdits, to text: String) -> String {
    var scalars = Array(text.unicodeScalars)
    var inserted = edits.inserted.unicodeScalars.makeIterator()
    for edit in edits.edits {
      for step in 0..<edit.count {
        switch edit.kind {
        case .insert: scalars.insert(inserted.next() ?? "\u{fffd}", at: edit.position + step)
        case .deleteForward: scalars.remove(at: edit.position)
        case .deleteBackward: scalars.remove(at: edit.position + edit.count - 1 - step)
        }
      }
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  private static func same(_ a: String, _ b: String) -> Bool {
    a.unicodeScalars.elementsEqual(b.unicodeScalars)
  }

  @Test("What differs between two texts makes one of the other", arguments: UInt64(0)..<300)
  func difference(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let old = random.words(0...12)
    var new = old.split(separator: " ").map(String.init)
    for _ in 0..<random.below(4) {
      let place = random.below(new.count + 1)
      if random.chance(1, in: 2) || place == new.count {
        new.insert(random.words(1...2), at: place)
      } else {
        new.remove(at: place)
      }
    }
    let edits = TextEdits(from: old, to: new.joined(separator: " "))
    #expect(Self.same(Self.apply(edits, to: old), new.joined(separator: " ")))
    #expect(edits.edits.isRunLengthEncoded)
    var text = AnabranchCore.EditedText(old)
    text.apply(edits)
    #expect(Self.same(text.text, Self.apply(edits, to: old)))
    #expect(text.count == text.text.unicodeScalars.count)
  }

  @Test("Only the words that differ are touched")
  func touchesWords() {
    let edits = TextEdits(from: "We stay for three nights in May", to: "We all stay for four nights in May")
    #expect(edits.inserted == "all four")
    #expect(edits.edits.filter(\.isDeletion).map(\.count) == [5])
  }

  @Test("A word in whose place another one comes goes as a whole, and one that grows or shrinks stays")
  func exchangesWords() {
    func edits(_ old: String, _ new: String) -> [String] {
      let edits = TextEdits(from: old, to: new)
      #expect(Self.same(Self.apply(edits, to: old), new))
      var inserted = edits.inserted.unicodeScalars[...]
      return edits.edits.map { edit in
        guard !edit.isDeletion else { return "-\(edit.count)@\(edit.position)" }
        defer { inserted = inserted.dropFirst(edit.count) }
        return "+\(String(String.UnicodeScalarView(inserted.prefix(edit.count))))@\(edit.position)"
      }
    }
    #expect(edits("Risotto, perhaps.", "Risotto, peas.") == ["-7@9", "+peas@9"])
    #expect(edits("a cat", "a cart") == ["+r@4"])
    #expect(edits("two cats", "two cat") == ["-1@7"])
    #expect(edits("naïve plans", "native plans") == ["-5@0", "+native@0"])
    // Each of these is a word, or a part of one.
    #expect(edits("我们明天去里斯本。", "我们今天去里斯本。") == ["-1@2", "+今@2"])
    // Nobody writes such words with spaces between: a clause stays, whoever else changes another word of it.
    #expect(edits("ฉันชอบแมว", "ฉันมีแมว") == ["-3@3", "+มี@3"])
    #expect(edits("ねこがすき", "いぬがすき") == ["-2@0", "+いぬ@0"])
    #expect(
      TextEdits(from: "ねこがすき", to: "いぬがすき").rebased(from: "ねこがすき", onto: "ねこがきらい")
        .edits.filter(\.isDeletion).map(\.count) == [2])
    let letters = String(repeating: "abcd", count: 20)
    #expect(edits("\(letters)e\(letters)", "\(letters)f\(letters)") == ["-1@80", "+f@80"])
  }

  @Test("In long texts lines that stand once hold the rest in place", arguments: UInt64(0)..<8)
  func longDifference(seed: UInt64) {
    var random = RandomStream(seed: seed)
    var lines = (0..<1_500).map { "line \($0) \(random.words(1...3))" }
    let old = lines.joined(separator: "\n")
    for _ in 0..<30 {
      let place = random.below(lines.count)
      if random.chance(1, in: 2) { lines[place] += " more" } else { lines.remove(at: place) }
    }
    let new = lines.joined(separator: "\n")
    let edits = TextEdits(from: old, to: new)
    #expect(Self.same(Self.apply(edits, to: old), new))
    #expect(edits.inserted.utf8.count < 2_000)
    let whole = TextEdits(from: old, to: String(new.reversed()))
    #expect(Self.same(Self.apply(whole, to: old), String(new.reversed())))
  }

  @Test("Run-length encoding keeps every event, and there is one way to write them", arguments: UInt64(0)..<300)
  func runLengths(seed: UInt64) {
    var random = RandomStream(seed: seed)
    var edits: [TextEdit] = []
    var events: [[Int]] = []
    var again: [TextEdit] = []
    for _ in 0..<random.number(in: 1...12) {
      let kind = random.one(of: TextEdit.Kind.insert, .deleteForward, .deleteBackward)
      let edit = TextEdit(kind, at: random.below(4), count: random.number(in: 1...3))
      edits.add(edit)
      for event in Self.events(edit) {
        events.append(event)
        again.add(
          TextEdit(event[0] == 0 ? .insert : random.one(of: .deleteForward, .deleteBackward), at: event[1], count: 1))
      }
    }
    #expect(edits.flatMap(Self.events) == events)
    #expect(edits.isRunLengthEncoded)
    #expect(again == edits, "one event at a time")
  }

  /// What each event of `edit` does: whether it deletes, and where.
  private static func events(_ edit: TextEdit) -> [[Int]] {
    (0..<edit.count).map { step in
      switch edit.kind {
      case .insert: [0, edit.position + step]
      case .deleteForward: [1, edit.position]
      case .deleteBackward: [1, edit.position + edit.count - 1 - step]
      }
    }
  }

  @Test("In pieces they do the same", arguments: UInt64(0)..<60)
  func pieces(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let old = random.words(3...9)
    let new = random.words(3...9)
    let edits = TextEdits(from: old, to: new)
    let pieces = edits.pieces(bytesMax: random.number(in: 8...20), editsMax: random.number(in: 1...4))
    #expect(Self.same(pieces.reduce(old) { Self.apply($1, to: $0) }, new))
    for piece in pieces { #expect(piece.inserted.utf8.count <= 20 && piece.edits.count <= 4 && !piece.isEmpty) }
  }

  @Test("What was read a while ago is changed as it is now", arguments: UInt64(0)..<100)
  func rebases(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let (old, ours, theirs) = (random.words(2...6), random.words(2...6), random.words(2...6))
    let mine = TextEdits(from: old, to: ours)
    #expect(mine.rebased(from: old, onto: old) == mine)
    let rebased = mine.rebased(from: old, onto: theirs)
    var document = TextDocument(base: old)
    for (log, edits) in [(UInt64(0), mine), (1, TextEdits(from: old, to: theirs))] {
      document.add(
        OperationID(log: LogID(Bytes16(high: 0, low: log)), sequence: 1, index: 0), after: [], edits.edits,
        inserted: Array(edits.inserted.utf8))
    }
    document.merge()
    #expect(Self.same(Self.apply(rebased, to: theirs), document.text))
  }
}
