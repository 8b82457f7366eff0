internal import ArgumentParser
internal import Foundation

/// A chat history as a file, for those who have no other.
struct CorpusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus", abstract: "Writes a generated chat history, a message a line.")

  @Option(help: "Messages in all.")
  var messages = 100_000

  @Option(help: "The file.")
  var out: String

  func run() throws {
    _ = FileManager.default.createFile(atPath: out, contents: nil)
    guard let file = FileHandle(forWritingAtPath: out) else { throw ValidationError("cannot write \(out)") }
    var lines = Data()
    for message in GeneratedChat(messages: messages) {
      lines += Data((message.line + "\n").utf8)
      if lines.count > 1 << 20 {
        try file.write(contentsOf: lines)
        lines = Data()
      }
    }
    try file.write(contentsOf: lines)
    try file.close()
  }
}
