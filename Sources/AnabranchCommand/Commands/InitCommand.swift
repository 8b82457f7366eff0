internal import Anabranch
internal import ArgumentParser

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a replica: a folder with your history and this device's key.")

  @OptionGroup var options: GlobalOptions

  @Option(name: .long, help: "What you call this device.")
  var name: String

  private struct Report: Encodable {
    var replica: String
    var name: String
    var home: String
    var recovery: String
  }

  func run() async throws {
    let (place, name, passphrase) = (options.place, name, try options.newPassphrase())
    let replica = try await options.unlocking.opening { access throws(AnabranchError) in
      try await Replica.create(at: place, name: name, access: access)
    }
    let phrase = await replica.makePhrase()
    let (recovery, status) = (phrase.description, try await replica.status())
    let report = Report(replica: status.log.description, name: name, home: options.place.path, recovery: recovery)
    try options.output.print(report) { style in
      """
      \(style.green("✓")) \(style.bold(TextWidth.printable(name))) is a replica now, in \(report.home)

      \(RecoveryNote.lines(recovery, style).joined(separator: "\n"))

        It has no history yet: `anabranch import PATH`. Let other devices in with `anabranch pair`.
      """
    }
    // Shown first: of a space that is founded before somebody has the words, nobody ever had them.
    try await replica.found(by: phrase)
    try await replica.close()
    try await options.protectNewKey(by: passphrase)
  }
}
