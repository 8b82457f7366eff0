internal import Anabranch
internal import Foundation

/// Opens what needs the device's key, and gets the key's passphrase where it has one: out of a file, or from a person.
struct Unlocking: Sendable {
  /// What the file that has the passphrase is called; nil where a person is asked.
  let file: String?
  /// The passphrase, where it was got already.
  var known: Passphrase?

  /// How often a person may mistype it.
  private static let triesMax = 3

  /// What `open` returns, which is called without a passphrase first: no key is needed where a daemon runs, or where the key has
  /// none.
  func opening<Result: Sendable>(
    _ open: (KeyAccess) async throws(AnabranchError) -> Result
  ) async throws -> Result {
    var access = KeyAccess(passphrase: known, keyring: SystemKeyring.find(in: ProcessInfo.processInfo.environment))
    var tries = 0
    while true {
      do {
        return try await open(access)
      } catch {
        guard
          error.code == .passphraseNeeded || (error.code == .wrongPassphrase && file == nil && tries < Self.triesMax)
        else { throw error }
        access.passphrase = try await passphrase(after: error)
        tries += 1
      }
    }
  }

  private func passphrase(after error: AnabranchError) async throws -> Passphrase {
    guard file != nil || PassphrasePrompt.isPossible else { throw error }
    if error.code == .wrongPassphrase { Output.note("That is not it.") }
    return try await passphrase()
  }

  /// The passphrase that the key has now, as its file or a person says.
  func passphrase() async throws -> Passphrase {
    if let file { return try PassphraseFile.read(file) }
    return try await PassphrasePrompt.ask("Passphrase of this device's key: ")
  }
}

/// The keyring of the person's session.
enum SystemKeyring {
  /// The one that can be reached in `environment`; nil where there is none.
  static func find(in environment: [String: String]) -> (any Keyring)? {
    #if os(Linux)
      let folders = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
      let programs = folders.map { "\($0)/secret-tool" }
      guard let program = programs.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
        return nil
      }
      return SecretService(program: program, environment: environment)
    #else
      return KeyAccess.system.keyring
    #endif
  }
}
