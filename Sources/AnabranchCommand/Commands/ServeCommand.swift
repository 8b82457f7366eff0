internal import Anabranch
internal import ArgumentParser
internal import Foundation

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Listen, dial, and push whatever is new, until interrupted.",
    discussion: """
      Only devices that `anabranch devices` lists get anything; let others in with `anabranch pair`. Those of them that are on \
      the same network are found without an address.
      """)

  @OptionGroup var options: GlobalOptions
  @OptionGroup var recording: RecordingOptions

  @Option(name: .long, help: ArgumentHelp("Where to listen; port 0 lets the system choose.", valueName: "host:port"))
  var listen = ServeCommand.everywhere

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("Another replica to stay connected with; may be repeated.", valueName: "host:port"))
  var peer: [String] = []

  @Flag(
    name: .long,
    help: "Look for no devices on this machine's networks, and announce this one to nobody there.")
  var noDiscovery = false

  @Flag(
    name: .long,
    help: "Do not serve now, but have the system do it while you are logged in: writes a unit of systemd or launchd.")
  var install = false

  /// All addresses of this machine.
  static let everywhere = "0.0.0.0:\(Replica.defaultPort)"

  func validate() throws {
    try Self.checkAddresses([listen] + peer)
    if install, recording.record != nil {
      throw ValidationError("expected --record without --install: a service would record for ever")
    }
  }

  func run() async throws {
    if install { return try installService() }
    let command = self
    try await Signals.cancelling(isService: true) { try await command.serve() }
  }

  private struct Installed: Encodable {
    var file: String
    var start: String
  }

  private func installService() throws {
    let passphrase = options.passphraseFile.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    guard try Replica.keyProtection(at: options.place) != .passphrase || passphrase != nil else {
      throw AnabranchError(
        .passphraseNeeded,
        "this device's key has a passphrase, and nobody will be there to type it when the system serves",
        remedy: "give --passphrase-file PATH, a file that only you may read; or `anabranch key keyring`, or "
          + "`anabranch key unprotect`")
    }
    let unit = try ServiceUnit(
      serving: options.place, listen: listen, peers: peer, isDiscovering: !noDiscovery, passphraseFile: passphrase)
    let (file, start) = try unit.install(in: ProcessInfo.processInfo.environment)
    try options.output.print(Installed(file: file, start: start)) { style in
      """
      \(style.green("✓")) \(TextWidth.printable(file))
        Start it now, and whenever you log in:

          \(TextWidth.printable(start))
      """
    }
  }

  private func serve() async throws {
    let replica = try await Writing(options).replicaToServe()
    recording.request?.warn()
    let recorder = try recording.request?.recorder()
    let server = try await replica.serve(on: listen, peers: peer, discovery: !noDiscovery, recorder: recorder)
    let control = Task { await Self.takeWrites(for: replica) }
    var failure: (any Error)?
    do {
      let report = ServeReport(output: options.output)
      try report.listening(server.address)
      try await withTaskCancellationHandler {
        for await event in server.events {
          try report.print(event)
          guard event != .movedAway else { throw Self.movedAway(options.place) }
        }
      } onCancel: {
        Task { await server.stop() }
      }
      try Task.checkCancellation()
    } catch {
      failure = error
    }
    await server.stop()
    control.cancel()
    _ = await control.value
    try await replica.close()
    recorder?.close()
    if let failure { throw failure }
  }

  private static func movedAway(_ home: Home) -> AnabranchError {
    AnabranchError(
      .io, "\(home.path) was moved away, or another folder put in its place, while it was served",
      remedy:
        "run `anabranch serve` again for the folder that is there now; never move, copy or replace one that is in use")
  }

  /// Carries out what other commands hand over. Serving goes on where that is not possible.
  private static func takeWrites(for replica: Replica) async {
    do throws(AnabranchError) {
      try await ControlSocket.standard(of: replica.home).serve { await ControlServer(replica: replica).answer($0) }
    } catch {
      Output.note("anabranch: other commands cannot hand over writes: \(error.message)")
    }
  }
}
