/// Counts the tokens that a model reads texts in.
///
/// A tokenizer of a model's own is exact; ``EstimatedTokens`` needs none.
public protocol TokenCounter: Sendable {
  /// How many tokens `text` is. The same for the same text.
  func count(_ text: String) -> Int
  /// How many tokens a message takes beside its text: its role, and where it begins and ends.
  var tokensPerMessage: Int { get }
}

/// Estimates tokens by what a text is made of, without a vocabulary.
///
/// The weights are fitted to the larger count of two tokenizers of the kind that models of 2023 and 2024 use;
/// `docs/context.md` has the errors, language by language: some five percent for English and for code. O(text).
public struct EstimatedTokens: TokenCounter {
  /// Four: the role, and the marks around a turn.
  public let tokensPerMessage = 4

  /// An estimate.
  public init() {}

  /// How many tokens `text` is, about.
  public func count(_ text: String) -> Int {
    var hundredths = 0
    var previous = Class.space
    var letters = 0
    for scalar in text.unicodeScalars {
      let current = Class(scalar)
      switch current {
      case .latin, .marked:
        if previous != .latin, previous != .marked {
          hundredths += Weight.word
          letters = 0
        }
        letters += 1
        if current == .marked {
          hundredths += Weight.marked
        } else if letters > Weight.lettersInWord {
          hundredths += Weight.letter
        }
      case .alphabetic: hundredths += (previous == .alphabetic ? 0 : Weight.alphabeticWord) + Weight.alphabetic
      case .syllabic: hundredths += Weight.syllabic
      case .ideographic: hundredths += Weight.ideographic
      case .digit: hundredths += Weight.digit
      case .punctuation: hundredths += Weight.punctuation
      case .newline: hundredths += previous == .newline ? 0 : Weight.newline
      case .symbol: hundredths += Weight.symbol
      case .space: break
      }
      previous = current
    }
    return (hundredths + 99) / 100
  }

  /// Hundredths of a token.
  private enum Weight {
    static let word = 90
    /// Letters of a word that come with it.
    static let lettersInWord = 4
    static let letter = 14
    static let marked = 55
    static let alphabeticWord = 100
    static let alphabetic = 23
    static let syllabic = 63
    static let ideographic = 61
    static let digit = 100
    static let punctuation = 59
    static let newline = 200
    static let symbol = 200
  }

  private enum Class {
    case latin, marked, alphabetic, syllabic, ideographic, digit, punctuation, newline, space, symbol

    init(_ scalar: Unicode.Scalar) {
      switch scalar.value {
      case 0x41...0x5A, 0x61...0x7A: self = .latin
      case 0x30...0x39: self = .digit
      case 0x0A, 0x0D: self = .newline
      case 0x09, 0x0B, 0x0C, 0x20: self = .space
      case 0x00...0x7F, 0x2000...0x206F: self = .punctuation
      case 0x80...0x24F, 0x1E00...0x1EFF: self = .marked
      // Greek, Cyrillic, Armenian, Hebrew, Arabic.
      case 0x370...0x6FF: self = .alphabetic
      // The scripts of India and of South-East Asia.
      case 0x900...0x1FFF: self = .syllabic
      // Han, kana, Hangul, and what is as wide.
      case 0x3000...0xD7FF, 0xF900...0xFAFF, 0xFF00...0xFFEF, 0x20000...0x3FFFF: self = .ideographic
      default: self = .symbol
      }
    }
  }
}
