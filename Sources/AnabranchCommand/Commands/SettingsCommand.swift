internal import Anabranch
internal import ArgumentParser

struct SettingsCommand: RereadableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "Show what is set, or set something.",
    discussion: """
      What is set is shared by all your devices, or with --local stays on this one and never leaves it. Any name will do: \
      apps keep theirs here too. Without a value what is set is shown. Anabranch itself heeds two: trash.days, after how \
      many days what lies in the trash is purged (not set: never), and attachments.fetch, which attached files a device \
      fetches by itself: all, none, or those up to a size such as “10 MB” (not set: all).
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The name.")
  var name: String?

  @Argument(help: "The value.")
  var value: String?

  @Flag(name: .long, help: "On this device alone.")
  var local = false

  @Flag(name: .long, help: "Take it away.")
  var remove = false

  func validate() throws {
    if let name { try Self.refuseBlank(name, expected: "a name") }
    guard !remove || (name != nil && value == nil) else {
      throw ValidationError("expected --remove with a name, and without a value")
    }
  }

  var onlyReads: Bool { value == nil && !remove }

  func run() async throws {
    guard let name, !onlyReads else { return try await show() }
    let request = Request.setting(name: name, value: value, isLocal: local)
    guard let report = try await Writing(options).perform(request).setting else { throw Writing.unexpected }
    try options.output.print(report) { style in
      "\(style.green("✓")) \(report.text(style))\(report.value == nil ? " is taken away" : "")"
    }
  }

  private func show() async throws {
    let replica = try await options.read()
    let shared = try await replica.settings().map { SettingReport(name: $0.name, value: $0.value, local: false) }
    let own = try await replica.localSettings().map { SettingReport(name: $0.name, value: $0.value, local: true) }
    try await replica.close()
    let all = (local ? own : shared + own).filter { name == nil || $0.name == name }
    if let name, all.isEmpty { throw AnabranchError(.notFound, "nothing is set under “\(name)”") }
    try options.output.print(all) { style in
      all.isEmpty ? style.dim("Nothing is set.") : all.map { $0.text(style) }.joined(separator: "\n")
    }
  }
}

/// Something that is set, as `settings --json` prints it.
struct SettingReport: Codable, Sendable {
  var name: String
  @Nullable var value: String?
  /// Whether it is set on this device alone.
  var local: Bool

  func text(_ style: Style) -> String {
    let value = value.map { " = " + TextWidth.fit($0, style.columns) } ?? ""
    return style.bold(TextWidth.fit(name, 40)) + value + (local ? style.dim(" (this device)") : "")
  }
}
