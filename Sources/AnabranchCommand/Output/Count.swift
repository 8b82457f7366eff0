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

  /// `800 ms`, `3 minutes`, `2 days`: a span of so many milliseconds, in the greatest unit that fits twice, or once exactly.
  static func span(_ milliseconds: Int64) -> String {
    for (noun, length) in spans where milliseconds >= 2 * length || milliseconds == length {
      return text(milliseconds / length, noun)
    }
    return "\(milliseconds) ms"
  }

  private static let spans: [(String, Int64)] = [
    ("year", 31_557_600_000), ("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1_000),
  ]
  private static let units = ["B", "kB", "MB", "GB", "TB"]

  static func conversations(_ count: some BinaryInteger) -> String { text(count, "conversation") }
  static func messages(_ count: some BinaryInteger) -> String { text(count, "message") }
  static func changes(_ count: some BinaryInteger) -> String { text(count, "change") }
}
