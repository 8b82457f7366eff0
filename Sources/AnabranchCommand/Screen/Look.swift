/// How a character looks.
struct Look: Hashable, Sendable {
  /// 1 to 6 of the terminal's colours: red, green, yellow, blue, magenta, cyan; nil for its own.
  var color: UInt8?
  var isBold = false
  var isDim = false
  var isReversed = false

  /// As a terminal's text is unless somebody says otherwise.
  static let plain = Look()

  /// Both at once; of two colours that of `other`.
  func adding(_ other: Look) -> Look {
    Look(
      color: other.color ?? color, isBold: isBold || other.isBold, isDim: isDim || other.isDim,
      isReversed: isReversed || other.isReversed)
  }

  /// Takes over what the parameters of an SGR sequence say, of those that ``Style`` writes.
  mutating func apply(_ parameters: some StringProtocol) {
    for parameter in parameters.split(separator: ";", omittingEmptySubsequences: false) {
      switch UInt8(parameter) ?? 0 {
      case 0: self = .plain
      case 1: isBold = true
      case 2: isDim = true
      case 7: isReversed = true
      case let code where 31...36 ~= code: color = code - 30
      case 39: color = nil
      default: break
      }
    }
  }

  /// The SGR sequence that makes a terminal write so, whatever it did before.
  var sequence: String {
    let codes = [isBold ? "1" : nil, isDim ? "2" : nil, isReversed ? "7" : nil, color.map { "\(30 + $0)" }]
    return "\u{1B}[" + (["0"] + codes.compactMap { $0 }).joined(separator: ";") + "m"
  }
}
