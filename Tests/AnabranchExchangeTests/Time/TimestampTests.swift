import Foundation
import SeededRandom
import Testing

@testable import AnabranchExchange

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1704629939.839052", 1_704_629_939_839), ("0", 0), ("1700000000", 1_700_000_000_000),
    ("1.5e9", 1_500_000_000_000),
    ("-1.0015", -1_002), ("1700000000.9999", 1_700_000_000_999), ("0.1", 100),
    ("253402300799.999", 253_402_300_799_999), ("1.00000000000000000000001", 1_000), ("007.25", 7_250),
  ])
  func secondsBecomeMilliseconds(text: String, expected: Int64) {
    #expect(JSONNumber.milliseconds(ofSeconds: text) == expected)
  }

  @Test(arguments: [
    "1e400", "99999999999999999999", "253402300800", "-1e12", "1700000000000", "-9e18", "9223372036854775807",
  ])
  func secondsNoCalendarHasAreNone(text: String) {
    #expect(JSONNumber.milliseconds(ofSeconds: text) == nil)
  }

  @Test(arguments: [
    ("2024-01-07T12:18:59.839Z", 1_704_629_939_839), ("2023-02-05T22:24:44.534000+00:00", 1_675_635_884_534),
    ("2024-02-29 00:00:00", 1_709_164_800_000), ("1969-12-31T23:59:59.999Z", -1),
    ("2024-01-07T14:18:59+02:00", 1_704_629_939_000),
  ])
  func textsAreParsed(text: String, expected: Int64) {
    #expect(Timestamp.parse(text) == expected)
  }

  @Test(arguments: [
    "", "2024", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z",
    "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00Zx", "0000-01-01T00:00:00Z",
  ])
  func whatIsNoTimeIsNone(text: String) {
    #expect(Timestamp.parse(text) == nil)
  }

  @Test func agreesWithFoundation() throws {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    var random = RandomStream(seed: 3)
    for _ in 0..<2_000 {
      // From 1600 on: Foundation's calendar turns Julian before 1582.
      let instant = Int64.random(in: -11_676_096_000_000...JSONNumber.instants.upperBound, using: &random)
      let text = try #require(Timestamp.text(instant))
      #expect(Timestamp.parse(text) == instant)
      let date = try style.parse(text)
      #expect(Int64((date.timeIntervalSince1970 * 1_000).rounded()) == instant)
    }
    #expect(Timestamp.text(JSONNumber.instants.lowerBound) == "0001-01-01T00:00:00.000Z")
    #expect(Timestamp.text(JSONNumber.instants.upperBound) == "9999-12-31T23:59:59.999Z")
    #expect(Timestamp.text(.max) == nil && Timestamp.text(.min) == nil)
  }
}
