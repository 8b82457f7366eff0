internal import Anabranch
internal import ArgumentParser

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "What is damaged, and what is not: the file, the log, the views, attached files.",
    discussion: """
      Everything is read: hashes, what builds on what, signatures; and the views are built anew and compared. With \
      --repair a new database takes the place of a damaged one: it has what is sound of each log, from the first change \
      on, and what is made of that. The damaged one is kept beside it. What is lacking then comes with the next sync from \
      any device that has it.
      """)

  @OptionGroup var options: ReadingOptions

  @Flag(name: .long, help: "Make a new database of what is sound, and keep the damaged one beside it.")
  var repair = false

  @Option(
    name: .long,
    help: ArgumentHelp("With --repair: take over from a damaged database what fits now.", valueName: "file"),
    completion: .file())
  var from: String?

  func validate() throws {
    try Self.refuseBlank(from, expected: "a file after --from")
    guard from == nil || repair else { throw ValidationError("expected --repair with --from") }
    guard !repair || options.database == nil else {
      throw ValidationError("expected --repair of a replica, got it with --database; give its folder with --home")
    }
  }

  func run() async throws {
    if let from { return try await takeOver(from) }
    let check = try await checked()
    let report = CheckReport(check)
    if repair, let fault = check.keyFault {
      if !options.output.json { try options.output.print(report) { style in report.text(style, check, .none) } }
      throw Self.withoutKey(fault, isSound: check.found.isSound)
    }
    guard repair, !check.found.isSound else {
      let advice = CheckReport.Advice(check, isHandedOver: options.database != nil)
      try options.output.print(report) { style in report.text(style, check, advice) }
      if !report.ok { throw ExitCode(ExitStatus.failed) }
      return
    }
    if !options.output.json {
      try options.output.print(report) { style in report.text(style, check, .none) }
    }
    let done = RepairReport(try await repaired())
    try options.output.print(done) { style in "\n" + done.text(style) }
  }

  /// That a replica is not repaired, since the key of its device cannot be used, which no repair can make anew.
  private static func withoutKey(_ fault: AnabranchError, isSound: Bool) -> AnabranchError {
    let reason =
      isSound
      ? "the database is sound, and a key cannot be made anew"
      : "a repair goes on as this device, and so needs its key"
    return AnabranchError(fault.code, "nothing was repaired: \(reason); \(fault.message)", remedy: fault.remedy)
  }

  private func checked() async throws -> Check {
    let progress = ProgressLine("Checking")
    defer { progress.clear() }
    let show: @Sendable (UInt64, UInt64) -> Void = { progress.show($0, of: $1, "changes") }
    if let database = options.database { return try await Replica.check(database: database, progress: show) }
    return try await Replica.check(at: options.global.place, progress: show)
  }

  private struct TakenOver: Encodable {
    /// Changes that came.
    var changes: UInt64
    /// Whether all that can be read of the file is here, so that it may go; null where it is none that a repair kept beside the replica.
    @Nullable var mayGo: Bool?

    func text(_ style: Style) -> String {
      var lines: [String] = []
      if changes > 0 {
        lines.append("\(style.green("✓")) \(Count.changes(changes)) taken over")
      } else if mayGo == true {
        lines.append("\(style.green("✓")) Nothing was to be taken over.")
      } else {
        lines += TextWidth.wrap(nothingFits, style.columns).map(String.init)
      }
      if let mayGo { lines += TextWidth.wrap(mayGo ? isTaken : isNeeded, style.columns).map(String.init) }
      return lines.joined(separator: "\n")
    }
  }

  private static let isTaken =
    "All that can be read of that file is here, and so is all that it is known to have had: the next purge takes it, or remove it."
  private static let isNeeded =
    "Not all that it is known to have had is here, or not all of it can be read: purges wait for that, or until you remove the file."

  private static let nothingFits =
    "Nothing in it fits: either all of it is here, or what it builds on is not. What it has beside that, "
    + "`anabranch export --database FILE` writes out, as far as it can be read, and `anabranch show --database FILE` shows."

  private func takeOver(_ file: String) async throws {
    let place = options.global.place
    let check = try await checked()
    if let fault = check.found.messages.first {
      throw AnabranchError(
        .damaged, "the replica in \(place.path) is itself damaged: \(fault)",
        remedy: "repair it first, by `anabranch inspect check --repair`, then do this again")
    }
    let taken = try await options.global.unlocking.opening { access throws(AnabranchError) in
      let replica = try await Replica.open(at: place, holder: "anabranch inspect check --repair", access: access)
      let count = try await replica.takeOver(from: file)
      let taken = TakenOver(changes: count, mayGo: try await replica.mayGo(file))
      try await replica.close()
      return taken
    }
    try options.output.print(taken) { taken.text($0) }
  }

  private func repaired() async throws -> Repair {
    let (progress, place) = (ProgressLine("Repairing"), options.global.place)
    defer { progress.clear() }
    return try await options.global.unlocking.opening { access throws(AnabranchError) in
      try await Replica.repair(at: place, access: access) { progress.show($0, of: $1, "steps") }
    }
  }
}
