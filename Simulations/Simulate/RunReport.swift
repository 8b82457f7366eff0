internal import Foundation
internal import SimulationKit

/// What came of a run, for programs and for people.
struct RunReport: Codable {
  var seed: UInt64
  var options: String
  var traceHash: String
  var ok: Bool
  var property: Int?
  var detail: String?
  var virtualHours: Double
  var changes: Int
  var events: Int

  init(_ outcome: Outcome) {
    seed = outcome.run.seed
    options = outcome.run.options.description
    traceHash = Self.hexadecimal(outcome.traceHash)
    ok = outcome.violation == nil
    property = outcome.violation?.property.rawValue
    detail = outcome.violation?.detail
    virtualHours = outcome.hostHours
    changes = outcome.changes
    events = outcome.events
  }

  static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Prints `value` as one line of JSON.
  static func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// Prints an outcome: the trace if it was kept, what the run was made of, and what did not hold.
  static func show(_ outcome: Outcome, json: Bool) throws {
    let report = RunReport(outcome)
    if json { return try printJSON(report) }
    for line in outcome.lines { print(line) }
    for line in outcome.run.lines { print(line) }
    print("trace = \(report.traceHash), \(outcome.events) events, \(outcome.changes) changes, \(outcome.span)")
    if let violation = outcome.violation {
      print("✘ property \(violation.property.rawValue), \(violation.property): \(violation.detail)")
    } else {
      print("✓ every property held")
    }
  }
}
