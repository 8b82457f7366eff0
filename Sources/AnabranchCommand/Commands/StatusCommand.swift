internal import Anabranch
internal import ArgumentParser

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Who this replica is, what it has, and who else has it.")

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let replica = try await Replica.read(at: options.place)
    let status = try await replica.status()
    let names = try await replica.names()
    try await replica.close()
    try options.output.print(StatusReport(status)) { Self.text(status, names, options.place, $0) }
  }

  private static func text(
    _ status: ReplicaStatus, _ names: [LogID: String], _ home: Home, _ style: Style
  ) -> String {
    func fact(_ label: String, _ value: String) -> String { style.dim(TextWidth.pad(label, 15)) + value }
    var lines = [
      style.bold(TextWidth.printable(status.name)) + "  " + style.dim(home.path),
      fact("log", style.yellow(status.log.description)),
      fact("state", style.cyan(status.stateHash.description)),
      fact("conversations", "\(status.conversations)" + (status.trashed > 0 ? ", \(status.trashed) in the trash" : "")),
      fact("messages", "\(status.messages)"),
    ]
    if status.diverged > 0 { lines.append(fact("diverged", style.magenta("\(status.diverged)"))) }
    if status.conflicts > 0 { lines.append(fact("conflicts", style.magenta("\(status.conflicts)"))) }
    lines.append(
      fact(
        "only here",
        status.onlyHere == 0
          ? style.green("nothing: every change is on another device too")
          : style.yellow("\(status.onlyHere) changes that no other device is known to have")))
    lines += ["", style.dim("logs held")]
    for (log, sequence) in status.vector.entries {
      let name = TextWidth.pad(names[log] ?? "", 20)
      lines.append("  \(style.yellow(log.description))  \(name)  \(sequence)")
    }
    guard !status.peers.isEmpty else { return lines.joined(separator: "\n") }
    lines += ["", style.dim("other devices")]
    for peer in status.peers {
      let state = peer.lacks == 0 ? style.green("has everything") : style.yellow("lacks \(peer.lacks)")
      lines.append(
        "  \(TextWidth.pad(peer.record.name, 20))  \(state)  "
          + style.dim("seen \(Timestamp.short(peer.record.contact))"))
    }
    return lines.joined(separator: "\n")
  }
}
