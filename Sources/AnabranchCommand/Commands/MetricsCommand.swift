internal import Anabranch
internal import ArgumentParser

struct MetricsCommand: RereadableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics", abstract: "This replica in numbers, as Prometheus reads them.",
    discussion: """
      Asks the daemon, where one serves this replica; else counts what is on the disk. No port is opened: have the textfile \
      collector of node_exporter read what this prints. Devices are told by their keys, and nothing of what anybody wrote.
      """)

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let report = try await report()
    try options.output.print(report) { _ in report.exposition }
  }

  private func report() async throws -> MetricsReport {
    try options.place.check()
    if let channel = await ControlSocket.daemon(of: options.place) {
      let response = try await Writing.handOver(.metrics, on: channel) { _ in }
      guard let metrics = response.metrics else { throw Writing.unexpected }
      return metrics
    }
    let replica = try await options.read()
    let metrics = try await replica.metrics()
    try await replica.close()
    return MetricsReport(metrics, isServed: false)
  }
}
