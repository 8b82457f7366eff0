/// A name as a source writes it. Two are one where their bytes are: what Unicode holds to be equal may be two messages.
struct ExactName: Hashable {
  /// The name.
  let text: String

  init(_ text: String) {
    self.text = text
  }

  static func == (a: Self, b: Self) -> Bool {
    a.text.utf8.elementsEqual(b.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
