extension Screen {
  /// Takes a key.
  mutating func press(_ key: Key) -> Outcome {
    switch key {
    case .control("c"): return .isBrokenOff
    case .control("z"): return .isSuspended
    case .control("l"): return .goesOn
    default: break
    }
    notice = ""
    seeking = nil
    defer { settle() }
    switch mode {
    case .typing(let text): type(key, after: text)
    case .helping(let line): turn(key, from: line)
    case .browsing: return browse(key)
    }
    return .goesOn
  }

  // MARK: Walking about

  private mutating func browse(_ key: Key) -> Outcome {
    switch key {
    case .character("q"), .character("Q"): return .ends
    case .character("?"): mode = .helping(0)
    case .character("/"): mode = .typing("")
    case .character("n"): search()
    case .character("N"): search(backwards: true)
    case .character("r"): reload()
    case .tab: choose(pane.advanced(by: 1))
    case .backTab: choose(pane.advanced(by: -1))
    case .character(let digit)
    where digit.isASCII && digit.wholeNumberValue.map { 1...Pane.allCases.count ~= $0 } == true:
      choose(Pane.allCases[(digit.wholeNumberValue ?? 1) - 1])
    case .enter, .right, .character("l"): focus = .detail
    case .left, .character("h"): focus = .list
    case .escape: goBack()
    default:
      if let motion = Self.motions[key] { move(motion) }
    }
    return .goesOn
  }

  private mutating func choose(_ pane: Pane) {
    guard pane != self.pane else { return }
    (self.pane, scroll, found) = (pane, 0, nil)
  }

  /// First what is searched for goes, then one goes back to the list.
  private mutating func goBack() {
    if needle.isEmpty { focus = .list }
    (needle, found) = ("", nil)
  }

  /// How far one goes.
  private enum Motion {
    case line(Int), page(Int), halfPage(Int), first, last
  }

  private static let motions: [Key: Motion] = [
    .up: .line(-1), .character("k"): .line(-1), .down: .line(1), .character("j"): .line(1),
    .pageUp: .page(-1), .control("b"): .page(-1), .pageDown: .page(1), .control("f"): .page(1),
    .character(" "): .page(1),
    .control("u"): .halfPage(-1), .control("d"): .halfPage(1),
    .home: .first, .character("g"): .first, .end: .last, .character("G"): .last,
  ]

  private mutating func move(_ motion: Motion) {
    switch focus {
    case .list:
      switch motion {
      case .line(let count): cursor += count
      case .page(let count): leap(count * max(listLines - 1, 1))
      case .halfPage(let count): leap(count * max(listLines / 2, 1))
      case .first: cursor = 0
      case .last: cursor = graph.entries.count - 1
      }
    case .detail:
      switch motion {
      case .line(let count): scroll += count
      case .page(let count): scroll += count * max(detailLines - 1, 1)
      case .halfPage(let count): scroll += count * max(detailLines / 2, 1)
      case .first: scroll = 0
      case .last: scroll = lines.count
      }
    }
  }

  /// Goes to the change that so many lines of the drawing away stands last, and one on at least.
  private mutating func leap(_ count: Int) {
    guard graph.places.indices.contains(cursor) else { return }
    let (step, line) = (count < 0 ? -1 : 1, graph.places[cursor] + count)
    cursor += step
    while graph.places.indices.contains(cursor + step), (line - graph.places[cursor + step]) * step >= 0 {
      cursor += step
    }
    // The list goes along, so that what was seen is not seen again.
    top += count
  }

  // MARK: Typing

  private mutating func type(_ key: Key, after text: String) {
    switch key {
    case .character(let character): mode = .typing(String((text + String(character)).prefix(Self.needleMax)))
    case .backspace, .delete: mode = text.isEmpty ? .browsing : .typing(String(text.dropLast()))
    case .control("u"): mode = .typing("")
    case .escape: mode = .browsing
    case .enter:
      mode = .browsing
      if !text.isEmpty { (needle, found) = (text, nil) }
      search()
    default: break
    }
  }

  // MARK: Help

  private mutating func turn(_ key: Key, from line: Int) {
    let last = max(Self.help.count - (size.rows - 1), 0)
    switch key {
    case .down, .character("j"): mode = .helping(min(line + 1, last))
    case .up, .character("k"): mode = .helping(max(min(line, last) - 1, 0))
    case .pageDown, .character(" "): mode = .helping(min(line + max(size.rows - 2, 1), last))
    case .pageUp: mode = .helping(max(min(line, last) - max(size.rows - 2, 1), 0))
    default: mode = .browsing
    }
  }
}
