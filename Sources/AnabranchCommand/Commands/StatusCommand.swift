internal import Anabranch
internal import ArgumentParser

struct StatusCommand: RereadableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Who this replica is, what it has, and who else has it.")

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let replica = try await options.read()
    let status = try await replica.status()
    let names = try await replica.logNames()
    let purges = try await replica.purges()
    let (files, kept) = (try await replica.attachmentTotals(), try await replica.untakenFiles())
    let key = try await replica.keyStanding()
    try await replica.close()
    try options.output.print(StatusReport(status, files, purges, kept: kept, key)) {
      Self.text(status, files, names, key, options.place, $0) + Self.text(purges, $0)
        + Self.text(kept: kept, isLacking: !status.unkept.isEmpty || files.lacking > 0, $0)
    }
  }

  private static func text(
    _ status: ReplicaStatus, _ files: AttachmentTotals, _ names: LogNames, _ key: KeyStanding?, _ home: Home,
    _ style: Style
  ) -> String {
    func fact(_ label: String, _ value: String) -> String { style.dim(TextWidth.pad(label, labelColumns)) + value }
    let path = TextWidth.wrap(home.path, style.columns - labelColumns)
    let trash = status.trashed > 0 ? ", \(status.trashed) in the trash" : ""
    var lines = [style.bold(TextWidth.fit(status.name, style.columns)), ""]
    lines += path.enumerated().map { fact($0 == 0 ? "home" : "", String($1)) }
    lines += [
      fact("log", style.yellow(status.log.description)),
      fact("state", style.cyan(status.stateHash.description)),
      fact("conversations", "\(status.conversations)" + trash),
      fact("messages", "\(status.messages)"),
    ]
    if files.whole + files.lacking > 0 { lines.append(fact("files", Self.text(files, style))) }
    if status.diverged > 0 { lines.append(fact("diverged", style.magenta("\(status.diverged)"))) }
    if status.conflicts > 0 { lines.append(fact("conflicts", style.magenta("\(status.conflicts)"))) }
    lines.append(
      fact(
        "only here",
        status.onlyHere == 0
          ? style.green("nothing: every change is on another device too")
          : style.yellow("\(Count.changes(status.onlyHere)), which no other device is known to have")))
    if let notes = key?.notes, !notes.isEmpty {
      lines += warning("key", TextWidth.printable(notes.joined(separator: " ")), style)
    }
    if status.uncounted > 0 {
      let count = Count.text(status.uncounted, "operation")
      lines += warning("left out", "\(count) by devices that may not do that, or not any more", style)
    }
    if status.unproved > 0 {
      let count = Count.changes(status.unproved)
      lines += warning("not passed on", "\(count), of which their authors' signatures have not come", style)
    }
    for fork in status.forks {
      let name = names[fork.last.log].map { "that of “\($0)”" } ?? "\(fork.last.log)"
      let place = fork.last.sequence == 0 ? "from its first change on" : "after change \(fork.last.sequence)"
      lines += warning(
        "forked",
        "a log, \(name), was written by \(fork.branches.count) databases at once \(place): every branch is kept",
        style)
    }
    if !status.unkept.isEmpty {
      let lost = status.unkept.map { names.called($0.changes, of: $0.log) }.joined(separator: ", ")
      lines += warning(
        "not here", TextWidth.printable("\(lost), which a repair could not keep and no sync has brought"), style)
    }
    lines += ["", style.dim("logs held")]
    lines += status.vector.entries.map { self.log($0.log, upTo: $0.sequence, called: names[$0.log] ?? "", style) }
    guard !status.peers.isEmpty else { return lines.joined(separator: "\n") }
    lines += ["", style.dim("other devices")] + status.peers.map { self.peer($0, style) }
    return lines.joined(separator: "\n")
  }

  /// The damaged databases that are kept for what may not be here, and what to do about them.
  private static func text(kept files: [String], isLacking: Bool, _ style: Style) -> String {
    guard !files.isEmpty else { return "" }
    let note =
      isLacking
      ? "What these have may not be here, and purges wait for it. Once this device has synced, `anabranch inspect check --repair "
        + "--from FILE` takes over what fits. Where nothing more does, remove the file."
      : "No change and no file that these are known to have had is lacking, though words that were not sealed there may be: "
        + "`anabranch export --database FILE` writes out what can be read. Purges wait until you remove them, or `anabranch inspect "
        + "check --repair --from FILE` finds that all of it is here."
    let lines =
      ["", "", style.dim("kept by a repair")] + files.map { style.yellow(TextWidth.printable($0)) }
      + TextWidth.wrap(note, style.columns).map(String.init)
    return lines.joined(separator: "\n")
  }

  /// A fact that somebody should know of, in as many lines as it takes.
  private static func warning(_ label: String, _ value: String, _ style: Style) -> [String] {
    TextWidth.wrap(value, style.columns - labelColumns).enumerated().map { index, line in
      style.dim(TextWidth.pad(index == 0 ? label : "", labelColumns)) + style.yellow(String(line))
    }
  }

  /// How many files are here, and how many are not.
  private static func text(_ files: AttachmentTotals, _ style: Style) -> String {
    let here = "\(files.whole) (\(Count.bytes(files.wholeBytes)))"
    guard files.lacking > 0 else { return here }
    return here + ", " + style.yellow("\(files.lacking) (\(Count.bytes(files.lackingBytes))) not on this device")
  }

  /// What was purged and is not gone from every device yet, who has confirmed it, and what it took unseen.
  private static func text(_ purges: [PurgeStatus], _ style: Style) -> String {
    guard !purges.isEmpty else { return "" }
    let each = merged(purges)
    let open = each.filter { !$0.outstanding.isEmpty || $0.record.due != nil || $0.record.unseen > 0 }
    var lines = ["", "", style.dim("purged")]
    func add(_ text: String, _ paint: (String) -> String) {
      lines += TextWidth.wrap(text, style.columns - 2 * margin.count).map { margin + margin + paint(String($0)) }
    }
    for purge in open {
      lines.append(margin + style.yellow(purge.record.id.short) + " " + state(of: purge.record))
      if !purge.confirmed.isEmpty { add("confirmed by " + names(purge.confirmed), style.green) }
      if !purge.outstanding.isEmpty { add("not confirmed by " + names(purge.outstanding), style.yellow) }
      if purge.record.unseen > 0 {
        add(
          "it took \(Count.messages(purge.record.unseen)) written here that its author had not seen", style.magenta)
      }
    }
    if open.count < each.count {
      let count = Count.text(each.count - open.count, open.isEmpty ? "purge" : "other")
      lines.append(margin + style.green("\(count), confirmed by every device"))
    }
    return lines.joined(separator: "\n")
  }

  /// One for each conversation and message: where it was hurried later, both say that it goes. What goes from a text is another
  /// thing each time.
  private static func merged(_ purges: [PurgeStatus]) -> [PurgeStatus] {
    var merged: [PurgeStatus] = []
    for purge in purges {
      let same = merged.firstIndex { $0.record.id == purge.record.id && !$0.record.isPast && !purge.record.isPast }
      guard let same else {
        merged.append(purge)
        continue
      }
      // Bytes that one of them took are gone for the other.
      merged[same].outstanding.removeAll(where: purge.confirmed.contains)
      merged[same].confirmed += purge.confirmed.filter { !merged[same].confirmed.contains($0) }
      merged[same].record.due = merged[same].record.due.flatMap { due in purge.record.due.map { min(due, $0) } }
      merged[same].record.unseen = max(merged[same].record.unseen, purge.record.unseen)
    }
    return merged
  }

  private static func names(_ devices: [PurgeStatus.Device]) -> String {
    devices.map { $0.name ?? String($0.key.description.prefix(8)) }.joined(separator: ", ")
  }

  private static func state(of purge: PurgeRecord) -> String {
    let what = (purge.isPast ? "past of a " : "") + purge.kind.rawValue
    guard let due = purge.due else { return "\(what), gone from this device" }
    return due > 0 ? "\(what), goes from this device after \(Moment.short(due))" : "\(what), goes from this device now"
  }

  private static func log(_ log: LogID, upTo sequence: UInt32, called name: String, _ style: Style) -> String {
    var row = FieldRow([
      .init(text: log.description, paint: style.yellow),
      .init(text: TextWidth.pad(name, nameColumns)),
      .init(text: "\(sequence)"),
    ])
    row.fit(style.columns - margin.count, cutting: [(1, 0)])
    return margin + row.text
  }

  private static func peer(_ peer: PeerStatus, _ style: Style) -> String {
    let state: (text: String, paint: (String) -> String) =
      if peer.isKeptOut {
        ("is kept out", style.dim)
      } else if peer.lacks == 0 {
        ("has everything", style.green)
      } else {
        ("lacks \(Count.changes(peer.lacks))", style.yellow)
      }
    var row = FieldRow([
      .init(text: TextWidth.pad(peer.record.name, nameColumns)),
      .init(text: state.text, paint: state.paint),
      .init(text: "seen \(Moment.short(peer.record.contact))", paint: style.dim),
    ])
    row.fit(style.columns - margin.count, cutting: [(0, 8), (2, 0)])
    return margin + row.text
  }

  private static let margin = "  "
  private static let labelColumns = 15
  private static let nameColumns = 20
}
