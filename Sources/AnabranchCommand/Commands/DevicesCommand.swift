internal import Anabranch
internal import ArgumentParser

struct DevicesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "See, name and remove the devices that belong to your history.",
    subcommands: [ListDevices.self, RenameDevice.self, RestrictDevice.self, RemoveDevice.self],
    defaultSubcommand: ListDevices.self)
}

struct ListDevices: RereadableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "See the devices, the senior first.")

  @OptionGroup var options: GlobalOptions

  private struct Report: Encodable {
    var devices: [DeviceReport]
  }

  func run() async throws {
    let replica = try await options.read()
    let devices = try await replica.devices().map(DeviceReport.init)
    try await replica.close()
    try options.output.print(Report(devices: devices)) { Self.text(devices, $0) }
  }

  private static func text(_ devices: [DeviceReport], _ style: Style) -> String {
    guard !devices.isEmpty else {
      return "This replica belongs to no space yet: `anabranch pair`, or `anabranch join CODE`."
    }
    var lines = devices.map { row($0, style) }
    for device in devices where device.isRemovalLost {
      lines += TextWidth.wrap(TextWidth.printable("\(device.name) \(keptOut)"), style.columns).map {
        style.yellow(String($0))
      }
    }
    return lines.joined(separator: "\n")
  }

  private static let keptOut =
    "is kept out all the same: it was removed, and what says so was lost to damage. It comes with a sync; or "
    + "remove the device again."

  private static func row(_ device: DeviceReport, _ style: Style) -> String {
    let isGone = device.role == MemberRole.outsider.name || device.isRemovalLost
    var row = FieldRow([
      .init(text: "\(device.rank)", paint: style.dim),
      .init(text: TextWidth.pad(device.name, 24), paint: { isGone ? style.dim($0) : style.bold($0) }),
      .init(text: TextWidth.pad(device.role, 7), paint: { isGone ? style.yellow($0) : style.green($0) }),
      .init(text: device.fingerprint, paint: style.dim),
      .init(text: device.isThisOne ? "this one" : "", paint: style.cyan),
    ])
    row.fit(style.columns, cutting: [(1, 8), (4, 0)])
    return row.text
  }
}

struct RenameDevice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename", abstract: "Call a device something else, on all devices.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The device, by its name or the beginning of its fingerprint.")
  var device: String

  @Argument(help: "What it is called from now on.")
  var name: String

  func run() async throws {
    let replica = try await Replica.read(at: options.place)
    let found = try await replica.findDevice(device)
    try await replica.close()
    let response = try await Writing(options).perform(.renameDevice(DeviceReference(found), name: name))
    guard let report = response.device else { throw Writing.unexpected }
    try options.output.print(report) {
      "\($0.green("✓")) \($0.dim(report.fingerprint)) is \($0.bold(TextWidth.fit(report.name, 40)))"
    }
  }
}

struct RestrictDevice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restrict", abstract: "Let a device do less from now on.",
    discussion: "What it wrote before stays. There is no way back but to let it in anew, as a new device.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The device, by its name or the beginning of its fingerprint.")
  var device: String

  @Option(name: .long, help: "What it may still do: writer or reader.")
  var to: String

  @Flag(name: .shortAndLong, help: "Do not ask.")
  var yes = false

  func run() async throws {
    try await DeviceRestriction(options: options, device: device, role: MemberRole(name: to), isYes: yes).run()
  }
}

struct RemoveDevice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Keep a device out from now on: one that was lost, or sold.",
    discussion: """
      What it wrote stays, as far as it has arrived here. It keeps the history that it has; nothing new reaches it. \
      There is no way back but to let it in anew, as a new device.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The device, by its name or the beginning of its fingerprint.")
  var device: String

  @Flag(name: .shortAndLong, help: "Do not ask.")
  var yes = false

  func run() async throws {
    try await DeviceRestriction(options: options, device: device, role: .outsider, isYes: yes).run()
  }
}

/// Takes rights from a device, after a person said yes.
private struct DeviceRestriction {
  let options: GlobalOptions
  let device: String
  let role: MemberRole
  let isYes: Bool

  func run() async throws {
    let replica = try await Replica.read(at: options.place)
    let found = try await replica.findDevice(device)
    let report = try await replica.report(of: found)
    let devices = try await replica.devices()
    try await replica.close()
    guard let report else { throw Writing.unexpected }
    let name = "“\(TextWidth.fit(report.name, 40))” (\(report.fingerprint))"
    if let may = devices.first(where: { $0.device == found })?.role, may <= role {
      return try options.output.print(report) { _ in
        "\(name) \(may == .outsider ? "is kept out already" : "is a \(may.name) already"); nothing was changed"
      }
    }
    let own = devices.first(where: \.isThisOne)?.rank
    let isThisOne = devices.contains { $0.device == found && $0.isThisOne }
    let isSenior = devices.contains { $0.device == found && $0.role == .owner && $0.rank < own ?? 0 }
    if !isYes {
      let what = role == .outsider ? "\(name) will be kept out" : "\(name) will be a \(role.name) only"
      let warning = isSenior ? " \(Self.seniority)" : isThisOne ? " It is this device itself." : ""
      try await Confirmation.ask("\(what), for good.\(warning)", "Go on?", else: "--yes")
    }
    // By its key: names may change between the question and the answer.
    let response = try await Writing(options).perform(
      .restrictDevice(DeviceReference(found), role: role.name))
    guard let done = response.device else { throw Writing.unexpected }
    try options.output.print(done) { style in
      let state = done.role == MemberRole.outsider.name ? "is kept out from now on" : "is a \(done.role) from now on"
      let line = "\(style.green("✓")) \(name) \(state)"
      return isSenior ? line + "\n  " + style.dim(Self.seniority) : line
    }
  }

  private static let seniority = "It came before this device: where it is known to remove this one, that counts."
}
