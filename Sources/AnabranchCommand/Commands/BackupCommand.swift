internal import Anabranch
internal import ArgumentParser
internal import Foundation

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Write a consistent copy of the history to a new file, also while in use.",
    discussion: "The device's key is not in it. Copying the database by hand is not a backup.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The new file.", completion: .file())
  var file: String

  private struct Report: Encodable {
    var file: String
    var bytes: Int
  }

  func validate() throws {
    try Self.refuseBlank(file, expected: "a new file")
  }

  func run() async throws {
    await sign()
    let replica = try await Replica.read(at: options.place)
    try await replica.backUp(to: file)
    try await replica.close()
    let size = (try? FileManager.default.attributesOfItem(atPath: file))?[.size] as? Int ?? 0
    try options.output.print(Report(file: file, bytes: size)) { style in
      "\(style.green("✓")) \(file), \(size) bytes\n  Bring it back with `anabranch restore-backup`."
    }
  }
}

extension BackupCommand {
  /// Has signed what was written in the last moment, since the key is not in the backup: by the daemon, or here, where no person
  /// has to be asked for that. Where it cannot be, who restores the backup has it all the same, and can pass on only the rest.
  private func sign() async {
    if let channel = await ControlSocket.daemon(of: options.place) {
      _ = try? await Writing.handOver(.sign, on: channel) { _ in }
      return
    }
    guard let reader = try? await Replica.read(at: options.place) else { return }
    let isUnsigned = (try? await reader.isUnsigned()) ?? false
    try? await reader.close()
    // Whoever opens it for writing signs it.
    if isUnsigned { try? await Replica.open(at: options.place, holder: "anabranch backup").close() }
  }
}

struct RestoreBackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore-backup", abstract: "Make a replica in a new home from a backup.",
    discussion: "It is a device of its own and never goes on under numbers that the backed-up one used.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The backup.", completion: .file())
  var file: String

  @Option(name: .long, help: "What you call this device.")
  var name = "restored"

  private struct Report: Encodable {
    var replica: String
    var name: String
    var conversations: Int
    var messages: Int
  }

  func validate() throws {
    try Self.refuseBlank(file, expected: "a backup's file")
  }

  func run() async throws {
    let passphrase = try options.newPassphrase()
    let replica = try await restored()
    let status = try await replica.status()
    try await replica.close()
    try await options.protectNewKey(by: passphrase)
    let report = Report(
      replica: status.log.description, name: name, conversations: status.conversations,
      messages: status.messages)
    try options.output.print(report) { style in
      "\(style.green("✓")) \(style.bold(TextWidth.printable(name))): \(Count.conversations(status.conversations)), "
        + "\(Count.messages(status.messages)), in \(options.place.path)\n"
        + "  It is a device of its own: let it in with `anabranch pair` on another one, and\n"
        + "  `anabranch join CODE` here; or, where none is left, `anabranch recover`."
    }
  }

  /// The new replica, whose whole history was verified.
  private func restored() async throws -> Replica {
    let (progress, file, place, name) = (ProgressLine("Verifying"), file, options.place, name)
    let result: Result<Replica, any Error>
    do {
      result = .success(
        try await options.unlocking.opening { access throws(AnabranchError) in
          try await Replica.restore(from: file, to: place, name: name, access: access) { done, total in
            progress.show(done, of: total, "changes")
          }
        })
    } catch {
      result = .failure(error)
    }
    progress.clear()
    return try result.get()
  }
}
