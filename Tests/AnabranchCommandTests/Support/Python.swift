import Foundation
import Testing

/// Python, with which some tests do what the shell cannot.
enum Python {
  static let isThere = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .contains { FileManager.default.isExecutableFile(atPath: "\($0)/python3") }
}

extension Trait where Self == ConditionTrait {
  /// The test is passed by where there is no Python 3.
  static var needsPython: Self { .enabled(if: Python.isThere, "needs python3") }
}
