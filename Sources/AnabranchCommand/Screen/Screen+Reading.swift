internal import Anabranch

extension Screen {
  /// Changes that are read at once.
  static let pageEntries = 128
  /// Changes that are read again at most, to find the one that was chosen.
  private static let entriesKept = 2_000
  /// Changes below the chosen one from which on more are read.
  private static let entriesAhead = 48

  /// What is to be read next, from now on under way; nil where that is nothing, or something is under way already.
  mutating func next() -> ScreenReading? {
    guard underWay == nil else { return nil }
    underWay = wanted
    if underWay == .held { wantsNews = false }
    return underWay
  }

  private var wanted: ScreenReading? {
    if wantsNewest {
      return .newest(min(graph.entries.count + Self.pageEntries, Self.entriesKept))
    }
    let pane = ScreenReading.pane(self.pane, self.pane.isOfChange ? chosen?.node : nil)
    if shown != pane { return pane }
    let more = ScreenReading.more(graph.rest)
    let isNearEnd = cursor + Self.entriesAhead >= graph.entries.count || top + 2 * listLines >= graph.lines.count
    if graph.hasMore, failed != more, isNearEnd || seeking != nil { return more }
    return wantsNews ? .held : nil
  }

  /// Brings what came of a reading.
  mutating func take(_ answer: ScreenAnswer, for reading: ScreenReading) {
    underWay = nil
    switch (reading, answer) {
    case (.newest, .page(let page)): begin(with: page)
    case (.more(let rest), .page(let page)):
      // The list may have begun anew meanwhile.
      guard rest == graph.rest else { return }
      graph.append(page)
      goOnSeeking()
      settle()
    case (.pane, .pane(let content)): show(content, of: reading)
    case (.held, .held(let held)): news = held.changes(missingFrom: graph.held)
    case (.pane, .failure(let words)): show(.note(words), of: reading)
    // Asked again in a second.
    case (.held, .failure): break
    case (_, .failure(let words)):
      (failed, wantsNewest, seeking, notice) = (reading, false, nil, words)
    default: break
    }
  }

  /// Reads everything anew; what was chosen stays so.
  mutating func reload() {
    (wantsNewest, failed, shown, seeking, notice) = (true, nil, nil, nil, "")
  }

  /// Begins the list with its first page; what was chosen stays so.
  mutating func begin(with page: GraphPage) {
    let before = (
      change: chosen?.node.id, row: (graph.places.indices.contains(cursor) ? graph.places[cursor] : 0) - top
    )
    graph = GraphList(held: page.held)
    graph.append(page)
    (wantsNewest, news) = (false, 0)
    if let change = before.change {
      cursor = graph.place(of: change) ?? 0
      if graph.place(of: change) == nil { notice = "The change that was chosen lies further back now." }
      // In the same row, so that the eye finds it.
      if graph.places.indices.contains(cursor) { top = graph.places[cursor] - before.row }
    }
    settle()
  }
}
