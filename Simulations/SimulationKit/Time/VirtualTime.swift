/// A moment of a run, or a span of it: microseconds since it began. Nothing here knows the machine's clock.
public struct VirtualTime: Hashable, Comparable, Sendable {
  /// Microseconds.
  public var microseconds: Int64

  /// That many microseconds.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// The beginning.
  public static let zero = Self(microseconds: 0)

  /// That many milliseconds.
  public static func milliseconds(_ count: Int) -> Self {
    Self(microseconds: Int64(count) * 1_000)
  }

  /// That many seconds.
  public static func seconds(_ count: Int) -> Self {
    Self(microseconds: Int64(count) * 1_000_000)
  }

  /// That many minutes.
  public static func minutes(_ count: Int) -> Self {
    seconds(count * 60)
  }

  /// That many hours.
  public static func hours(_ count: Int) -> Self {
    seconds(count * 3_600)
  }

  /// Whole milliseconds.
  public var milliseconds: Int64 { microseconds / 1_000 }

  /// As the clock of sessions has it.
  public var duration: Duration { .microseconds(microseconds) }

  /// The moment that a session's clock shows as `duration`, rounded up.
  public init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(microseconds: seconds * 1_000_000 + (attoseconds + 999_999_999_999) / 1_000_000_000_000)
  }

  /// Earlier is less.
  public static func < (a: Self, b: Self) -> Bool { a.microseconds < b.microseconds }
  /// Later by a span.
  public static func + (a: Self, b: Self) -> Self { Self(microseconds: a.microseconds + b.microseconds) }
  /// Earlier by a span, or the span between two.
  public static func - (a: Self, b: Self) -> Self { Self(microseconds: a.microseconds - b.microseconds) }
}

extension VirtualTime: CustomStringConvertible {
  /// Hours, minutes, seconds and milliseconds, as `03:25:45.678`.
  public var description: String {
    func padded(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let seconds = microseconds / 1_000_000
    return "\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))."
      + padded(milliseconds % 1_000, 3)
  }
}
