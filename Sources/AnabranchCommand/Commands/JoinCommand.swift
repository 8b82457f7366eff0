internal import Anabranch
internal import ArgumentParser
internal import Foundation

struct JoinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "join", abstract: "Come into another device's history, by the code that it shows.",
    discussion: """
      Makes a replica first where there is none. What is here already is brought along. Run `anabranch pair` on the \
      other device; somebody has to say yes there.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The code, as the other device shows it.")
  var code: String

  @Option(name: .long, help: "What you call this device, where it has no replica yet; else this machine's name.")
  var name: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Where the other device listens, if not where the code says.", valueName: "host:port"))
  var at: String?

  private struct Report: Encodable {
    var name: String
    var fingerprint: String
    var exchange: SyncReport
  }

  func validate() throws {
    if let at { try Self.checkAddresses([at]) }
  }

  func run() async throws {
    _ = try PairingCode(code)
    if !options.place.exists {
      let host = ProcessInfo.processInfo.hostName
      try await Replica.create(at: options.place, name: name ?? (host.isEmpty ? "device" : host)).close()
    }
    let replica = try await Replica.read(at: options.place)
    let (own, device) = (try await replica.status().name, try await replica.status().device)
    try await replica.close()
    if !options.json {
      Output.note("“\(TextWidth.fit(own, 40))” asks to come in. Its fingerprint:\n\n  \(device.fingerprint)\n")
      Output.note("Somebody has to say yes on the other device.")
    }
    let report = try await exchange()
    try options.output.print(Report(name: own, fingerprint: device.fingerprint, exchange: report)) { style in
      """
      \(style.green("✓")) in, by \(style.bold(TextWidth.fit(report.name, 30))): \(Count.changes(report.sentChanges)) out, \
      \(report.receivedChanges) in
        Stay in touch with `anabranch serve --peer HOST:PORT`, or `anabranch sync HOST:PORT`.
      """
    }
  }

  private func exchange() async throws -> SyncReport {
    let (place, request) = (options.place, Request.join(code: code, address: at))
    let response = try await Signals.cancelling {
      let line = ProgressLine("Syncing")
      defer { line.clear() }
      return try await Writing(home: place).perform(request) { line.show($0, "changes") }
    }
    guard let report = response.synced else { throw Writing.unexpected }
    return report
  }
}
