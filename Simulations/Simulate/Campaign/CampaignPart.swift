internal import ArgumentParser
internal import Foundation

/// A process of this same program that runs some seeds, one after the other: what SQLite's file system knows is one to
/// a process, and a run that crashes ends its own process only.
struct CampaignPart {
  private let process = Process()
  private let output = Pipe()

  /// Starts the runs of `seeds`, with those further arguments.
  init(seeds: Range<UInt64>, arguments: [String]) throws {
    process.executableURL = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = ["campaign", "--part", "--seeds", "\(seeds.lowerBound)..<\(seeds.upperBound)"] + arguments
    process.standardOutput = output
    try process.run()
  }

  /// Tells `body` of each run as it ends, and returns how the process ended once it has.
  func run(_ body: (RunReport) -> Void) -> String {
    var rest = Data()
    while case let data = output.fileHandleForReading.availableData, !data.isEmpty {
      rest += data
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        if let run = try? JSONDecoder().decode(RunReport.self, from: rest[..<end]) { body(run) }
        rest = Data(rest[rest.index(after: end)...])
      }
    }
    process.waitUntilExit()
    let kind = process.terminationReason == .uncaughtSignal ? "signal" : "status"
    return "\(kind) \(process.terminationStatus)"
  }
}
