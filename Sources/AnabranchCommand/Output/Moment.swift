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

  /// The present moment.
  static var now: String {
    text(Int64(Date().timeIntervalSince1970 * 1000))
  }
}
