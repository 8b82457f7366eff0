import SeededRandom

@testable import AnabranchExchange

/// A JSON value made at random, that can be written in many ways.
indirect enum RandomJSON {
  case object([(String, RandomJSON)])
  case list([RandomJSON])
  case scalar(String)

  static func value(_ random: inout RandomStream, depth: Int) -> RandomJSON {
    switch random.below(depth > 0 ? 5 : 3) {
    case 0: return .scalar(["1", "-2.50", "true", "null", "1E3"][random.below(5)])
    case 1, 2: return .scalar(quoted(text(&random)))
    case 3: return .list((0..<random.below(4)).map { _ in value(&random, depth: depth - 1) })
    default:
      let keys = Set((0..<random.below(5)).map { _ in text(&random) }).sorted()
      return .object(keys.map { ($0, value(&random, depth: depth - 1)) })
    }
  }

  /// A short text in which everything may stand that gave somebody trouble once.
  static func text(_ random: inout RandomStream) -> String {
    let pieces = [
      "a", "b", "é", "\"", "\\", "\u{0}", "\n", "\u{2028}", "😀", "", " ", "{", "\u{FFFD}", "\u{85}", "key",
    ]
    return (0..<random.below(5)).map { _ in pieces[random.below(pieces.count)] }.joined()
  }

  static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    JSONEscaping.append(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The value with its keys in any order and white space anywhere.
  func text(_ random: inout RandomStream) -> String {
    let space = ["", " ", "\n\t"][random.below(3)]
    switch self {
    case .scalar(let text): return space + text + space
    case .list(let values):
      return "[" + space + values.map { $0.text(&random) }.joined(separator: ",") + "]"
    case .object(let members):
      let shuffled = members.shuffled(using: &random).map {
        Self.quoted($0.0) + space + ":" + $0.1.text(&random)
      }
      return space + "{" + shuffled.joined(separator: ",") + space + "}"
    }
  }
}
