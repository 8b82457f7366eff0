/// Numbers of things, as people say them.
enum Count {
  /// `1 change`, `2 changes`.
  static func text(_ count: some BinaryInteger, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  static func conversations(_ count: some BinaryInteger) -> String { text(count, "conversation") }
  static func messages(_ count: some BinaryInteger) -> String { text(count, "message") }
  static func changes(_ count: some BinaryInteger) -> String { text(count, "change") }
}
