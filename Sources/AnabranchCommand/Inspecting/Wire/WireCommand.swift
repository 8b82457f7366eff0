internal import Anabranch
internal import ArgumentParser

struct WireCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wire", abstract: "What crossed connections, frame by frame, from a recording or while it happens.",
    discussion: """
      FILE is what `anabranch serve --record` or `anabranch sync --record` wrote; no replica is needed to read it. With --live it \
      is what crosses the connections of the `anabranch serve` that runs on this replica, until interrupted, and never what \
      anybody wrote. With --json there is one line for each thing that happened.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The recording.", completion: .file())
  var file: String?

  @Flag(name: .long, help: "Show what crosses the connections of a running `anabranch serve`.")
  var live = false

  @Flag(name: .long, help: "Show what people wrote, too, of a recording that has it.")
  var contents = false

  func validate() throws {
    try Self.refuseBlank(file, expected: "a recording's file")
    guard live == (file == nil) else {
      throw ValidationError(live ? "expected a file or --live, got both" : "expected a file, or --live")
    }
    if live, contents { throw ValidationError("expected a file with --contents: what crosses live is shown without") }
  }

  func run() async throws {
    guard let file else {
      let command = self
      return try await Signals.cancelling(isService: true) { try await command.follow() }
    }
    let recording = try RecordingFile(at: file)
    if options.json { try printLines(of: recording) } else { try printSessions(of: recording, called: file) }
  }

  // MARK: A recording

  private func printLines(of recording: RecordingFile) throws {
    var sessions = WireSessions()
    while true {
      let items = try recording.next(limit: RecordingIndex.pieceMax)
      guard !items.isEmpty else { break }
      try Output.write(
        try items.map { item in
          try Output.line(WireReport(item.entry, on: sessions.note(item.entry), contents: contents)) + "\n"
        }.joined())
    }
    try refuseNothing(recording)
    guard recording.cutBytes > 0 else { return }
    var cut = WireReport(event: "cut")
    cut.bytes = UInt64(recording.cutBytes)
    try Output.write(try Output.line(cut) + "\n")
  }

  private func printSessions(of recording: RecordingFile, called file: String) throws {
    let (index, view) = (RecordingIndex(recording), WireView(style: options.output.style))
    if index.failure == nil { try refuseNothing(recording) }
    for found in index.sessions {
      try Output.write(view.header(found.session) + "\n")
      for start in stride(from: 0, to: found.frames.count, by: RecordingIndex.pieceMax) {
        let piece = found.frames[start..<min(start + RecordingIndex.pieceMax, found.frames.count)]
        let pieces = try piece.map { text(of: try recording.entry(at: $0), in: found.session, view) }
        try Output.write(pieces.joined())
      }
      try Output.write("\n")
    }
    try Output.write(view.sum(index.sessions.map(\.session)) + "\n")
    if contents, !index.hasContents {
      Output.note("anabranch: it was recorded without contents; --record-contents writes them down")
    }
    if let failure = index.failure { throw failure }
    guard recording.cutBytes > 0 else { return }
    let cut = Count.text(recording.cutBytes, "byte")
    try Output.write(view.style.yellow("The last entry is cut, or still being written: \(cut) passed over.") + "\n")
  }

  private func text(of entry: RecordingEntry, in session: WireSession, _ view: WireView) -> String {
    guard case .frame(let frame) = entry.event else { return "" }
    let line = view.line(frame, after: session.elapsed(entry), session.words)
    return ([line] + (contents ? view.contents(frame, session.words) : [])).map { $0 + "\n" }.joined()
  }

  /// A file that ends before it says that it is a recording is none.
  private func refuseNothing(_ recording: RecordingFile) throws {
    guard recording.position == 0 else { return }
    throw AnabranchError(
      .format, "expected a recording, got a file of \(Count.text(recording.cutBytes, "byte"))",
      remedy: "give a file that `anabranch serve --record` or `anabranch sync --record` wrote")
  }

  // MARK: Live

  private func follow() async throws {
    let channel = try await options.daemon(else: "start `anabranch serve` on it, or give a recording")
    do {
      try await channel.send(ControlProtocol.encode(Request.wire))
      try await show(channel)
    } catch {
      await channel.close()
      throw error
    }
    await channel.close()
    try Task.checkCancellation()
    throw AnabranchError(.unreachable, "the daemon ended", remedy: "start `anabranch serve` again")
  }

  private func show(_ channel: ControlSocket.Channel) async throws {
    var sessions = WireSessions(names: await names())
    let view = WireView(style: options.output.style)
    while let frame = try await channel.receive() {
      switch try ControlProtocol.decode(ControlProtocol.Answer.self, frame) {
      case .wire(let missed, let bytes):
        let line = try text(of: RecordingEntry(canonicalBytes: Array(bytes)), missed: missed, &sessions, view)
        if !line.isEmpty { try Output.write(line) }
      case .response(let response):
        if let failure = response.failure { throw AnabranchError(failure) }
        throw Writing.unexpected
      case .event, .progress, .pairing, .inviter:
        throw Writing.unexpected
      }
    }
  }

  private func text(
    of entry: RecordingEntry, missed: UInt64, _ sessions: inout WireSessions, _ view: WireView
  ) throws -> String {
    let session = sessions.note(entry)
    if options.json {
      var missing = WireReport(event: "missed")
      missing.count = missed
      let before = missed > 0 ? try Output.line(missing) + "\n" : ""
      return before + (try Output.line(WireReport(entry, on: session, contents: false)) + "\n")
    }
    let line = session.map { view.live(entry, on: $0) } ?? ""
    return (missed > 0 ? view.missed(missed) + "\n" : "") + (line.isEmpty ? "" : line + "\n")
  }

  /// What the devices are called that write the logs known here.
  private func names() async -> LogNames {
    guard let replica = try? await Replica.read(at: options.place) else { return [:] }
    let names = (try? await replica.logNames()) ?? [:]
    try? await replica.close()
    return names
  }
}
