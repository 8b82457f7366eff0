internal import Anabranch
internal import ArgumentParser

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Read and check everything: file, chains, and views against the log.")

  @OptionGroup var options: GlobalOptions

  private struct Report: Encodable {
    var ok: Bool
    var changes: UInt64
    @Nullable var stateHash: String?
    var faults: [String]
  }

  func run() async throws {
    let replica = try await Replica.read(at: options.place)
    let progress = ProgressLine("Verifying")
    let found = try await replica.verify { done, total in
      progress.show(done, of: total, "changes")
    }
    progress.clear()
    try await replica.close()
    let report = Report(
      ok: found.isSound, changes: found.changes, stateHash: found.stateHash?.description, faults: found.messages)
    guard found.isSound else {
      throw Failure(
        code: "damaged", message: "the replica is damaged: " + found.messages.joined(separator: "; "),
        remedy: "`anabranch inspect check` says it part by part, and repairs it with --repair",
        status: ExitStatus.failed)
    }
    try options.output.print(report) { style in
      "\(style.green("✓")) \(Count.changes(found.changes)): chains, vectors and views hold\n  "
        + style.dim("state ") + style.cyan(report.stateHash ?? "")
    }
  }
}
