internal import Anabranch
internal import ArgumentParser

struct BundleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle", abstract: "Write a bug report to send: the history without anything that was written in it.",
    discussion: """
      The report still verifies, orders and merges as the history does; `simulate replay` puts it together in other orders and compares. Of \
      what anybody wrote only lengths are in it, and which values were equal. Who wrote when, and after what, is in it, and so are \
      the devices' public keys.
      """)

  @OptionGroup var options: ReadingOptions

  @Argument(help: "The new file; with --check the bundle.", completion: .file())
  var file: String

  @Flag(help: "Verify the replica too, as `anabranch verify` does, and say in the report what that finds.")
  var verify = false

  @Flag(help: "Check that bundle instead of writing one.")
  var check = false

  func validate() throws {
    try Self.refuseBlank(file, expected: "a file")
    guard !(check && verify) else { throw ValidationError("expected either --check or --verify") }
    guard !check || (options.database == nil && options.global.home == nil) else {
      throw ValidationError("expected --check alone: a bundle is checked without a replica")
    }
  }

  func run() async throws {
    guard check else { return try await write() }
    let report = BundleReport(file, try Replica.checkBundle(at: file))
    try options.output.print(report) { report.text($0, isCheck: true) }
    if !report.faults.isEmpty { throw ExitCode(ExitStatus.failed) }
  }

  private func write() async throws {
    let replica = try await options.read()
    let progress = ProgressLine("Bundling")
    let summary = try await replica.writeBundle(to: file, by: "anabranch \(Version.text)", isVerified: verify) {
      done, total in progress.show(done, of: total, "changes")
    }
    progress.clear()
    try await replica.close()
    let report = BundleReport(file, summary)
    try options.output.print(report) { report.text($0, isCheck: false) }
  }
}

/// What is in a bundle, as `inspect bundle --json` prints it.
struct BundleReport: Encodable {
  var file: String
  var bytes: UInt64
  var program: String
  var logs: Int
  var changes: UInt64
  /// Contents of which only the shape is left.
  var contents: UInt64
  var conversations: UInt64
  var faults: [String]

  init(_ file: String, _ summary: BundleSummary) {
    (self.file, bytes, program) = (file, summary.bytes, summary.program)
    (logs, changes, contents) = (summary.logs, summary.changes, summary.contents)
    (conversations, faults) = (summary.conversations, summary.faults)
  }

  // MARK: Text

  func text(_ style: Style, isCheck: Bool) -> String {
    let what = "\(Count.changes(changes)) of \(Count.text(logs, "log")), \(Count.conversations(conversations))"
    let mark = isCheck && !faults.isEmpty ? style.red("✘") : style.green("✓")
    var lines = ["\(mark) \(TextWidth.printable(file)), \(Count.bytes(bytes))", "  \(what)"]
    if isCheck {
      lines.append(style.dim("  Written by \(TextWidth.printable(program))."))
      if faults.isEmpty { lines.append("  Its chains, dependencies and signatures hold.") }
    } else {
      lines += [
        "  Nothing that anybody wrote is in it: of \(Count.text(contents, "content")) only lengths are, and",
        "  which of them were equal. Who wrote when, and after what, is in it.",
      ]
    }
    return (lines + faults.map { "  · " + TextWidth.fit(TextWidth.printable($0), style.columns - 4) })
      .joined(separator: "\n")
  }
}
