internal import ArgumentParser
internal import Foundation

/// A chat history as a file, for those who have no other.
struct CorpusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus", abstract: "Writes a generated chat history.")

  @Option(help: "Messages in all.")
  var messages = 100_000

  @Option(help: "The file.")
  var out: String

  @Flag(help: "In the form of ChatGPT's data export, instead of a message a line.")
  var asExport = false

  func run() throws {
    _ = FileManager.default.createFile(atPath: out, contents: nil)
    guard let file = FileHandle(forWritingAtPath: out) else { throw ValidationError("cannot write \(out)") }
    if asExport {
      try write(ExportedChat(messages: messages), to: file, before: "[", between: ",\n", after: "]\n")
    } else {
      try write(
        GeneratedChat(messages: messages).lazy.map { Data($0.line.utf8) }, to: file, between: "\n", after: "\n")
    }
    try file.close()
  }

  private func write(
    _ pieces: some Sequence<Data>, to file: FileHandle, before: String = "", between: String, after: String
  ) throws {
    var waiting = Data(before.utf8)
    var isFirst = true
    for piece in pieces {
      if !isFirst { waiting += Data(between.utf8) }
      isFirst = false
      waiting += piece
      guard waiting.count > 1 << 20 else { continue }
      try file.write(contentsOf: waiting)
      waiting = Data()
    }
    try file.write(contentsOf: waiting + Data(after.utf8))
  }
}
