internal import Anabranch
internal import ArgumentParser

struct PeersCommand: RereadableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers",
    abstract: "What each other device lacks of what is here, since when, and whether it is connected, or why not.",
    discussion: """
      By what each has said it holds. One that this device never met may have all of it from others; then that is not \
      known here. Whom it is connected with is asked of the `anabranch serve` that runs on the replica.
      """)

  @OptionGroup var options: ReadingOptions

  func run() async throws {
    let replica = try await options.read()
    let reports = try await LackReport.all(of: replica, servedAt: options.served)
    try await replica.close()
    try options.output.print(reports) { LackReport.text(reports, $0) }
  }
}
