internal import Anabranch
internal import ArgumentParser

extension ParsableCommand {
  /// Refuses what is no address as a mistake in the command's usage.
  static func checkAddresses(_ addresses: [String]) throws {
    do {
      for address in addresses { try Replica.checkAddress(address) }
    } catch {
      throw ValidationError("\(error.message); \(error.remedy)")
    }
  }
}

struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: "Exchange everything with another replica once.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var recording: RecordingOptions

  @Argument(help: ArgumentHelp("Where the other one listens.", valueName: "host:port"))
  var address: String

  func validate() throws {
    try Self.checkAddresses([address])
  }

  func run() async throws {
    try show(try await exchange())
  }

  private func exchange() async throws -> SyncReport {
    let (writing, request) = (Writing(options), Request.sync(address: address, recording: recording.request))
    recording.request?.warn()
    let response = try await Signals.cancelling { try await Self.exchange(request, writing) }
    if let failure = response.unrecorded {
      Output.note(TextWidth.printable("anabranch: \(failure.message); what crossed since then is not in it"))
    }
    guard let report = response.synced else { throw Writing.unexpected }
    return report
  }

  private static func exchange(_ request: Request, _ writing: Writing) async throws -> Response {
    let line = ProgressLine("Syncing")
    do {
      let response = try await writing.perform(request) { line.show($0, "changes") }
      line.clear()
      return response
    } catch {
      line.clear()
      throw error
    }
  }

  private func show(_ report: SyncReport) throws {
    try options.output.print(report) { style in
      "\(report.excluded.isEmpty ? style.green("✓") : style.yellow("!")) "
        + "\(style.bold(TextWidth.fit(report.name, 30))): "
        + "\(Count.changes(report.sentChanges)) out, \(report.receivedChanges) in "
        + style.dim("(\(report.sentBytes) and \(report.receivedBytes) bytes)")
    }
    guard let warning = report.warning else { return }
    Output.note(TextWidth.printableLines(warning))
    throw ExitCode(ExitStatus.skipped)
  }
}

extension SyncReport {
  /// What a person has to know of the logs that were left out; nil where none was.
  fileprivate var warning: String? {
    guard !excluded.isEmpty else { return nil }
    let logs = excluded.map { left in
      (left.name.map { "that of “\($0)” (\(left.log))" } ?? left.log) + " from change \(left.from) on"
    }
    return """
      anabranch: \(Count.text(excluded.count, "log")) left out: \(logs.joined(separator: ", "))
        Of a database that was copied by hand, or a machine that was set back, there are more branches than are kept, or
        “\(name)” is of an older version, which keeps none; or it builds on such a branch. Each side keeps what it has,
        and everything else is in sync.
        → stop using one of the copies, and make a new replica in its place: with `anabranch restore-backup`, from a
          backup made before, or with `anabranch pair` here and `anabranch join` there; to keep what only that copy
          says, use `anabranch export --format markdown` there first
      """
  }
}
