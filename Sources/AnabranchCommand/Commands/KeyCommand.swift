internal import Anabranch
internal import ArgumentParser

struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "See and change what protects this device's key.",
    discussion: """
      The key is what makes this device one of yours: with it others are met and changes signed. It lies in a file that only you \
      may read; a passphrase, or the keyring of your system, also keeps it from who gets hold of the disk. The history itself is \
      not encrypted by that: encrypt the disk. A command that only reads needs no key, and while `anabranch serve` runs no other \
      one does.
      """,
    subcommands: [ShowKey.self, ProtectKey.self, MoveKeyToKeyring.self, UnprotectKey.self],
    defaultSubcommand: ShowKey.self)
}

/// What protects the key, as `--json` prints it.
struct KeyReport: Encodable {
  var file: String
  var protection: String

  init(_ home: Home, _ protection: KeyProtection) {
    (file, self.protection) = (home.key, protection.rawValue)
  }
}

extension GlobalOptions {
  /// Has the key kept in another way, and says so.
  fileprivate func protectKey(
    by protection: NewKeyProtection, _ unlocking: Unlocking? = nil, text: (Style) -> String
  ) async throws {
    let home = place
    try await (unlocking ?? self.unlocking).opening { access throws(AnabranchError) in
      try await Replica.protectKey(at: home, by: protection, access: access)
    }
    try output.print(KeyReport(home, Replica.keyProtection(at: home)), text: text)
  }
}

struct ShowKey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "See what protects the key.")

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let protection = try Replica.keyProtection(at: options.place)
    try options.output.print(KeyReport(options.place, protection)) { style in
      let file = TextWidth.printable(options.place.key)
      return switch protection {
      case .none: "The key lies in \(file), for you alone to read.\nIt has no passphrase: `anabranch key protect`."
      case .passphrase: "The key lies in \(file), \(style.green("under a passphrase"))."
      case .keyring: "The key lies \(style.green("in the system's keyring")); \(file) only says so."
      }
    }
  }
}

struct ProtectKey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "protect", abstract: "Give the key a passphrase, or another one.",
    discussion: """
      It is asked for whenever a command has to write and no daemon runs. Nobody can bring it back: where it is forgotten, this \
      device has to come into the history anew. A copy of the key that was made before is as good without it.
      """)

  @OptionGroup var options: GlobalOptions

  @Option(
    name: .long,
    help: ArgumentHelp("A file with the new passphrase in its only line, instead of asking.", valueName: "file"))
  var newPassphraseFile: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      How much work each guess is, and each use: scrypt's N as a power of 2, \(ScryptCost.logRoundsRange.lowerBound) to \
      \(ScryptCost.logRoundsRange.upperBound). 17 takes 128 MiB, and each step more twice as much.
      """,
      valueName: "exponent"))
  var cost = 17

  func validate() throws {
    do { _ = try ScryptCost(logRounds: cost) } catch { throw ValidationError(error.message) }
  }

  func run() async throws {
    let isChange = try Replica.keyProtection(at: options.place) == .passphrase
    guard newPassphraseFile != nil || PassphrasePrompt.isPossible else {
      throw AnabranchError(
        .passphraseNeeded, "there is nobody to ask for the new passphrase",
        remedy: "run this in a terminal, or give --new-passphrase-file PATH")
    }
    var unlocking = options.unlocking
    // The old one before the new one, as people expect.
    if isChange, unlocking.file != nil || PassphrasePrompt.isPossible {
      unlocking.known = try await unlocking.passphrase()
    }
    let passphrase =
      if let newPassphraseFile { try PassphraseFile.read(newPassphraseFile) } else {
        try await PassphrasePrompt.askTwice()
      }
    try await options.protectKey(by: .passphrase(passphrase, cost: ScryptCost(logRounds: cost)), unlocking) { style in
      "\(style.green("✓")) the key has \(isChange ? "another" : "a") passphrase now"
    }
  }
}

struct MoveKeyToKeyring: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keyring", abstract: "Move the key into the system's keyring.",
    discussion: """
      On Linux that is the Secret Service of your desktop, reached by the program secret-tool; on Apple platforms the keychain. \
      `anabranch key unprotect` and `anabranch key protect` take it out again.
      """)

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    try await options.protectKey(by: .keyring) { style in
      "\(style.green("✓")) the key lies in the system's keyring now"
    }
  }
}

struct UnprotectKey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unprotect",
    abstract: "Keep the key in its file as it is, without a passphrase and out of the keyring.")

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    try await options.protectKey(by: .none) { style in
      "\(style.green("✓")) the key lies in its file, for you alone to read and without a passphrase"
    }
  }
}
