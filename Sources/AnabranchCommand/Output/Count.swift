/// Numbers of things, as people say them.
enum Count {
  /// `1 change`, `2 changes`.
  static func text(_ count: some BinaryInteger, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// `640 B`, `1.2 MB`: in powers of a thousand, as disks are sold.
  static func bytes(_ count: UInt64) -> String {
    var (value, rest, unit) = (count, UInt64(0), 0)
    while value >= 1_000, unit < units.count - 1 {
      (value, rest) = (value / 1_000, value % 1_000 / 100)
      unit += 1
    }
    return unit == 0 || value >= 100 ? "\(value) \(units[unit])" : "\(value).\(rest) \(units[unit])"
  }

  private static let units = ["B", "kB", "MB", "GB", "TB"]

  static func conversations(_ count: some BinaryInteger) -> String { text(count, "conversation") }
  static func messages(_ count: some BinaryInteger) -> String { text(count, "message") }
  static func changes(_ count: some BinaryInteger) -> String { text(count, "change") }
}
