/// Makes keys of the bytes that a terminal sends: a state machine, which takes them in whatever pieces they come.
///
/// Knows the sequences of xterm and of the Linux console for the keys in ``Key``. Whatever else comes, such as other function keys,
/// a terminal's answers or what is no UTF-8, is taken whole and means nothing. Keeps a bounded number of bytes.
struct KeyParser {
  private enum State: Equatable {
    case ground
    /// After the escape byte: the key of that name, or the beginning of a sequence.
    case escape
    /// After ESC [, with the parameters so far.
    case sequence([UInt8])
    /// After ESC [ [: the Linux console's function keys, one letter more.
    case consoleKey
    /// After ESC O.
    case single
    /// In what only a terminal says, up to its end.
    case report(isEnding: Bool)
    /// In a scalar of UTF-8, of which so many bytes are to come.
    case scalar([UInt8], missing: Int)
  }

  private var state = State.ground

  /// Whether what came last may be the beginning of something: then ``rest()`` is due where nothing follows soon.
  var isWaiting: Bool { state != .ground }

  /// Takes the next byte, and returns the key that it completes. O(1).
  mutating func take(_ byte: UInt8) -> Key? {
    switch state {
    case .ground: return begin(byte)
    case .escape: return afterEscape(byte)
    case .sequence(let parameters): return inSequence(byte, parameters)
    case .consoleKey: return broken(by: byte)
    case .single:
      state = .ground
      if Self.isControl(byte) { return begin(byte) }
      return byte == Self.keypadEnter ? .enter : Self.finals[byte]
    case .report(let isEnding):
      if byte == Self.bell || isEnding && byte == UInt8(ascii: "\\") || byte == Self.cancel {
        state = .ground
      } else {
        state = .report(isEnding: byte == Self.escape)
      }
      return nil
    case .scalar(let bytes, let missing): return inScalar(byte, bytes, missing)
    }
  }

  /// What is to be made of a beginning after which nothing came for a while: the escape key of its byte alone, else nothing.
  mutating func rest() -> Key? {
    defer { state = .ground }
    return state == .escape ? .escape : nil
  }

  /// The keys of which a terminal sends `text`.
  static func keys(of text: String) -> [Key] {
    var parser = KeyParser()
    let keys = text.utf8.compactMap { parser.take($0) }
    return keys + [parser.rest()].compactMap { $0 }
  }

  // MARK: States

  private mutating func begin(_ byte: UInt8) -> Key? {
    state = .ground
    switch byte {
    case Self.escape: state = .escape
    case 0x0D, 0x0A: return .enter
    case 0x09: return .tab
    case 0x08, 0x7F: return .backspace
    // Ctrl-A to Ctrl-Z.
    case 0x01...0x1A: return .control(Character(Unicode.Scalar(byte + 0x60)))
    case 0x00...0x1F: return nil
    case 0x20...0x7E: return .character(Character(Unicode.Scalar(byte)))
    case 0xC2...0xDF: state = .scalar([byte], missing: 1)
    case 0xE0...0xEF: state = .scalar([byte], missing: 2)
    case 0xF0...0xF4: state = .scalar([byte], missing: 3)
    default: return nil
    }
    return nil
  }

  private mutating func afterEscape(_ byte: UInt8) -> Key? {
    switch byte {
    case UInt8(ascii: "["): state = .sequence([])
    case UInt8(ascii: "O"): state = .single
    // Commands to a terminal, and its answers: device control, operating system command, privacy, application, start of string.
    case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "X"):
      state = .report(isEnding: false)
    // Pressed twice, or before another key: this one is still to come.
    case Self.escape: return .escape
    default:
      // A key with Alt held down is none here.
      state = .ground
      if Self.isControl(byte) || byte >= 0x80 { _ = begin(byte) }
    }
    return nil
  }

  private mutating func inSequence(_ byte: UInt8, _ parameters: [UInt8]) -> Key? {
    switch byte {
    case UInt8(ascii: "[") where parameters.isEmpty: state = .consoleKey
    // Parameters, and what may stand behind them.
    case 0x20...0x3F:
      // A sequence without an end is as good as a short one.
      state = .sequence(parameters.count < Self.parametersMax ? parameters + [byte] : parameters)
    case 0x40...0x7E:
      state = .ground
      // With such a mark in front they are a terminal's own.
      if let first = parameters.first, 0x3C...0x3F ~= first { return nil }
      guard byte == UInt8(ascii: "~") else { return Self.finals[byte] }
      return Self.numbers[String(decoding: parameters.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)]
    default: return broken(by: byte)
    }
    return nil
  }

  private mutating func inScalar(_ byte: UInt8, _ bytes: [UInt8], _ missing: Int) -> Key? {
    guard byte & 0xC0 == 0x80 else { return broken(by: byte) }
    guard missing == 1 else {
      state = .scalar(bytes + [byte], missing: missing - 1)
      return nil
    }
    state = .ground
    return String(validating: bytes + [byte], as: UTF8.self)?.first.map(Key.character)
  }

  /// Gives up what was begun. A byte that begins something itself does so.
  private mutating func broken(by byte: UInt8) -> Key? {
    let wasConsoleKey = state == .consoleKey
    state = .ground
    return wasConsoleKey && !Self.isControl(byte) ? nil : begin(byte)
  }

  // MARK: Bytes

  private static let (escape, bell, cancel): (UInt8, UInt8, UInt8) = (0x1B, 0x07, 0x18)
  private static let keypadEnter = UInt8(ascii: "M")
  private static let parametersMax = 16

  private static func isControl(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x7F
  }

  private static let finals: [UInt8: Key] = [
    UInt8(ascii: "A"): .up, UInt8(ascii: "B"): .down, UInt8(ascii: "C"): .right, UInt8(ascii: "D"): .left,
    UInt8(ascii: "H"): .home, UInt8(ascii: "F"): .end, UInt8(ascii: "Z"): .backTab,
  ]

  private static let numbers: [String: Key] = [
    "1": .home, "7": .home, "4": .end, "8": .end, "3": .delete, "5": .pageUp, "6": .pageDown,
  ]
}
