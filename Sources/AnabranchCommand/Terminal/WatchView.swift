internal import Anabranch

/// What somebody who watches reads: each text under a line that says whose it is, and what is added to it as it comes.
///
/// A terminal is shown words at once; another program gets a line when it is complete.
struct WatchView {
  private let style: Style
  /// The text that was written last.
  private var current: String?
  /// How much of each text was written, of those written lately.
  private var written: [String: String] = [:]
  /// Whether the last line is not complete.
  private var isInLine = false

  init(style: Style) {
    self.style = style
  }

  /// What is to be written of `event`; empty where nothing is.
  mutating func text(of event: WatchEvent) -> String {
    guard let reading = event.text, let name = event.message ?? event.conversation.map({ "\(event.event) \($0)" })
    else { return "" }
    var output = ""
    var before = written[name]
    let goesOn = before.map(reading.hasScalarPrefix) ?? true
    if current != name || !goesOn {
      let state = before.map { _ in goesOn ? "goes on" : "changed" }
      output += endOfLine() + heading(of: event, state) + "\n"
    }
    if !goesOn { before = nil }
    var added = String(String.UnicodeScalarView(reading.unicodeScalars.dropFirst(before?.unicodeScalars.count ?? 0)))
    if event.live, !style.isTerminal {
      // Only whole lines; the rest comes with the next event.
      let end = added.unicodeScalars.lastIndex(of: "\n").map { added.unicodeScalars.index(after: $0) }
      added = end.map { String(added.unicodeScalars[..<$0]) } ?? ""
    }
    if written.count >= Self.textsMax { written = [:] }
    current = name
    written[name] = (before ?? "") + added
    if !added.isEmpty {
      output += TextWidth.printableLines(added)
      isInLine = added.unicodeScalars.last != "\n"
    }
    if !event.live { output += endOfLine() }
    return output
  }

  private mutating func endOfLine() -> String {
    defer { isInLine = false }
    return isInLine ? "\n" : ""
  }

  /// Texts of which is remembered how much was written; of more, some are written again from their beginning.
  private static let textsMax = 64

  private func heading(of event: WatchEvent, _ state: String?) -> String {
    var parts = [style.bold(event.role ?? event.event.rawValue)]
    if let message = event.message ?? event.conversation { parts.append(style.yellow(String(message.prefix(8)))) }
    if let device = event.device { parts.append(style.dim("@" + TextWidth.fit(device, 20))) }
    if let state { parts.append(style.dim(state)) }
    return parts.joined(separator: " ")
  }
}

extension String {
  /// Whether it begins with the scalars of `prefix`, however these join with what follows.
  fileprivate func hasScalarPrefix(_ prefix: String) -> Bool {
    unicodeScalars.starts(with: prefix.unicodeScalars)
  }
}
