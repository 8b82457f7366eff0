internal import AnabranchCore

/// A name as a source writes it. Two are one where their bytes are: what Unicode holds to be equal may be two messages.
struct ExactName: Hashable {
  /// The name.
  let text: String

  init(_ text: String) {
    self.text = text
  }

  static func == (a: Self, b: Self) -> Bool {
    var (first, second) = (a.text, b.text)
    return first.withUTF8 { first in
      second.withUTF8 { UnsafeRawBufferPointer(first).hasSameBytes(as: UnsafeRawBufferPointer($0)) }
    }
  }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
