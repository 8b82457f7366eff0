/// Points in time as RFC 3339 writes them, in UTC, with milliseconds: `2024-01-07T12:18:59.839Z`.
public enum Timestamp {
  private static let dayMs: Int64 = 86_400_000

  /// The text of an instant in milliseconds since 1970; nil outside of the years 1 to 9999.
  public static func text(_ instant: Int64) -> String? {
    guard JSONNumber.instants.contains(instant) else { return nil }
    let day = instant >= 0 ? instant / dayMs : -((-instant + dayMs - 1) / dayMs)
    let rest = instant - day * dayMs
    let (year, month, dayOfMonth) = civil(day)
    let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60].map { padded($0, 2) }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
      + "T\(clock.joined(separator: ":")).\(padded(rest % 1_000, 3))Z"
  }

  /// The instant that a text names: date, `T` or a space, time, any fraction (cut off at milliseconds), `Z`,
  /// an offset, or neither, which means UTC. Nil for anything else.
  public static func parse(_ text: String) -> Int64? {
    var rest = Array(text.utf8)[...]
    guard let year = digits(&rest, 4), take(&rest, "-"), let month = digits(&rest, 2), take(&rest, "-"),
      let day = digits(&rest, 2), take(&rest, "T") || take(&rest, "t") || take(&rest, " "),
      let hour = digits(&rest, 2), take(&rest, ":"), let minute = digits(&rest, 2), take(&rest, ":"),
      let second = digits(&rest, 2), let fraction = fractionMs(&rest), let offset = offsetMinutes(&rest),
      rest.isEmpty, year >= 1, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
      second < 61, civil(days(year, month, day)) == (year, month, day)
    else { return nil }
    let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset
    let instant = (minutes * 60 + second) * 1_000 + fraction
    return JSONNumber.instants.contains(instant) ? instant : nil
  }

  /// Days since 1970 of a date of the Gregorian calendar, by eras of 400 years that begin in March.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let marchYear = month <= 2 ? year - 1 : year
    let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The date of a day counted from 1970: the inverse of ``days(_:_:_:)``.
  private static func civil(_ day: Int64) -> (Int64, Int64, Int64) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }

  private static func fractionMs(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    guard take(&rest, ".") else { return 0 }
    let all = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard !all.isEmpty else { return nil }
    rest = rest.dropFirst(all.count)
    var three = (all + [UInt8](repeating: UInt8(ascii: "0"), count: 2)).prefix(3)
    return digits(&three, 3)
  }

  private static func offsetMinutes(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    if rest.isEmpty || take(&rest, "Z") || take(&rest, "z") { return 0 }
    let isWest = take(&rest, "-")
    guard isWest || take(&rest, "+"), let hours = digits(&rest, 2), take(&rest, ":"),
      let minutes = digits(&rest, 2), hours < 24, minutes < 60
    else { return nil }
    return (isWest ? -1 : 1) * (hours * 60 + minutes)
  }

  private static func digits(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> Int64? {
    let part = rest.prefix(count)
    guard part.count == count, part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    rest = rest.dropFirst(count)
    return part.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  private static func take(_ rest: inout ArraySlice<UInt8>, _ letter: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: letter) else { return false }
    rest.removeFirst()
    return true
  }

  private static func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
