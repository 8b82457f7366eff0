internal import Anabranch
internal import ArgumentParser

struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: "Exchange everything with another replica once.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: ArgumentHelp("Where the other one listens.", valueName: "host:port"))
  var address: String

  func run() async throws {
    let place = options.place
    let address = address
    let response = try await Signals.cancelling {
      try await Writing(home: place).perform(.sync(address: address))
    }
    guard let report = response.synced else { throw Writing.unexpected }
    try options.output.print(report) { style in
      "\(style.green("✓")) \(style.bold(TextWidth.fit(report.name, 30))): "
        + "\(Count.changes(report.sentChanges)) out, \(report.receivedChanges) in "
        + style.dim("(\(report.sentBytes) and \(report.receivedBytes) bytes)")
    }
  }
}
