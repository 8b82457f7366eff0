internal import Anabranch
internal import ArgumentParser

@main
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "anabranch-bench",
    abstract: "Measures a replica, a figure a line of JSON, in the form of other engines' benches.",
    discussion: "See docs/performance.md for what is measured, beside what, and where the time goes.",
    subcommands: [
      SQLiteCommand.self, ImportCommand.self, GrowthCommand.self, CorpusCommand.self, TextCommand.self,
      StreamCommand.self, AppendCommand.self, PeerCommand.self, WordsCommand.self, HandshakeCommand.self,
      CrowdCommand.self, HubCommand.self, StrangersCommand.self,
    ])

  static func main() async {
    // As the program does.
    SQLiteMemory.stopCounting()
    await main(nil)
  }
}
