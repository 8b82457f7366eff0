import Anabranch
import Testing

@testable import AnabranchCommand

/// The screen as a value: what keys do to it, and that it takes whatever comes.
@Suite(.timeLimit(.minutes(3))) struct ScreenTests {
  private func history(_ count: Int, seed: UInt64 = 1) async throws -> MadeUpHistory {
    var dice = Dice(seed: seed)
    return MadeUpHistory(count, like: try await MadeUpHistory.anyNode(in: Workplace()), &dice)
  }

  /// Answers all that the screen wants.
  private func settle(_ screen: inout Screen, _ history: MadeUpHistory, pages: inout Int) {
    while let reading = screen.next() {
      switch reading {
      case .newest(let count): screen.take(.page(history.page(count, within: history.held)), for: reading)
      case .more(let rest):
        pages += 1
        screen.take(.page(history.page(Screen.pageEntries, within: rest)), for: reading)
      case .pane(let pane, let node):
        let lines = (1...50).map { "\(pane.title) \($0) of \(node.map { "\($0.id.sequence)" } ?? "all")" }
        screen.take(.pane(.note(lines.joined(separator: "\n"))), for: reading)
      case .held: screen.take(.held(history.held), for: reading)
      }
    }
  }

  @Test func readsPagesAsOneGoesDown() async throws {
    let history = try await history(10_000)
    var (screen, pages) = (Screen(), 0)
    settle(&screen, history, pages: &pages)
    #expect(screen.graph.entries.count == Screen.pageEntries && screen.graph.hasMore && pages == 0)
    #expect(screen.frame.text.hasPrefix("History · 1 of 128+"))
    for _ in 0..<100 {
      _ = screen.press(.pageDown)
      settle(&screen, history, pages: &pages)
    }
    #expect(screen.cursor > 250 && screen.graph.entries.count < screen.cursor + 3 * Screen.pageEntries)
    #expect(screen.graph.entries.map(\.node.id) == history.entries.prefix(screen.graph.entries.count).map(\.node.id))
    // To the end of what was read, and on.
    let before = screen.graph.entries.count
    _ = screen.press(.character("G"))
    #expect(screen.cursor == before - 1)
    settle(&screen, history, pages: &pages)
    #expect(screen.graph.entries.count == before + Screen.pageEntries)
    _ = screen.press(.character("g"))
    #expect(screen.cursor == 0 && screen.top == 0)
  }

  /// Nothing is passed over where a page of lines is, and everything that is chosen is seen.
  @Test func pagesOfLinesFollowEachOther() async throws {
    let history = try await history(120)
    var (screen, pages) = (Screen(), 0)
    settle(&screen, history, pages: &pages)
    var seen: Set<Int> = []
    for key in [Key](repeating: .pageDown, count: 40) + [Key](repeating: .up, count: 200) {
      let rows = screen.graph.lines.dropFirst(screen.top).prefix(screen.listLines)
      #expect(rows.contains { $0.entry == screen.cursor })
      seen.formUnion(rows.compactMap(\.entry))
      _ = screen.press(key)
      settle(&screen, history, pages: &pages)
    }
    #expect(seen.count == 120 && screen.cursor == 0)
  }

  @Test func searchesAlsoInWhatIsReadForIt() async throws {
    var history = try await history(3_000)
    var entries = history.entries
    for place in [5, 700, 701] {
      entries[place] = GraphEntry(entries[place].node, "phone", "renamed “Trip” to “Lisbon”")
    }
    history = MadeUpHistory(entries: entries, held: history.held)
    var (screen, pages) = (Screen(), 0)
    settle(&screen, history, pages: &pages)
    func press(_ text: String) {
      for key in KeyParser.keys(of: text) {
        _ = screen.press(key)
        settle(&screen, history, pages: &pages)
      }
    }
    press("/lisBONx\u{7F}\r")
    #expect(screen.cursor == 5 && pages == 0 && screen.needle == "lisBON")
    press("n")
    #expect(screen.cursor == 700 && pages == 5)
    press("n")
    #expect(screen.cursor == 701)
    press("NN")
    #expect(screen.cursor == 5)
    press("N")
    #expect(screen.cursor == 5 && screen.notice.contains("does not stand above"))
    press("/is not there at all\r")
    #expect(screen.notice.contains("n goes on") && screen.graph.entries.count < 3_000)
    let before = screen.graph.entries.count
    press("n")
    #expect(screen.graph.entries.count == 3_000 || screen.graph.entries.count > before)
    press("\u{1B}")
    #expect(screen.needle.isEmpty)
  }

  @Test func panesAreChosenAndScrolled() async throws {
    let history = try await history(20)
    var (screen, pages) = (Screen(), 0)
    settle(&screen, history, pages: &pages)
    func press(_ keys: Key...) {
      for key in keys {
        #expect(screen.press(key) == .goesOn)
        settle(&screen, history, pages: &pages)
      }
    }
    press(.tab)
    #expect(screen.pane == .why && screen.lines[0].text == "Why 1 of \(history.entries[0].node.id.sequence)")
    press(.backTab, .backTab)
    #expect(screen.pane == .diverged)
    press(.character("3"), .down)
    #expect(screen.pane == .peers && screen.cursor == 1 && screen.lines[0].text == "Peers 1 of all")
    press(.enter, .pageDown, .down)
    #expect(screen.focus == .detail && screen.cursor == 1 && screen.scroll == screen.detailLines)
    press(.character("G"))
    #expect(screen.scroll == 50 - screen.detailLines)
    // What is about all of the history stays where it is as another change is chosen; what is about that one begins anew.
    press(.escape, .down)
    #expect(screen.focus == .list && screen.scroll > 0)
    press(.character("1"), .enter, .down, .character("h"), .down)
    #expect(screen.scroll == 0)
    // In the pane, a search finds lines.
    press(.enter)
    for key in KeyParser.keys(of: "/change 40 \r") { press(key) }
    #expect(screen.found == 39 && (screen.scroll..<(screen.scroll + screen.detailLines)).contains(39))
    press(.character("?"))
    #expect(screen.frame.text.hasPrefix(Screen.help[0]))
    press(.escape)
    #expect(screen.press(.character("q")) == .ends && screen.press(.control("c")) == .isBrokenOff)
  }

  @Test func whatWasChosenStaysSoAsTheListIsReadAnew() async throws {
    let history = try await history(400)
    var (screen, pages) = (Screen(), 0)
    let older = MadeUpHistory(
      entries: Array(history.entries.dropFirst(10)),
      held: VersionVector(
        Dictionary(grouping: history.entries.dropFirst(10), by: \.node.id.log).map { log, entries in
          (log, entries.map(\.node.id.sequence).max() ?? 0)
        }))
    settle(&screen, older, pages: &pages)
    for _ in 0..<7 { _ = screen.press(.down) }
    settle(&screen, older, pages: &pages)
    let chosen = try #require(screen.chosen?.node.id)
    screen.tick()
    settle(&screen, history, pages: &pages)
    #expect(screen.news == 10 && screen.frame.text.contains("10 new changes: r"))
    _ = screen.press(.character("r"))
    settle(&screen, history, pages: &pages)
    #expect(screen.chosen?.node.id == chosen && screen.cursor == 17 && screen.news == 0)
  }

  @Test func failuresAreSaidAndNotTriedAgainByThemselves() async throws {
    let history = try await history(400)
    var screen = Screen()
    let wanted = screen.next()
    let first = try #require(wanted)
    screen.take(.failure("the disk is gone"), for: first)
    #expect(screen.frame.text.contains("Nothing could be read.") && screen.frame.text.contains("the disk is gone"))
    while let reading = screen.next() {
      #expect(reading != first)
      screen.take(.failure("still gone"), for: reading)
    }
    _ = screen.press(.character("r"))
    #expect(screen.next() == first)
    screen.take(.page(history.page(Screen.pageEntries, within: history.held)), for: first)
    #expect(screen.frame.text.hasPrefix("History · 1 of 128+"))
  }

  private static let keys: [Key] =
    [.up, .down, .left, .right, .pageUp, .pageDown, .home, .end, .enter, .escape, .tab, .backTab, .backspace, .delete]
    + "jkhlgGnNr/?12345 qax東🇵🇹".map { .character($0) } + "bcdfluz".map { .control($0) }

  /// Whatever is pressed, however large the screen is and whatever is brought, it is drawn whole, and a terminal that draws only
  /// what has changed shows the same.
  @Test(arguments: 0..<5 as Range<UInt64>) func takesWhateverComes(seed: UInt64) async throws {
    let history = try await history(300, seed: seed)
    var dice = Dice(seed: seed)
    var screen = Screen()
    var (drawn, terminal): (Frame?, VirtualTerminal) = (nil, VirtualTerminal(.standard))
    for _ in 0..<250 {
      switch dice.below(10) {
      case 0: screen.resize(ScreenSize(rows: dice.below(40) - 1, columns: dice.below(dice.pick([8, 60, 130])) - 1))
      case 1: screen.tick()
      case 2...5: _ = screen.press(dice.pick(Self.keys))
      default: answer(&screen, history, &dice)
      }
      let frame = screen.frame
      try check(frame)
      #expect(screen.cursor >= 0 && screen.cursor <= max(screen.graph.entries.count - 1, 0))
      if frame.size != drawn?.size { terminal = VirtualTerminal(frame.size) }
      try terminal.take(frame.drawing(after: drawn, isColored: dice.below(2) == 0))
      #expect(terminal.text == frame.text)
      drawn = frame
    }
  }

  private func answer(_ screen: inout Screen, _ history: MadeUpHistory, _ dice: inout Dice) {
    guard let reading = screen.next() else { return }
    let words = dice.pick(MadeUpHistory.texts)
    if dice.below(12) == 0 { return screen.take(.failure(words), for: reading) }
    switch reading {
    case .newest: screen.take(.page(history.page(1 + dice.below(200), within: history.held)), for: reading)
    case .more(let rest): screen.take(.page(history.page(dice.below(20), within: rest)), for: reading)
    case .pane:
      let lines = (0..<dice.below(60)).map { _ in dice.pick(MadeUpHistory.texts) }
      screen.take(.pane(.note(words + lines.joined(separator: "\n"))), for: reading)
    case .held: screen.take(.held(dice.below(2) == 0 ? history.held : VersionVector()), for: reading)
    }
  }

  /// A cell for each row and column, whole characters, and nothing that a terminal would obey.
  private func check(_ frame: Frame) throws {
    try #require(frame.cells.count == frame.size.rows * frame.size.columns)
    for number in 0..<frame.size.rows {
      let row = frame.row(number)
      var place = row.startIndex
      while place < row.endIndex {
        let columns = TextWidth.columns(row[place].text)
        try #require(columns == 1 || columns == 2, "\(row[place])")
        if columns == 2 { try #require(place + 1 < row.endIndex && row[place + 1].text.isEmpty) }
        place += columns
      }
      for cell in row {
        let isHarmless = cell.text == TextWidth.printable(cell.text) && !cell.text.contains(where: \.isNewline)
        try #require(isHarmless, "\(cell.text.debugDescription)")
      }
    }
  }

  /// Of a graph that is read at once, the lanes are those that `inspect log --graph` draws.
  @Test(arguments: 0..<40 as Range<UInt64>) func drawsTheGraphAsTheLogDoes(seed: UInt64) async throws {
    let entries = try await history(60, seed: seed).entries
    var list = GraphList()
    list.append(GraphPage(entries: entries, hasMore: false, held: VersionVector()))
    let places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($0.element.node.id, $0.offset) })
    var above = [[Int]](repeating: [], count: entries.count)
    for (place, entry) in entries.enumerated() {
      for parent in entry.node.parents { if let below = places[parent] { above[below].append(place) } }
    }
    var drawing = GraphDrawing(parents: above)
    let lines = entries.indices.flatMap { place in
      let step = drawing.step(place)
      return [step.joining, step.node, step.parting].compactMap { $0 }
    }
    #expect(list.lines.map(\.lanes) == lines)
  }

  /// What builds on others alone, of whom nothing is shown, seems neither to begin a history nor to follow what stands below it.
  @Test func drawsWhatIsCutOffApart() async throws {
    let node = try await MadeUpHistory.anyNode(in: Workplace())
    func entry(_ log: UInt64, _ sequence: UInt32, on parents: [ChangeID] = [], isCutOff: Bool = false) -> GraphEntry {
      var node = node
      (node.id, node.parents) = (ChangeID(log: LogID(Bytes16(high: 0, low: log)), sequence: sequence), parents)
      return GraphEntry(node, "phone", "did something", isCutOff: isCutOff)
    }
    let root = entry(2, 1)
    let entries = [entry(1, 1, isCutOff: true), entry(2, 2, on: [root.node.id]), root]
    var list = GraphList()
    list.append(GraphPage(entries: entries, hasMore: false, held: VersionVector()))
    #expect(list.lines.map(\.lanes) == ["● ", "~ ", "  ", "● ", "● "])
    #expect(list.places == [0, 3, 4])
  }

  @Test func colouredTextIsReadAsItWasPainted() {
    let style = Style(columns: 80, isColored: true)
    let line = StyledLine("a" + style.bold("b") + style.cyan("東\u{301}") + style.dim("\u{1B}[31mx"))
    #expect(line.text == "ab東\u{301}x" && line.columns == 5)
    #expect(line.pieces.map(\.look.isBold) == [false, true, false, false])
    #expect(line.pieces.map(\.look.color) == [nil, nil, 6, 1] && line.pieces[3].look.isDim)
    // What is no colour stays what it was, and does nothing.
    #expect(StyledLine("\u{1B}[2J\u{9B}x\u{1B}").text == "\u{FFFD}[2J\u{FFFD}x\u{FFFD}")
    var marked = StyledLine("Lisbon, lisbon")
    marked.mark("LISBON")
    #expect(
      marked.pieces.map(\.look.isReversed) == [6, 2, 6].enumerated().flatMap { [Bool](repeating: $0 != 1, count: $1) })
  }
}
