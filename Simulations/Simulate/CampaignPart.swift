internal import ArgumentParser
internal import Foundation

/// A part of a campaign, run by a process of its own.
struct CampaignPart {
  private let process = Process()
  private let output = Pipe()

  /// Starts the runs of `seeds`. Its failures go to standard error as they come.
  init(seeds: Range<UInt64>, flags: [String]) throws {
    process.executableURL = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = ["campaign", "--json", "--seeds", "\(seeds.lowerBound)..<\(seeds.upperBound)"] + flags
    process.standardOutput = output
    try process.run()
  }

  /// What came of it, once it has ended. Throws where it ended without a word, as after a crash.
  func report() throws -> CampaignReport {
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    do {
      return try JSONDecoder().decode(CampaignReport.self, from: data)
    } catch {
      throw ValidationError(
        "the process for \(process.arguments?[3] ?? "") ended with status \(process.terminationStatus) and no report")
    }
  }
}
