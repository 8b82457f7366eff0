internal import Foundation

/// Colours and the width of the terminal.
struct Style {
  /// Whether escape sequences are written.
  let isColored: Bool
  /// Columns of a line.
  let columns: Int
  /// Whether a terminal shows it; else another program, or a file, gets it.
  let isTerminal: Bool

  init(policy: ColorPolicy) {
    let environment = ProcessInfo.processInfo.environment
    isTerminal = isatty(STDOUT_FILENO) == 1
    isColored =
      switch policy {
      case .always: true
      case .never: false
      case .auto:
        isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
      }
    columns = Self.columns(isTerminal: isTerminal, said: environment["COLUMNS"].flatMap { Int($0) })
  }

  /// A style for lines of so many columns, whatever the terminal is.
  init(columns: Int, isColored: Bool) {
    (self.columns, self.isColored, isTerminal) = (columns, isColored, true)
  }

  /// Whether there is no room for times beside what was said.
  var isNarrow: Bool { columns < 60 }

  private static let columnsDefault = 80
  private static let columnsRange = 40...160

  private static func columns(isTerminal: Bool, said: Int?) -> Int {
    var size = winsize()
    if isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return min(max(Int(size.ws_col), columnsRange.lowerBound), columnsRange.upperBound)
    }
    return said.map { min(max($0, columnsRange.lowerBound), columnsRange.upperBound) } ?? columnsDefault
  }

  func bold(_ text: String) -> String { wrap(text, "1") }
  func dim(_ text: String) -> String { wrap(text, "2") }
  func red(_ text: String) -> String { wrap(text, "31") }
  func green(_ text: String) -> String { wrap(text, "32") }
  func yellow(_ text: String) -> String { wrap(text, "33") }
  func blue(_ text: String) -> String { wrap(text, "34") }
  func magenta(_ text: String) -> String { wrap(text, "35") }
  func cyan(_ text: String) -> String { wrap(text, "36") }

  /// One of six colours, the same for the same number.
  func hue(_ number: Int, _ text: String) -> String {
    wrap(text, ["36", "33", "35", "32", "34", "31"][abs(number % 6)])
  }

  private func wrap(_ text: String, _ code: String) -> String {
    isColored && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
