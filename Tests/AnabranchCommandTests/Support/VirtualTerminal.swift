import Testing

@testable import AnabranchCommand

/// A terminal that does what it is sent, as far as the screen uses it; whatever else comes is an error.
struct VirtualTerminal {
  private let size: ScreenSize
  private var cells: [String]
  private var (row, column) = (0, 0)
  /// Whether a sequence came that colours something.
  private(set) var isColored = false

  init(_ size: ScreenSize) {
    self.size = size
    // What was there before.
    cells = [String](repeating: "#", count: size.rows * size.columns)
  }

  /// What it shows, row by row.
  var text: String {
    (0..<size.rows).map { row in
      String(cells[(row * size.columns)..<((row + 1) * size.columns)].joined().withoutTrailingSpace)
    }.joined(separator: "\n")
  }

  mutating func take(_ output: String) throws {
    var rest = Substring(output)
    while !rest.isEmpty {
      if let match = rest.prefixMatch(of: /\x1B\[([0-9;]*)([A-Za-z])/) {
        try obey(match.2, match.1.split(separator: ";").compactMap { Int($0) })
        rest = rest[match.range.upperBound...]
      } else {
        let character = rest.removeFirst()
        try #require(
          character.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
          "\(output.debugDescription)")
        write(character)
      }
    }
  }

  private mutating func obey(_ command: Substring, _ numbers: [Int]) throws {
    switch (command, numbers.count) {
    case ("H", 2): (row, column) = (numbers[0] - 1, numbers[1] - 1)
    case ("G", 1): column = numbers[0] - 1
    case ("J", 1): cells = [String](repeating: " ", count: cells.count)
    case ("K", 1):
      for place in 0..<size.columns { cells[row * size.columns + place] = " " }
    case ("m", _): isColored = isColored || numbers != [0]
    default: try #require(Bool(false), "unexpected: \(command) \(numbers)")
    }
    guard "HG".contains(command) else { return }
    try #require(0..<size.rows ~= row && 0..<size.columns ~= column)
  }

  private mutating func write(_ character: Character) {
    // The cursor stays in the last column.
    guard column < size.columns else { return }
    cells[row * size.columns + column] = String(character)
    let columns = TextWidth.columns(String(character))
    if columns == 2, column + 1 < size.columns { cells[row * size.columns + column + 1] = "" }
    column += columns
  }
}
