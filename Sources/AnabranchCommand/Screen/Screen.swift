internal import Anabranch

/// The inspector's screen: what it shows and what keys do to it.
///
/// A value without I/O. ``press(_:)``, ``resize(_:)`` and ``tick()`` tell it what happened, ``next()`` says what it wants to be read, ``take(_:for:)``
/// brings that, and ``frame`` is what there is to see. Whatever comes, in whatever order, is taken.
struct Screen {
  /// What the keys move in.
  enum Focus: Hashable, Sendable {
    case list, detail
  }

  /// What a key means.
  enum Mode: Hashable, Sendable {
    /// To walk about.
    case browsing
    /// To type what is searched for, so far.
    case typing(String)
    /// To read what the keys do, from that line on.
    case helping(Int)
  }

  /// What is to become of the program after a key.
  enum Outcome: Hashable, Sendable {
    case goesOn, ends, isBrokenOff, isSuspended
  }

  private(set) var size: ScreenSize
  var mode = Mode.browsing
  var focus = Focus.list
  var pane = Pane.change
  /// What is searched for; empty for nothing.
  var needle = ""
  /// What there is to say below, until the next key.
  var notice = ""
  /// Changes that came since the list was read.
  var news: UInt64 = 0

  var graph = GraphList()
  /// The place of the change that is chosen.
  var cursor = 0
  /// The first line of the drawing that is seen.
  var top = 0

  /// What the pane's lines are about.
  var shown: ScreenReading?
  var content = PaneContent.note("")
  /// The content as lines of the pane's width.
  var lines: [StyledLine] = []
  /// The first of them that is seen.
  var scroll = 0
  /// The one that was found last.
  var found: Int?

  // MARK: Reading

  var underWay: ScreenReading?
  var wantsNewest = true
  var wantsNews = false
  /// What failed, and is not tried again by itself.
  var failed: ScreenReading?
  /// Where a search goes on once more was read.
  var seeking: Seeking?

  init(_ size: ScreenSize = .standard) {
    self.size = size
  }

  /// The change that is chosen; nil where there is none.
  var chosen: GraphEntry? {
    graph.entries.indices.contains(cursor) ? graph.entries[cursor] : nil
  }

  var layout: ScreenLayout { ScreenLayout(size, focus: focus) }

  /// Lines of the drawing, or of the pane, that are seen at once; at least one.
  var listLines: Int { max(layout.list?.lines ?? size.rows - 2, 1) }
  var detailLines: Int { max(layout.detail?.lines ?? size.rows - 2, 1) }

  /// The terminal has that size now.
  mutating func resize(_ size: ScreenSize) {
    guard size != self.size else { return }
    self.size = size
    formatContent()
    settle()
  }

  /// A second went by.
  mutating func tick() {
    wantsNews = true
    if case .pane? = underWay { show(.note("Reading …"), of: nil) }
  }

  /// Shows something in the pane, from its beginning unless it is what was shown before.
  mutating func show(_ content: PaneContent, of reading: ScreenReading?) {
    if shown != reading { (scroll, found) = (0, nil) }
    (self.content, shown) = (content, reading)
    formatContent()
    settle()
  }

  /// Makes lines of the content. O(its text).
  private mutating func formatContent() {
    let columns = max(layout.detail?.columns ?? size.columns, Self.paneColumnsMin)
    let text = content.text(Style(columns: columns, isColored: true))
    lines =
      text.isEmpty ? [] : text.split(separator: "\n", omittingEmptySubsequences: false).map { StyledLine(String($0)) }
    if let found, !lines.indices.contains(found) { self.found = nil }
  }

  /// Below that words make no sense; what is wider than its place is cut off.
  private static let paneColumnsMin = 32

  /// Keeps what is chosen where it is seen.
  mutating func settle() {
    cursor = min(max(cursor, 0), max(graph.entries.count - 1, 0))
    let line = graph.places.indices.contains(cursor) ? graph.places[cursor] : 0
    // What parts above the first change is seen with it.
    top = min(top, line == 1 ? 0 : line)
    top = max(top, line - listLines + 1, 0)
    top = min(top, max(graph.lines.count - listLines, 0))
    scroll = min(max(scroll, 0), max(lines.count - detailLines, 0))
  }
}
