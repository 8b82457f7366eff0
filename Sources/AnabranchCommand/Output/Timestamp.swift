internal import Foundation

/// Times as people and programs read them.
enum Timestamp {
  /// RFC 3339 in UTC with milliseconds.
  static func text(_ milliseconds: Int64) -> String {
    Date(timeIntervalSince1970: Double(milliseconds) / 1000)
      .formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
  }

  /// Day and minute in UTC, for lists.
  static func short(_ milliseconds: Int64) -> String {
    String(text(milliseconds).prefix(16)).replacingOccurrences(of: "T", with: " ")
  }
}

extension Timestamp {
  /// The present moment.
  static var now: String {
    text(Int64(Date().timeIntervalSince1970 * 1000))
  }
}
