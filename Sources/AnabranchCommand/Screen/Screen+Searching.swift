internal import Anabranch

extension Screen {
  /// A search in the list that waits for more of it.
  struct Seeking: Hashable, Sendable {
    /// The first place that was not looked at.
    var place: Int
    /// Pages that it still waits for.
    var pages: Int
  }

  /// Pages that one search reads at most.
  private static let pagesSought = 16
  /// Characters that are searched for at most.
  static let needleMax = 60

  /// Goes to the next place, or with `backwards` to the one before, at which what is searched for stands.
  mutating func search(backwards: Bool = false) {
    guard !needle.isEmpty else {
      notice = "Nothing is searched for: / does that."
      return
    }
    switch focus {
    case .list: searchList(backwards: backwards)
    case .detail: searchDetail(backwards: backwards)
    }
    settle()
  }

  // MARK: In the list

  private mutating func searchList(backwards: Bool) {
    let places =
      backwards ? Array((0..<max(cursor, 0)).reversed()) : Array((cursor + 1)..<max(graph.entries.count, cursor + 1))
    if let place = places.first(where: { matches(graph.entries[$0]) }) {
      cursor = place
    } else if backwards || !graph.hasMore {
      notice = "“\(needle)” does not stand \(backwards ? "above" : "below")."
    } else {
      seek(from: graph.entries.count, pages: Self.pagesSought)
    }
  }

  /// Where a search ended, so that it goes on there once more was read.
  private mutating func seek(from place: Int, pages: Int) {
    guard pages > 0, graph.hasMore else {
      seeking = nil
      notice =
        graph.hasMore
        ? "“\(needle)” is not among \(Count.changes(place)): n goes on" : "“\(needle)” does not stand below."
      // Where it goes on.
      if graph.hasMore { cursor = max(place - 1, 0) }
      return
    }
    seeking = Seeking(place: place, pages: pages)
    notice = "Searching for “\(needle)” …"
  }

  /// Looks through what was read since.
  mutating func goOnSeeking() {
    guard let seeking else { return }
    let new = min(seeking.place, graph.entries.count)..<graph.entries.count
    if let place = new.first(where: { matches(graph.entries[$0]) }) {
      (cursor, self.seeking, notice) = (place, nil, "")
    } else {
      seek(from: graph.entries.count, pages: seeking.pages - 1)
    }
  }

  private func matches(_ entry: GraphEntry) -> Bool {
    entry.words.lowercased().contains(needle.lowercased())
  }

  // MARK: In the pane

  private mutating func searchDetail(backwards: Bool) {
    let start = found ?? (backwards ? lines.count : scroll - 1)
    let places = backwards ? Array((0..<start).reversed()) : Array((start + 1)..<max(lines.count, start + 1))
    guard let place = places.first(where: { lines[$0].text.lowercased().contains(needle.lowercased()) }) else {
      notice = "“\(needle)” does not stand \(backwards ? "above" : "below")."
      return
    }
    found = place
    if !(scroll..<(scroll + detailLines)).contains(place) { scroll = place - detailLines / 2 }
  }
}

extension GraphEntry {
  /// What is searched through: its number, who wrote it, and what it did.
  var words: String {
    "\(node.id.log.description.prefix(8))/\(node.id.sequence) \(device ?? "unknown") \(text)"
  }
}
