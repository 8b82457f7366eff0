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
    property.map { "property \($0), \((detail ?? "").split(whereSeparator: \.isNewline).joined(separator: "⏎"))" }
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

  /// Runs a case, and prints what it is, what happened in it if it is traced or a property fails, and what came of it.
  /// Throws the status of a failure then; what its machines hold goes into `folder` before, and what is asked for of `pictures` is drawn.
  static func show(
    _ run: Case, isTraced: Bool, json: Bool, _ pictures: PictureOptions, bundlingInto folder: BundleFolder? = nil
  ) throws {
    let (isDrawn, bundling) = (pictures.isAsked, folder == nil ? Simulation.Bundling.never : .whenItFails)
    if json {
      let outcome = Simulation(run, isDrawn: isDrawn).run(bundling: bundling)
      try pictures.write(outcome.picture)
      let report = RunReport(outcome)
      _ = try folder?.write(outcome)
      try printJSON(report)
      if !report.ok { throw ExitCode(1) }
      return
    }
    // At once, so that it is known where a run crashes.
    say(run.lines.joined(separator: "\n"))
    if let commit = Commit.current { say("commit = \(commit)") }
    let tell: @Sendable (String) -> Void = { say($0) }
    var outcome = Simulation(run, isTraced: isTraced, isDrawn: isDrawn, tell: tell).run(bundling: bundling)
    try pictures.write(outcome.picture)
    let bundles = try folder?.write(outcome) ?? []
    if outcome.violation != nil, !isTraced { outcome = Simulation(run, isTraced: true, tell: tell).run() }
    say(
      "trace = \(hexadecimal(outcome.traceHash)), \(outcome.events) events, \(outcome.changes) changes, \(outcome.span)"
    )
    guard let violation = outcome.violation else { return say("✓ every property held") }
    say("✘ \(violation)")
    for file in bundles { say("simulate replay \(file)") }
    throw ExitCode(1)
  }

  /// Prints a line at once.
  static func say(_ line: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
  }
}
