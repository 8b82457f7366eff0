internal import ArgumentParser
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
  var marks: [String]

  /// The property that did not hold, in words.
  var failure: String? {
    property.map { "property \($0), \(detail ?? "")" }
  }

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
    marks = outcome.marks.map(\.rawValue).sorted()
  }

  static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Prints `value` as one line of JSON.
  static func printJSON(_ value: some Encodable) throws {
    print(try json(value))
  }

  /// `value` as one line of JSON.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Runs a case, and prints what came of it; traced in any event where a property fails. Throws the status of a
  /// failure then.
  static func show(_ run: Case, isTraced: Bool, json: Bool) throws {
    var outcome = Simulation(run, isTraced: isTraced && !json).run()
    if outcome.violation != nil, !json, !isTraced { outcome = Simulation(run, isTraced: true).run() }
    try show(outcome, json: json)
    if outcome.violation != nil { throw ExitCode(1) }
  }

  /// Prints an outcome: the trace if it was kept, what the run was made of, and what did not hold.
  static func show(_ outcome: Outcome, json: Bool) throws {
    let report = RunReport(outcome)
    if json { return try printJSON(report) }
    for line in outcome.lines { print(line) }
    for line in outcome.run.lines { print(line) }
    if let commit = Commit.current { print("commit = \(commit)") }
    print("trace = \(report.traceHash), \(outcome.events) events, \(outcome.changes) changes, \(outcome.span)")
    if let violation = outcome.violation {
      print("✘ property \(violation.property.rawValue), \(violation.property): \(violation.detail)")
    } else {
      print("✓ every property held")
    }
  }
}
