internal import AnabranchStore
internal import ArgumentParser

/// Which corpus is written, and how.
struct CorpusOptions: ParsableArguments {
  @Option(help: "The corpus: id, conversation, role, milliseconds and text of a message a line, between tabs.")
  var data: String

  @Option(help: "How hard a commit is pressed onto the disk: FULL or NORMAL.", transform: Self.durability)
  var sync = Store.Durability.normal

  @Option(help: "Messages in one transaction.")
  var batch = 1

  @Option(help: "How many messages are read; the last 20 are left out.")
  var rows = 100_000

  /// Messages that other engines' benches keep for one at a time; left out here too, so that all write the same.
  static let singles = 20

  func validate() throws {
    guard batch > 0, rows > Self.singles else {
      throw ValidationError("expected a batch of at least 1 and more than \(Self.singles) rows")
    }
  }

  var report: Report {
    Report(bench: "sqlite", configuration: "\(sync.rawValue)-batch\(batch)-rows\(rows)")
  }

  /// The same as arguments of a command.
  var arguments: [String] {
    ["--data", data, "--sync", sync.rawValue, "--batch", "\(batch)", "--rows", "\(rows)"]
  }

  private static func durability(_ text: String) throws -> Store.Durability {
    guard let level = Store.Durability(rawValue: text) else {
      throw ValidationError("expected FULL or NORMAL, got \(text)")
    }
    return level
  }
}
