internal import Anabranch

/// A daemon's events, a line each.
struct ServeReport {
  let output: Output

  private struct Line: Encodable {
    var event: String
    var time: String?
    var address: String?
    var peer: String?
    var name: String?
    var changes: UInt64?
    var sentChanges: UInt64?
    var receivedChanges: UInt64?
    var log: String?
    var from: UInt32?
    var excluded: [ExcludedReport]?
    var reason: String?
    var retryMs: Int64?
    var announced: [String]?
    var purged: [String]?
  }

  /// The first line.
  func listening(_ address: String) throws {
    if output.json {
      // Exactly these two fields, so that a script can take the line as it is.
      try Output.write(try Output.line(["event": "listening", "address": address]) + "\n")
    } else {
      try Output.write("\(output.style.green("✓")) listening on \(output.style.bold(address)), Ctrl-C ends\n")
    }
  }

  func print(_ event: SyncEvent) throws {
    if output.json {
      try Output.write(try Output.line(line(event)) + "\n")
    } else if let text = text(event) {
      try Output.write(text + "\n")
    }
  }

  private func line(_ event: SyncEvent) -> Line {
    var line = Line(event: "")
    line.time = Moment.now
    switch event {
    case .connected(let address):
      (line.event, line.address) = ("connected", address)
    case .greeted(let address, let peer, let name):
      (line.event, line.address, line.peer, line.name) = ("greeted", address, peer.description, name)
    case .caughtUp(let peer, let summary):
      (line.event, line.peer, line.name) = ("caughtUp", peer.description, summary.name)
      (line.sentChanges, line.receivedChanges) = (summary.sentChanges, summary.receivedChanges)
      line.excluded = summary.excluded.map { ExcludedReport($0, names: [:]) }
    case .received(let peer, let changes):
      (line.event, line.peer, line.changes) = ("received", peer.description, UInt64(changes))
    case .excluded(let peer, let change):
      (line.event, line.peer) = ("excluded", peer.description)
      (line.log, line.from) = (change.log.description, change.sequence)
    case .forked(let change):
      (line.event, line.log, line.from) = ("forked", change.log.description, change.sequence)
    case .clockAhead(let log):
      (line.event, line.log) = ("clockAhead", log.description)
    case .disconnected(let address, let summary, let reason):
      (line.event, line.address, line.reason) = ("disconnected", address, reason)
      line.peer = summary.peer?.description
      (line.sentChanges, line.receivedChanges) = (summary.sentChanges, summary.receivedChanges)
    case .trashExpired(let expiry):
      line.event = "trashExpired"
      line.announced = expiry.announced.map(\.record.id.description)
      line.purged = expiry.purged.map(\.record.id.description)
    case .found(let address, let peer, let name):
      (line.event, line.address, line.peer, line.name) = ("found", address, peer.description, name)
    case .movedAway:
      line.event = "movedAway"
    case .recordingEnded(let reason):
      (line.event, line.reason) = ("recordingEnded", reason)
    case .undiscoverable(let reason):
      (line.event, line.reason) = ("undiscoverable", reason)
    case .unreachable(let address, let reason, let retry):
      (line.event, line.address, line.reason) = ("unreachable", address, reason)
      line.retryMs = Int64(retry / .milliseconds(1))
    }
    return line
  }

  private func text(_ event: SyncEvent) -> String? {
    let style = output.style
    let time = style.dim(String(Moment.now.dropFirst(11).prefix(8)))
    func line(_ text: String) -> String { "\(time)  \(text)" }
    switch event {
    case .connected: return nil
    case .greeted(let address, _, let name):
      return line("\(style.green("↔")) \(style.bold(TextWidth.fit(name, 30)))  \(style.dim(address))")
    case .caughtUp(_, let summary):
      let both = "\(TextWidth.fit(summary.name, 30)) and this replica"
      let counts = "\(Count.changes(summary.sentChanges)) out, \(summary.receivedChanges) in"
      guard summary.excluded.isEmpty else {
        let logs = Count.text(summary.excluded.count, "log")
        return line("\(style.yellow("!")) \(both) have exchanged all but \(logs): \(counts)")
      }
      return line("\(style.green("✓")) \(both) are equal: \(counts)")
    case .received(_, let changes): return line("\(style.cyan("←")) \(Count.changes(changes))")
    case .excluded(_, let change):
      return line(
        "\(style.red("!")) log \(change.log) is left out from change \(change.sequence) on: it has forked too often, or builds "
          + "on what has, or the other side is of a version that keeps no branches")
    case .forked(let change):
      return line(
        "\(style.yellow("!")) log \(change.log) was written by two replicas at once after change \(change.sequence): both "
          + "branches are kept, see `anabranch status`")
    case .clockAhead(let log):
      return line("\(style.yellow("!")) the clock of the device that writes log \(log) is far ahead")
    case .disconnected(let address, _, let reason):
      let reason = reason.isEmpty ? "ended" : TextWidth.printable(reason)
      return line("\(style.dim("×")) \(address)  \(style.dim(reason))")
    case .trashExpired(let expiry):
      return TrashNotes.lines(expiry).map { line("\(style.yellow("!")) \($0)") }.joined(separator: "\n")
    case .found(let address, let peer, let name):
      let name = name.isEmpty ? peer.fingerprint : name
      return line(
        "\(style.cyan("•")) \(style.bold(TextWidth.fit(name, 30))) found on this network  \(style.dim(address))")
    case .movedAway: return nil
    case .recordingEnded(let reason):
      return line("\(style.yellow("!")) recording has ended: \(TextWidth.printable(reason))")
    case .undiscoverable(let reason):
      return line("\(style.yellow("!")) others on this network are not found: \(TextWidth.printable(reason))")
    case .unreachable(let address, let reason, let retry):
      return line(
        "\(style.yellow("…")) \(address): \(TextWidth.printable(reason))  "
          + style.dim("again in \(Int64(retry / .milliseconds(1))) ms"))
    }
  }
}
