import Anabranch
import Testing

@testable import AnabranchCommand

/// What text output is made of, without a process in between.
@Suite struct DrawingTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("東京", 4), ("ｱ", 1), ("Ａ", 2), ("👩‍👩‍👧", 2), ("🇵🇹", 2), ("1️⃣", 2),
    ("한", 2),
    ("שלום", 4), ("\u{200B}", 0), ("☀️", 2), ("☀", 1), ("\u{301}", 0),
  ])
  func measures(text: String, columns: Int) {
    #expect(TextWidth.columns(text) == columns)
  }

  @Test(arguments: [
    ("one two", 10, ["one two"]), ("one two", 5, ["one", "two"]), ("one two", 3, ["one", "two"]),
    ("abcdef", 4, ["abcd", "ef"]), ("a\nb\r\nc\rd", 9, ["a", "b", "c", "d"]), ("", 5, [""]),
    ("a\n\nb", 5, ["a", "", "b"]),
    ("東京の秋", 5, ["東京", "の秋"]), ("東京 秋", 4, ["東京", "秋"]), ("  indented", 20, ["  indented"]),
    ("end   ", 10, ["end"]), ("a\tb\u{7}c", 9, ["a b\u{FFFD}c"]), ("one  two", 4, ["one", "two"]),
  ])
  func wraps(text: String, columns: Int, lines: [String]) {
    #expect(TextWidth.wrap(text, columns).map(String.init) == lines)
  }

  @Test func wrappedLinesFitAndLoseNothing() {
    var generator = SystemRandomNumberGenerator()
    let letters = ["a", "bc", " ", "  ", "東", "👩‍👩‍👧", "é", "word", "-", "\n"]
    for _ in 0..<300 {
      let text = (0..<Int.random(in: 0...60, using: &generator)).map { _ in letters.randomElement() ?? "" }.joined()
      let columns = Int.random(in: 2...20, using: &generator)
      let lines = TextWidth.wrap(text, columns)
      #expect(lines.allSatisfy { TextWidth.columns($0) <= columns }, "\(text.debugDescription) in \(columns)")
      #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " && $0 != "\n" })
    }
  }

  @Test(arguments: [
    ("short", 10, "short"), ("longer text", 6, "longe…"), ("東京の秋", 5, "東京…"), ("a\n b", 9, "a b"),
    ("\u{1B}[0m", 9, "\u{FFFD}[0m"),
  ])
  func fits(text: String, columns: Int, fitted: String) {
    #expect(TextWidth.fit(text, columns) == fitted)
  }

  @Test(arguments: [
    ("renamed “Trip” to “Lisbon”", 30, "renamed “Trip” to “Lisbon”"),
    ("renamed “Trip to Lisbon” to “Lisbon in May”", 35, "renamed “Trip to L…” to “Lisbon in…"),
    // An odd column is the last one's; what is short leaves its room to the others.
    ("renamed “Trip to Lisbon” to “Lisbon in May”", 36, "renamed “Trip to L…” to “Lisbon in …"),
    ("renamed “Trip to Lisbon and Porto” to “Lisbon in May”", 35, "renamed “Trip to L…” to “Lisbon in…"),
    ("renamed “Trip” to “Lisbon in May, or June”", 33, "renamed “Trip” to “Lisbon in May…"),
    ("tagged “Lisbon in May” “travel”", 28, "tagged “Lisbon in…” “travel”"),
    ("renamed “東京の秋の旅” to “京都の冬の旅”", 31, "renamed “東京の…” to “京都の…"),
    ("put “A trip to Lisbon” into “Trips”, and 2 more", 40, "put “A trip t…” into “Trips”, and 2 more"),
    // Where nobody would know any of them, the end goes.
    ("renamed “Trip to Lisbon” to “Lisbon in May”", 22, "renamed “Trip to Lisb…"),
    ("said “To the sea, and back”", 16, "said “To the se…"),
  ])
  func quotesShareTheirRoom(text: String, columns: Int, fitted: String) {
    #expect(TextWidth.fitQuotes(text, columns) == fitted)
    #expect(TextWidth.columns(fitted) <= columns)
  }

  @Test func fieldsGiveWayInTheirOrder() {
    var row = FieldRow([.init(text: "12345678"), .init(text: "a long title"), .init(text: ""), .init(text: "marks")])
    #expect(row.columns == 8 + 2 + 12 + 2 + 5)
    row.fit(24, cutting: [(1, 6), (3, 0)])
    #expect(row.text == "12345678  a long…  marks" && row.columns == 24)
    row.fit(18, cutting: [(1, 6), (3, 0)])
    #expect(row.text == "12345678  a lon…")
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (1_700_000_000_123, "2023-11-14T22:13:20.123Z"), (-1, "1969-12-31T23:59:59.999Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (1 << 48, "9999-12-31T23:59:59.999Z"),
      (1_784_609_590_155, "2026-07-21T04:53:10.155Z"),
    ] as [(Int64, String)])
  func writesTimes(milliseconds: Int64, text: String) {
    #expect(Moment.text(milliseconds) == text)
  }

  @Test func drawsLinesBranchesAndJoints() {
    #expect(drawing([[], [0], [1]]) == ["●", "●", "●"])
    #expect(drawing([[], [0], [0], [1, 2]]) == ["●", "├─╮", "● │", "│ ●", "├─╯", "●"])
    #expect(drawing([[], [0], [0], [0]]) == ["●", "├─┬─╮", "● │ │", "  ● │", "    ●"])
    #expect(drawing([[], []]) == ["●", "", "●"])
  }

  @Test func drawsInTheLanesThatAreFree() {
    // A node that goes on moves into the lane that ended left of it; one that ends does not.
    #expect(drawing([[], [0], [0], [2], [3]]) == ["●", "├─╮", "● │", "╭─╯", "●", "●", "●"])
    #expect(
      drawing([[], [0], [0], [0], [2, 3], [4]]) == [
        "●", "├─┬─╮", "● │ │", "╭─╯ │", "●   │", "│ ╭─╯", "│ ●", "├─╯", "●", "●",
      ])
    #expect(drawing([[], [0], [0], [0], [3]]) == ["●", "├─┬─╮", "● │ │", "  ● │", "╭───╯", "●", "●"])
  }

  /// Right below a node that ends, one that nothing leads to would seem to follow it.
  @Test func partsWhatDoesNotFollow() {
    #expect(drawing([[], []]) == ["●", "", "●"])
    #expect(drawing([[], [0], []]) == ["●", "●", "", "●"])
    #expect(drawing([[], [], [0]]) == ["●", "│ ●", "●"])
    #expect(drawing([[], [0], [], [0]]) == ["●", "├─╮", "● │", "  │", "● │", "  ●"])
  }

  /// Lanes that nobody sees are not drawn: their number is that of the answers to one message.
  @Test func drawsNoMoreLanesThanThereIsRoomFor() {
    var graph = GraphDrawing(parents: [[]] + Array(repeating: [0], count: 3_000), shownMax: 4)
    for node in 0...3_000 {
      let step = graph.step(node)
      for line in [step.joining, step.node, step.beside, step.parting] { #expect(line?.count ?? 0 <= 10) }
      #expect(step.node.contains("●"))
    }
  }

  /// Of any graph: a node that goes on has no free lane left of it, and nothing is wider than edges ran side by side so far.
  @Test(arguments: 0..<200) func drawsNoWiderThanEdgesRunSideBySide(seed: UInt64) {
    var dice = Dice(seed: seed)
    let parents = (0..<(1 + dice.below(30))).map { node in
      (max(0, node - 6)..<node).filter { _ in dice.below(4) == 0 }
    }
    let edges = parents.enumerated().flatMap { child, parents in parents.map { (from: $0, to: child) } }
    var graph = GraphDrawing(parents: parents)
    var widest = 0
    for node in parents.indices {
      let counts = [
        edges.count { $0.from < node && $0.to >= node }, edges.count { $0.from <= node && $0.to > node },
        edges.count { $0.from < node && $0.to > node } + 1,
      ]
      widest = max(widest, counts.max() ?? 0)
      let step = graph.step(node)
      for line in [step.joining, step.node, step.parting].compactMap({ $0?.withoutTrailingSpace }) {
        #expect((line.count + 1) / 2 <= widest, "\(node) of \(parents): \(line)")
      }
      guard edges.contains(where: { $0.from == node }), let place = step.node.firstIndex(of: "●") else { continue }
      #expect(!step.node[..<place].contains("  "), "\(node) of \(parents): \(step.node)")
    }
  }

  private func drawing(_ parents: [[Int]]) -> [String] {
    var graph = GraphDrawing(parents: parents)
    return parents.indices.flatMap { node in
      let step = graph.step(node)
      return [step.joining, step.node, step.parting].compactMap { $0.map { String($0.withoutTrailingSpace) } }
    }
  }

  @Test func facetsAreReadAsTheyAreWritten() {
    let facets: [Facet] = [.title, .model, .archived, .pinned, .tag("a:b"), .folder(" "), .field("x"), .purge]
    for facet in facets { #expect(Facet(argument: facet.argument) == facet) }
  }

  @Test func optionsMoveBehindTheName() throws {
    let order = ArgumentOrder(commands: ["list": [], "say": [], "key": ["show"]], speaking: ["say"])
    #expect(try order.normalised(["--home", "x", "--json", "list", "a"]) == ["list", "--home", "x", "--json", "a"])
    #expect(try order.normalised(["list", "--json"]) == ["list", "--json"])
    #expect(try order.normalised(["--home", "list", "list"]) == ["list", "--home", "list"])
    #expect(try order.normalised(["--json", "key", "show", "a"]) == ["key", "show", "--json", "a"])
    #expect(try order.normalised(["--json", "key"]) == ["key", "--json"])
    #expect(try order.normalised(["key", "--json", "show", "a"]) == ["key", "show", "--json", "a"])
    #expect(
      try order.normalised(["--json", "key", "--home", "show", "show", "--color", "auto"]) == [
        "key", "show", "--json", "--home", "show", "--color", "auto",
      ])
    #expect(try order.normalised(["key", "--json", "a", "show"]) == ["key", "--json", "a", "show"])
    #expect(try order.normalised(["list", "--json", "show"]) == ["list", "--json", "show"])
    #expect(try order.normalised(["--json", "list", "show"]) == ["list", "--json", "show"])
    #expect(try order.normalised([]) == [])
    #expect(try order.normalised(["--json", "--version"]) == ["--version"])
    #expect(throws: (any Error).self) { try order.normalised(["--home"]) }
    #expect(throws: (any Error).self) { try order.check(["say", "id", "-hello"]) }
    #expect(throws: (any Error).self) { try order.check(["say", "id", "--help"]) }
    try order.check(["say", "--help"])
    try order.check(["say", "id", "--", "-hello", "--help"])
    #expect(ArgumentOrder.wantsJSON(["list", "--json"]) && !ArgumentOrder.wantsJSON(["say", "x", "--", "--json"]))
  }
}
