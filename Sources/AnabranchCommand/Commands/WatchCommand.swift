internal import Anabranch
internal import ArgumentParser

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Follow what is written, also while it is being written on another device.",
    discussion: """
      Prints messages that come, and the words of an answer as they stream elsewhere, until interrupted; with \
      --json one line for each text that reads otherwise than before. `anabranch serve` has to run on this replica.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it; all of them if there is none.")
  var id: String?

  func run() async throws {
    let command = self
    try await Signals.cancelling(isService: true) { try await command.follow() }
  }

  private func follow() async throws {
    let channel = try await options.daemon(else: "start `anabranch serve` on it, then watch")
    var view = WatchView(style: options.output.style)
    do {
      try await channel.send(ControlProtocol.encode(Request.watch(conversation: id)))
      while let frame = try await channel.receive() {
        switch try ControlProtocol.decode(ControlProtocol.Answer.self, frame) {
        case .event(let event):
          try Output.write(options.json ? try Output.line(event) + "\n" : view.text(of: event))
        case .response(let response):
          if let failure = response.failure { throw AnabranchError(failure) }
          throw Writing.unexpected
        case .progress, .wire, .pairing, .inviter:
          throw Writing.unexpected
        }
      }
    } catch {
      await channel.close()
      throw error
    }
    await channel.close()
    try Task.checkCancellation()
    throw AnabranchError(.unreachable, "the daemon ended", remedy: "start `anabranch serve` again, then watch")
  }
}
