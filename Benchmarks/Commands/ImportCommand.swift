internal import Anabranch
internal import AnabranchExchange
internal import ArgumentParser
internal import Foundation

/// An export of another tool, read alone and taken over into a new replica.
struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Reads an export, and takes it over into a new replica.")

  @Option(help: "The export.")
  var file: String

  @OptionGroup var scratch: ScratchFolder

  func run() async throws {
    defer { scratch.remove() }
    guard let bytes = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int else {
      throw ValidationError("cannot tell how large \(file) is")
    }
    let report = Report(bench: "import", configuration: "\(bytes >> 20)MiB")
    try report.value("bytes", "B", bytes)

    var messages = 0
    try await report.timing("read") {
      let reader = try HistoryFile.open(file)
      while let event = try reader.next() { if case .message = event { messages += 1 } }
    }
    try report.value("messages", "rows", messages)
    try report.value("rss_read", "B", PeakMemory.read() ?? 0)

    let home = Home(scratch.path)
    try await Replica.create(at: home, name: "import").close()
    let replica = try await Replica.open(at: home)
    PeakMemory.restart()
    try await report.timing("import") { _ = try await replica.importHistory(from: HistoryFile.open(file)) }
    try report.value("rss_import", "B", PeakMemory.read() ?? 0)
    try report.value("db_bytes", "B", DatabaseFile.bytes(in: scratch.path))
    try await report.timing("import_again") { _ = try await replica.importHistory(from: HistoryFile.open(file)) }
    try await replica.close()
  }
}
