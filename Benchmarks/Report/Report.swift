internal import Foundation

/// Prints one line of JSON a figure, in the form that the benches of other engines use, so that one table holds all.
struct Report {
  /// The workload, such as `sqlite`.
  let bench: String
  /// What it was run with, such as `NORMAL-batch1-rows100000`.
  let configuration: String

  /// Prints a count, a size or a yes (1).
  func value(_ figure: String, _ unit: String, _ value: Int) throws {
    try print(Line(self, figure, unit, value: value))
  }

  /// Prints how long something took.
  func time(_ figure: String, _ lap: Lap) throws {
    try print(Line(self, figure, "s", wall: lap.wall, cpu: lap.cpu))
  }

  /// Runs `body`, and prints how long it took.
  func timing(_ figure: String, _ body: () async throws -> Void) async throws {
    let stopwatch = Stopwatch()
    try await body()
    try time(figure, stopwatch.lap())
  }

  /// Prints the median of several times.
  func median(_ figure: String, _ laps: [Lap]) throws {
    guard !laps.isEmpty else { return }
    let (walls, cpus) = (laps.map(\.wall).sorted(), laps.map(\.cpu).sorted())
    try time(figure, Lap(wall: walls[walls.count / 2], cpu: cpus[cpus.count / 2]))
  }

  /// Prints the wall time below which `percent` of `laps` stay, as `figure` and the percentage.
  func percentile(_ percent: Int, of figure: String, _ laps: [Lap]) throws {
    guard !laps.isEmpty else { return }
    let sorted = laps.sorted { $0.wall < $1.wall }
    try time("\(figure)_p\(percent)", sorted[min(sorted.count * percent / 100, sorted.count - 1)])
  }

  private func print(_ line: Line) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    FileHandle.standardOutput.write(try encoder.encode(line) + Data("\n".utf8))
  }

  private struct Line: Encodable {
    let bench: String
    let engine = "anabranch"
    let `case`: String
    let figure: String
    let unit: String
    let value: Int?
    let wall: Double?
    let cpu: Double?

    init(
      _ report: Report, _ figure: String, _ unit: String, value: Int? = nil, wall: Double? = nil, cpu: Double? = nil
    ) {
      (bench, `case`) = (report.bench, report.configuration)
      (self.figure, self.unit) = (figure, unit)
      (self.value, self.wall, self.cpu) = (value, wall, cpu)
    }
  }
}
