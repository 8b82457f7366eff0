import Foundation
import Testing

@testable import AnabranchCommand

/// What stands where on the command line, and what is said about it.
@Suite(.timeLimit(.minutes(3))) struct ArgumentTests {
  @Test func optionsOfAllCommandsStandBeforeOrAfterTheName() async throws {
    let place = try Workplace()
    let home = place.path("laptop")
    try await place.replica()
    let arguments = [
      ["--home", home, "--json", "list"], ["--home=\(home)", "--json", "list"], ["list", "--home", home, "--json"],
      ["--json", "list", "--home=\(home)"], ["--color", "never", "--home", home, "list", "--json"],
      ["--color=always", "--json", "list", "--home", home], ["list", "--color", "auto", "--json", "--home", home],
    ]
    for arguments in arguments {
      let result = try await Command.run(arguments, environment: place.environment(home: nil))
      #expect(result.output == "[]\n", "\(arguments): \(result)")
      #expect(result.status == 0 && result.errors == "")
    }
  }

  @Test func theHomeIsFoundByOptionThenVariableThenDataFolder() async throws {
    let place = try Workplace()
    for home in ["a", "b", "data/anabranch", "user/.local/share/anabranch"] { try await place.replica(home) }
    func name(_ environment: [String: String], _ arguments: String...) async throws -> String {
      let result = try await Command.run(
        ["status", "--json"] + arguments, environment: place.environment(home: nil).merging(environment) { $1 })
      return try result.json()["name"].text
    }
    #expect(try await name(["ANABRANCH_HOME": place.path("a")], "--home", place.path("b")) == "b")
    #expect(try await name(["ANABRANCH_HOME": place.path("a"), "XDG_DATA_HOME": place.path("data")]) == "a")
    #expect(try await name(["XDG_DATA_HOME": place.path("data")]) == "data/anabranch")
    #expect(try await name(["XDG_DATA_HOME": place.path("data"), "ANABRANCH_HOME": ""]) == "data/anabranch")
    #expect(try await name([:]) == "user/.local/share/anabranch")
    // The standard has relative paths ignored.
    #expect(try await name(["XDG_DATA_HOME": "data"]) == "user/.local/share/anabranch")
  }

  @Test(arguments: [
    ["nonsense"], ["list", "nonsense"], ["list", "--nonsense"], ["list", "--limit", "0"], ["list", "--limit", "x"],
    ["list", "--color", "purple"], ["--color", "purple", "list"], ["--home"], ["--home", "/x"], ["--home", "", "list"],
    ["init"], ["new"], ["say"], ["say", "abcd", "x", "--role", "nobody"], ["export"], ["export", "--format", "pdf"],
    ["search"], ["search", "x", "--limit", "0"], ["sync"], ["backup"], ["restore-backup"], ["show"], ["branch"],
    ["title", "abcd"], ["tag", "abcd"], ["untag"], ["delete"], ["restore"], ["import"], ["new", "-t"],
    ["import", ""], ["import", "", "--watch"], ["backup", ""], ["restore-backup", ""], ["new", ""], ["new", "  "],
    ["export", "--format", "jsonl", "-o", ""], ["title", "abcd", ""], ["tag", "abcd", ""], ["untag", "abcd", " "],
    ["say", "abcd", "x", "--model", ""], ["branch", "abcd", "x", "--model", " "], ["log", "--limit", "0"],
    ["inspect", "storage", "--limit", "0"], ["inspect", "show", "abcd", "--limit", "0"],
    ["inspect", "diff", "12h", "--limit", "0"], ["inspect", "diverged", "--limit", "0"],
  ])
  func wrongUseIsToldApart(arguments: [String]) async throws {
    let place = try Workplace()
    let plain = try await Command.run(arguments, environment: place.environment())
    #expect(plain.status == 64)
    #expect(plain.output == "")
    #expect(plain.errors.contains("Usage: anabranch") || plain.errors.contains("anabranch --help"))
    if arguments.last != "--home" {
      let json = try await Command.run(arguments + ["--json"], environment: place.environment())
      try json.failure("usage", status: 64)
    }
    let early = try await Command.run(["--json"] + arguments, environment: place.environment())
    #expect(try !early.failure("usage", status: 64)["message"].text.contains("--json"))
  }

  @Test func wrongAddressesAreRefused() async throws {
    let place = try Workplace()
    try await place.replica()
    for address in ["host:port", "127.0.0.1:70000", "", ":1", "a b:1", "::1:4850"] {
      let error = try await place.run("sync", address, "--json").failure("usage", status: 64)
      #expect(error["message"].text.contains("4850"))
      #expect(try await place.run("serve", "--listen", address).status == 64)
      #expect(try await place.run("serve", "--listen", "127.0.0.1:0", "--peer", address).status == 64)
    }
  }

  @Test func aTextIsNeverAnOption() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    for text in [
      "-hello", "-h", "--help", "--version", "--hello", "-x", "-", "--", "--generate-completion-script", "-1", "-ab",
      "--help-hidden", "--experimental-dump-help",
    ] {
      for arguments in [["say", id, text], ["title", id, text], ["tag", id, text], ["say", id, "x", text]] {
        let result = try await Command.run(arguments, environment: place.environment())
        #expect(result.status == 0 || result.status == 64 || result.status == 1, "\(arguments): \(result)")
        if result.status == 0 { #expect(result.output.hasPrefix("✓"), "\(arguments): \(result)") }
      }
    }
    for text in ["-hello", "-h", "--help", "--json", "--home", "--", "–", "--model=x"] {
      let before = try await place.json("show", id)["messages"].array.count
      try await place.json("say", id, "--", text)
      let messages = try await place.json("show", id)["messages"].array
      #expect(messages.count == before + 1)
      #expect(messages.last?["text"].text == text)
    }
    #expect(try await place.run("say", id, "-hello").errors.contains("--"))
  }

  @Test func showsHelpAndVersion() async throws {
    let place = try Workplace()
    let version = try await place.run("--version")
    #expect(version.output == Version.text + "\n" && version.status == 0)
    for arguments in [[], ["--help"], ["-h"], ["help"], ["--json", "--help"]] {
      let help = try await Command.run(arguments, environment: place.environment())
      #expect(help.status == 0 && help.errors == "")
      for name in Self.commands { #expect(help.output.contains("  \(name) "), "\(name)") }
    }
    for name in Self.commands {
      let help = try await place.run(name, "--help")
      #expect(help.status == 0 && help.output.contains("USAGE: anabranch \(name)"))
      #expect(help.output.contains("--home") && help.output.contains("--json") && help.output.contains("--color"))
      #expect(try await place.run("help", name).output == help.output)
      // A line is broken only where the next word would not have fitted.
      let lines = help.output.components(separatedBy: "\n").prefix { !$0.hasPrefix("USAGE") }
      for (line, next) in zip(lines, lines.dropFirst()) where !line.isEmpty && !next.isEmpty {
        let word = next.prefix { $0 != " " }
        #expect(TextWidth.columns(line + " " + word) > 77, "\(name): \(line)")
      }
      #expect(!help.output.split(separator: "\n").contains { $0.hasPrefix("  ") && TextWidth.columns($0) > 80 })
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completesInEveryShell(shell: String) async throws {
    let place = try Workplace()
    let script = try await place.run("--generate-completion-script", shell)
    #expect(script.status == 0 && script.errors == "")
    for name in Self.commands { #expect(script.output.contains(name)) }
    if shell == "bash" {
      let path = try place.write(script.output, to: "completions.bash")
      #expect(try await place.shell("bash -n '\(path)'").errors == "")
    }
    #expect(try await place.run("--generate-completion-script", "tcsh").status == 64)
  }

  static let commands = [
    "demo", "init", "import", "list", "show", "search", "new", "say", "branch", "title", "tag", "untag", "delete",
    "restore", "serve", "sync", "watch", "status", "export", "verify", "backup", "restore-backup",
  ]
}
