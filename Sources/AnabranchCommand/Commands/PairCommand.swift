internal import Anabranch
internal import ArgumentParser

struct PairCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pair", abstract: "Let another device into your history, by a code.",
    discussion: """
      Shows a code, and a picture of it for a camera; `anabranch join CODE` on the other device takes it. It is good \
      for one device and two minutes. You see what the other device is called and are asked before it gets anything.
      """)

  @OptionGroup var options: GlobalOptions

  @Option(name: .long, help: "What it may do: owner, writer or reader.")
  var role = "owner"

  @Option(
    name: .long,
    help: ArgumentHelp("Where to listen meanwhile, unless `anabranch serve` does already.", valueName: "host:port"))
  var listen = ServeCommand.everywhere

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Where the other device reaches this one, if not at this machine's own addresses; may be repeated.",
      valueName: "host:port"))
  var address: [String] = []

  @Flag(name: .long, help: "Let in whoever knows the code, without asking.")
  var yes = false

  @Flag(name: .long, inversion: .prefixedNo, help: "Show a picture for a camera, on a terminal.")
  var picture = true

  func validate() throws {
    do {
      _ = try MemberRole(name: role)
    } catch {
      throw ValidationError(error.message)
    }
    try Self.checkAddresses([listen] + address)
  }

  func run() async throws {
    let command = self
    try await Signals.cancelling { try await command.pair() }
  }

  private func pair() async throws {
    // Before a code is shown that would be good for a refusal only.
    if !yes { try Confirmation.checkSomebodyIsThere(else: "--yes") }
    let view = PairingView(output: options.output, isYes: yes, showsPicture: picture)
    let opening = PairingTalk.Opening(role: role, addresses: address.isEmpty ? nil : address)
    try await Writing(options).reaching(
      here: { replica in try await pair(opening, on: replica, view) },
      there: { channel in try await Self.pair(opening, on: channel, view) })
  }

  /// Listens until the other device is in and has everything.
  private func pair(_ opening: PairingTalk.Opening, on replica: Replica, _ view: PairingView) async throws {
    let server = try await replica.serve(on: listen)
    do {
      let talk = PairingTalk(
        replica: replica, tell: { try view.show($0) }, answer: { try await view.answer($0, within: $1) })
      let newcomer = try await talk.run(opening)
      try Task.checkCancellation()
      if let summary = await Self.exchange(with: newcomer.device, server) {
        try view.show(.synced(exchange: SyncReport(summary, names: try await replica.logNames())))
      }
      await server.stop()
    } catch {
      await server.stop()
      throw error
    }
  }

  /// What was exchanged with `device`; nil where that broke off.
  private static func exchange(with device: Digest, _ server: Server) async -> SyncSummary? {
    await withTaskCancellationHandler {
      for await event in server.events {
        // It says what it has got when it has got all, and goes.
        if case .disconnected(_, let summary, let reason) = event, summary.peer == device {
          return reason.isEmpty ? summary : nil
        }
      }
      return nil
    } onCancel: {
      Task { await server.stop() }
    }
  }

  private static func pair(
    _ opening: PairingTalk.Opening, on channel: ControlSocket.Channel, _ view: PairingView
  ) async throws {
    var question: Task<Void, Never>?
    defer { question?.cancel() }
    do {
      try await channel.send(ControlProtocol.encode(Request.pair(opening)))
      while let frame = try await channel.receive() {
        switch try ControlProtocol.decode(ControlProtocol.Answer.self, frame) {
        case .pairing(let event):
          try view.show(event)
          switch event {
          case .founded:
            try await channel.send(ControlProtocol.encode(ControlProtocol.Piece.shown))
          case .asked(let newcomer, let seconds):
            question = channel.answering { try await view.answer(newcomer, within: .seconds(seconds)) }
          default:
            break
          }
        case .response(let response):
          await channel.close()
          if let failure = response.failure { throw AnabranchError(failure) }
          return
        case .progress, .event, .wire, .inviter:
          throw Writing.unexpected
        }
      }
    } catch {
      await channel.close()
      throw error
    }
    try Task.checkCancellation()
    throw AnabranchError(.unreachable, "the daemon ended", remedy: "start `anabranch serve` again, then pair")
  }
}

extension ControlSocket.Channel {
  /// Tells the daemon what `answer` says, no where it throws; nothing once it is cancelled. Meanwhile the daemon is heard.
  func answering(_ answer: @escaping @Sendable () async throws -> Bool) -> Task<Void, Never> {
    Task {
      let isSo = (try? await answer()) ?? false
      guard !Task.isCancelled, let piece = try? ControlProtocol.encode(ControlProtocol.Piece.answer(isSo)) else {
        return
      }
      try? await self.send(piece)
    }
  }
}
