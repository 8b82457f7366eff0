internal import Anabranch
internal import ArgumentParser
internal import Foundation

struct JoinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "join", abstract: "Come into another device's history, by the code that it shows.",
    discussion: """
      Makes a replica first where there is none. What is here already is brought along: then you see who shows the code, \
      and are asked before it gets anything. Run `anabranch pair` on the other device; somebody has to say yes there.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The code, as the other device shows it; - reads it from standard input.")
  var code: String

  @Option(name: .long, help: "What you call this device, where it has no replica yet; else this machine's name.")
  var name: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Where the other device listens, if not where the code says.", valueName: "host:port"))
  var at: String?

  @Flag(name: .long, help: "Come in without asking, also with a history that is here already.")
  var yes = false

  private struct Report: Encodable {
    var name: String
    var fingerprint: String
    var exchange: SyncReport
  }

  func validate() throws {
    if let at { try Self.checkAddresses([at]) }
  }

  func run() async throws {
    let code = try await code == "-" ? Self.typedCode() : code
    _ = try PairingCode(code)
    var passphrase: Passphrase?
    if !options.place.exists {
      let host = ProcessInfo.processInfo.hostName
      let (place, name) = (options.place, name ?? (host.isEmpty ? "device" : host))
      passphrase = try options.newPassphrase()
      try await options.unlocking.opening { access throws(AnabranchError) in
        try await Replica.create(at: place, name: name, access: access).close()
      }
      try await options.protectNewKey(by: passphrase)
    }
    let replica = try await Replica.read(at: options.place)
    let (status, isNew) = (try await replica.status(), try await replica.isNew())
    try await replica.close()
    let view = JoiningView(isAsked: !isNew && !yes, isQuiet: options.json)
    try view.announce(status.name, status.device)
    let report = try await exchange(JoiningTalk.Opening(code: code, address: at), view, passphrase)
    try options.output.print(Report(name: status.name, fingerprint: status.device.fingerprint, exchange: report)) {
      """
      \($0.green("✓")) in, by \($0.bold(TextWidth.fit(report.name, 30))): \(Count.changes(report.sentChanges)) out, \
      \(report.receivedChanges) in
        Stay in touch with `anabranch serve --peer HOST:PORT`, or `anabranch sync HOST:PORT`.
      """
    }
  }

  private static func typedCode() async throws -> String {
    if isatty(STDIN_FILENO) == 1 { Output.note("The code that the other device shows:") }
    return try await StandardInput.line()
  }

  private func exchange(
    _ opening: JoiningTalk.Opening, _ view: JoiningView, _ passphrase: Passphrase?
  ) async throws -> SyncReport {
    let writing = Writing(options, passphrase: passphrase)
    return try await Signals.cancelling {
      let line = ProgressLine("Syncing")
      defer { line.clear() }
      return try await writing.reaching(
        here: { replica in
          try await JoiningTalk(replica: replica, answer: { await view.answer($0) }).run(opening) {
            line.show($0, "changes")
          }
        },
        there: { channel in try await Self.exchange(opening, on: channel, view) { line.show($0, "changes") } })
    }
  }

  /// Has the daemon come in.
  private static func exchange(
    _ opening: JoiningTalk.Opening, on channel: ControlSocket.Channel, _ view: JoiningView,
    _ progress: (WorkProgress) -> Void
  ) async throws -> SyncReport {
    var question: Task<Void, Never>?
    defer { question?.cancel() }
    do {
      try await channel.send(ControlProtocol.encode(Request.join(opening)))
      while let frame = try await channel.receive() {
        switch try ControlProtocol.decode(ControlProtocol.Answer.self, frame) {
        case .progress(let done, let total):
          progress(WorkProgress(done: done, total: total))
        case .inviter(let inviter):
          question = channel.answering { await view.answer(inviter) }
        case .response(let response):
          await channel.close()
          if let failure = response.failure { throw AnabranchError(failure) }
          guard let report = response.synced else { throw Writing.unexpected }
          return report
        case .event, .wire, .pairing:
          throw Writing.unexpected
        }
      }
    } catch {
      await channel.close()
      throw error
    }
    try Task.checkCancellation()
    throw AnabranchError(.unreachable, "the daemon ended", remedy: "start `anabranch serve` again, then join")
  }
}
