internal import AnabranchExchange
internal import Foundation

/// Times as people and programs read them.
enum Moment {
  /// The last millisecond of the year 9999, beyond which RFC 3339 has no years.
  private static let lastMs: Int64 = 253_402_300_799_999

  /// RFC 3339 in UTC with milliseconds; at most the end of the year 9999.
  static func text(_ milliseconds: Int64) -> String {
    Timestamp.text(min(milliseconds, lastMs)) ?? ""
  }

  /// The same; nil for 0, which in a history stands for a time that nobody knows.
  static func textIfKnown(_ milliseconds: Int64) -> String? {
    milliseconds == 0 ? nil : text(milliseconds)
  }

  /// Day and minute in UTC, for lists.
  static func short(_ milliseconds: Int64) -> String {
    guard let text = textIfKnown(milliseconds) else { return "undated" }
    return text.prefix(16).replacingOccurrences(of: "T", with: " ")
  }

  /// The same of a time as ``text(_:)`` writes it.
  static func short(_ text: String) -> String {
    text.prefix(16).replacingOccurrences(of: "T", with: " ")
  }

  /// What a person calls a time: a day, a minute or a moment in UTC as RFC 3339 has them, or so many minutes, hours or days ago;
  /// in milliseconds since 1970. Nil for anything else.
  static func parsed(_ text: String) -> Int64? {
    if let unit = text.last, let length = units[unit], let count = Int64(text.dropLast()), count >= 0 {
      let (span, overflow) = count.multipliedReportingOverflow(by: length)
      return overflow ? nil : nowMs &- span
    }
    switch text.utf8.count {
    case 10: return Timestamp.parse(text + "T00:00:00Z")
    case 16: return Timestamp.parse(text + ":00Z")
    case 17 where text.hasSuffix("Z"): return Timestamp.parse(text.dropLast() + ":00Z")
    default: return Timestamp.parse(text)
    }
  }

  private static let units: [Character: Int64] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000]

  /// The present moment.
  static var now: String { text(nowMs) }

  /// The present moment, milliseconds since 1970.
  static var nowMs: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
