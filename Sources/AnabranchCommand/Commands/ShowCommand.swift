internal import Anabranch
internal import ArgumentParser

struct ShowCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "A whole conversation, all branches drawn.")

  @OptionGroup var options: PastOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  func run() async throws {
    let replica = try await options.read()
    let record = try await replica.conversation(try await replica.find(id, .conversation))
    let names = try await replica.logNames()
    try await replica.close()
    try options.output.print(ConversationDetailReport(record)) { style in
      ConversationView(record, names: names, style: style).text
    }
  }
}
