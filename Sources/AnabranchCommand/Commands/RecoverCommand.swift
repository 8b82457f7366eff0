internal import Anabranch
internal import ArgumentParser
internal import Foundation

struct RecoverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Come back into your history by the recovery phrase, when no other device is left.",
    discussion: """
      Restore a backup first (`anabranch restore-backup`). The phrase is the one that `anabranch init` showed; it is \
      read from standard input, so that no list of processes and no history of a shell has it. A device whose rights \
      were taken does not get them back: make a backup of it, and restore that into another home.
      """)

  @OptionGroup var options: GlobalOptions

  @Flag(name: .long, help: "Keep all other devices out from now on: they may be in somebody else's hands.")
  var alone = false

  func run() async throws {
    try options.place.check()
    if isatty(STDIN_FILENO) == 1 { Output.note("The recovery phrase, nine words:") }
    let phrase = try await StandardInput.line()
    _ = try RecoveryPhrase(phrase)
    let response = try await Writing(options).perform(.recover(phrase: phrase, isAlone: alone))
    guard let device = response.device else { throw Writing.unexpected }
    try options.output.print(device) { style in
      "\(style.green("✓")) \(style.bold(TextWidth.fit(device.name, 40))) belongs to the history, as \(device.role). "
        + "Let others in with `anabranch pair`."
    }
  }
}
