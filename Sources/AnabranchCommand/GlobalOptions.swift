internal import Anabranch
internal import ArgumentParser
internal import Foundation

/// What every command takes.
struct GlobalOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("The replica's folder.", valueName: "dir"))
  var home: String?

  @Flag(name: .long, help: "Print one line of JSON instead of text for people.")
  var json = false

  @Option(name: .long, help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
  var color: ColorPolicy = .auto

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A file with the passphrase of this device's key in its only line, instead of asking; see `anabranch help key`.",
      valueName: "file"))
  var passphraseFile: String?

  /// The replica's folder: as given, by `ANABRANCH_HOME`, or in the user's data folder.
  var place: Home {
    let environment = ProcessInfo.processInfo.environment
    if let home { return Home(home) }
    if let home = environment["ANABRANCH_HOME"], !home.isEmpty { return Home(home) }
    if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return Home(data + "/anabranch") }
    let user = environment["HOME"] ?? FileManager.default.homeDirectoryForCurrentUser.path
    return Home(user + "/.local/share/anabranch")
  }

  /// Opens the replica for reading; in a ``Rereading``, what can be read of it.
  func read() async throws -> Replica {
    let place = place
    return try await Rereading.open(place.database) { () async throws(AnabranchError) in
      try await Replica.read(at: place)
    } remains: { progress async throws(AnabranchError) in
      try await Replica.readRemains(at: place, progress: progress)
    }
  }

  /// The same of a database file that somebody handed over.
  func read(database: String) async throws -> Replica {
    try await Rereading.open(database) { () async throws(AnabranchError) in
      try await Replica.read(database: database)
    } remains: { progress async throws(AnabranchError) in
      try await Replica.readRemains(database: database, progress: progress)
    }
  }

  /// A connection to the daemon that serves the replica; where there is none, `remedy` says what to do.
  func daemon(else remedy: String) async throws -> ControlSocket.Channel {
    try place.check()
    do {
      return try await ControlSocket.standard(of: place).connect()
    } catch {
      throw AnabranchError(.unreachable, "nobody serves the replica in \(place.path)", remedy: remedy)
    }
  }

  /// How the device's key is opened.
  var unlocking: Unlocking {
    Unlocking(file: passphraseFile)
  }

  /// The passphrase that was given for a key that is made now, read before anything is made.
  func newPassphrase() throws -> Passphrase? {
    try passphraseFile.map(PassphraseFile.read)
  }

  /// Puts the key of a replica that was just made, and is closed, under that passphrase, unless it has one.
  func protectNewKey(by passphrase: Passphrase?) async throws {
    guard let passphrase, try Replica.keyProtection(at: place) == .none else { return }
    try await Replica.protectKey(at: place, by: .passphrase(passphrase))
  }

  /// Where the command's result goes.
  var output: Output {
    Output(json: json, style: Style(policy: color))
  }

  mutating func validate() throws {
    if let home, home.isEmpty { throw ValidationError("expected a folder after --home") }
  }
}

/// When to colour.
enum ColorPolicy: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}
