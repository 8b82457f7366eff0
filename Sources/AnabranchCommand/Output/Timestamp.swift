internal import Foundation

/// Times as people and programs read them.
enum Timestamp {
  private static let dayMs: Int64 = 86_400_000
  /// The last millisecond of the year 9999, beyond which RFC 3339 has no years.
  private static let lastMs: Int64 = 253_402_300_799_999

  /// RFC 3339 in UTC with milliseconds.
  static func text(_ milliseconds: Int64) -> String {
    // Not through a Date: a binary fraction of seconds is now and then a millisecond too low.
    let (days, rest) = min(milliseconds, lastMs).dividedDown(by: dayMs)
    let (year, month, day) = civil(days)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(padded(rest / 3_600_000, 2)):"
      + "\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1_000 % 60, 2)).\(padded(rest % 1_000, 3))Z"
  }

  /// Day and minute in UTC, for lists.
  static func short(_ milliseconds: Int64) -> String {
    String(text(milliseconds).prefix(16)).replacingOccurrences(of: "T", with: " ")
  }

  /// The date of a day counted from 1970, by eras of 400 years that begin in March.
  private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (days + 719_468).dividedDown(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }

  private static func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Timestamp {
  /// The present moment.
  static var now: String {
    text(Int64(Date().timeIntervalSince1970 * 1000))
  }
}

extension Int64 {
  /// Quotient and remainder, the remainder never below zero.
  fileprivate func dividedDown(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
