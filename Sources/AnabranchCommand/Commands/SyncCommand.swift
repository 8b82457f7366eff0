internal import Anabranch
internal import ArgumentParser

extension ParsableCommand {
  /// Refuses what is no address as a mistake in the command's usage.
  static func checkAddresses(_ addresses: [String]) throws {
    do {
      for address in addresses { try Replica.checkAddress(address) }
    } catch {
      throw ValidationError("\(error.message); \(error.remedy)")
    }
  }
}

struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: "Exchange everything with another replica once.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: ArgumentHelp("Where the other one listens.", valueName: "host:port"))
  var address: String

  func validate() throws {
    try Self.checkAddresses([address])
  }

  func run() async throws {
    let place = options.place
    let address = address
    let line = ProgressLine("Syncing")
    defer { line.clear() }
    let response = try await Signals.cancelling {
      try await Writing(home: place).perform(.sync(address: address)) { line.show($0, "changes") }
    }
    line.clear()
    guard let report = response.synced else { throw Writing.unexpected }
    try options.output.print(report) { style in
      "\(style.green("✓")) \(style.bold(TextWidth.fit(report.name, 30))): "
        + "\(Count.changes(report.sentChanges)) out, \(report.receivedChanges) in "
        + style.dim("(\(report.sentBytes) and \(report.receivedBytes) bytes)")
    }
  }
}
