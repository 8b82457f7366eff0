import Foundation
import Testing

@testable import AnabranchCommand

/// How text looks: its width, its colours, and what it may never do to a terminal.
@Suite(.timeLimit(.minutes(3))) struct TerminalTests {
  @Test func noLineIsWiderThanTheTerminal() async throws {
    let place = try Workplace()
    let pair = try await Pair(place)
    let long = "a long title about 東京の秋 and 👩‍👩‍👧 families with ümläuts, that goes on for more than eighty columns"
    try await place.json("title", pair.conversation, long)
    for tag in ["a tag of some length", "東京の秋と冬と春と夏の旅行", "third", String(repeating: "x", count: 200)] {
      try await place.json("tag", pair.conversation, tag)
    }
    try await place.json("say", pair.conversation, String(repeating: "東京の秋 👩‍👩‍👧🇵🇹 cafe\u{301} ", count: 30))
    try await place.json(
      "say", pair.conversation, String(repeating: "word", count: 100) + "\r\nsecond\rthird\tline\u{2028}fourth",
      "--role",
      "assistant", "--model", "a-model-with-a-very-long-name-2024-11-20-preview")
    let file = try place.write(Self.wide, to: "wide.json")
    try await place.json("import", file)
    // All marks at once: titles that differ, both long, lines that diverged, tags.
    try await place.json("title", pair.conversation, long + " here")
    try await place.json("title", pair.conversation, long + " there", home: "phone")
    try await Pair.meet(place)
    try await place.json("tag", pair.conversation, "fourth")
    let ids = try await place.json("list").array.map { $0["id"].text }
    let commands =
      [["list"], ["status"], ["search", "word"], ["search", "東京"], ["search", "lane"], ["demo"], ["verify"]]
      + ids.map { ["show", $0] }
    for (columns, color) in [(80, "never"), (80, "always"), (60, "never")] {
      for command in commands {
        let result = try await Command.run(
          command + ["--color", color], environment: place.environment().merging(["COLUMNS": "\(columns)"]) { $1 })
        #expect(result.status == 0)
        // Hashes are never cut.
        let limit = ["status", "demo", "verify"].contains(command[0]) ? 80 : columns
        for line in Self.plain(result.output).split(separator: "\n") {
          #expect(Self.columns(line) <= limit, "\(command): \(line)")
        }
      }
    }
  }

  /// A message with sixty answers, by a tool with a long name.
  private static var wide: String {
    let nodes = (0..<60).map { index in
      """
      "n\(index)": {"id": "n\(index)", "parent": "root", "message": {"id": "n\(index)",
        "author": {"role": "tool", "name": "a_tool_with_a_name_that_is_much_too_long_to_be_shown"},
        "metadata": {"model_slug": "another-model-with-a-very-long-name-indeed"}, "create_time": 1700000000,
        "content": {"content_type": "text", "parts": ["lane \(index) 東京の秋と冬と春と夏の旅行のことを話しましょう"]}}}
      """
    }
    return """
      [{"id": "w", "title": "wide", "create_time": 1700000000, "update_time": 1700000000, "is_archived": true,
        "mapping": {"root": {"id": "root", "message": {"id": "root", "author": {"role": "user"},
          "content": {"content_type": "text", "parts": ["sixty answers"]}}}, \(nodes.joined(separator: ","))}}]
      """
  }

  @Test func textsNeverMoveTheCursor() async throws {
    let place = try Workplace()
    try await place.replica()
    let evil = "\u{1B}[31mred\u{1B}]0;title\u{7}\u{9B}2J\u{202E}back\u{8}\u{7F}\r"
    let id = try await place.json("new", evil)["conversation"].text
    try await place.json("say", id, evil + " findme", "--model", evil)
    try await place.json("tag", id, evil)
    try await place.json("init", "--name", "\u{1B}[2Jname", home: "other")
    let daemon = try await Daemon(place)
    for arguments in [
      ["list"], ["show", id], ["search", "findme"], ["status"], ["title", id, evil], ["tag", id, evil],
      ["untag", id, evil],
      ["untag", id, evil], ["show", evil], ["import", evil], ["say", id, "x", "--role", evil], [evil],
      ["sync", evil], ["export", "--format", evil], ["backup", "/nowhere/" + evil], ["--color", evil, "list"],
      ["init", "--name", evil],
    ] {
      let result = try await Command.run(arguments, environment: place.environment())
      for text in [result.output, result.errors] {
        let bad = text.unicodeScalars.filter { $0 != "\n" && Self.isDangerous($0) }
        #expect(bad.isEmpty, "\(arguments): \(text.debugDescription)")
      }
    }
    let synced = try await place.run("sync", daemon.address, home: "other")
    let status = try await place.run("status", home: "other")
    #expect(!(synced.output + status.output).unicodeScalars.contains("\u{1B}"))
    #expect(try await place.json("show", id)["messages"][0]["text"].text == evil + " findme")
    // JSON escapes what JSON has to.
    #expect(!(try await place.run("show", id, "--json").output.unicodeScalars.contains("\u{1B}")))
    try await daemon.end()
  }

  @Test func coloursOnDemandOnly() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("say", id, "word")
    for command in [["list"], ["show", id], ["search", "word"], ["status"], ["verify"]] {
      func run(_ color: String?, _ more: [String: String] = [:]) async throws -> String {
        let environment = place.environment().merging(more) { $1 }
        return try await Command.run(command + (color.map { ["--color", $0] } ?? []), environment: environment).output
      }
      let plain = try await run(nil)
      #expect(!plain.contains("\u{1B}"), "plain in a pipe")
      #expect(try await run("never") == plain)
      #expect(try await run("auto", ["NO_COLOR": "1"]) == plain)
      let colored = try await run("always")
      #expect(colored.contains("\u{1B}[") && Self.plain(colored) == plain, "\(command)")
      #expect(try await run("always", ["NO_COLOR": "1"]) == colored, "an option is stronger than a variable")
    }
    #expect(try await !place.run("list", "--json", "--color", "always").output.contains("\u{1B}"))
  }

  @Test(.needsPython) func aTerminalHasColoursUnlessToldOtherwise() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("new", "Trip")
    let script = """
      python3 - "$anabranch" <<'end'
      import os, pty, sys
      def run(**more):
          out = b""
          def read(fd):
              nonlocal out
              data = os.read(fd, 4096)
              out += data
              return b""
          os.environ.update(more)
          pty.spawn([sys.argv[1], "list"], read, lambda fd: b"")
          return out
      sys.stdout.write("%d %d %d" % (b"\\x1b[" in run(TERM="xterm"), b"\\x1b[" in run(NO_COLOR="1"),
          b"\\x1b[" in run(NO_COLOR="", TERM="dumb")))
      end
      """
    #expect(try await place.shell(script).output == "1 0 0")
  }

  // MARK: Measuring, in a way of its own

  /// Without colours.
  private static func plain(_ text: String) -> String {
    text.replacing(/\u{1B}\[[0-9;]*m/, with: "")
  }

  /// Columns of a line: two for the wide characters that these tests use, one for all others.
  private static func columns(_ line: Substring) -> Int {
    line.reduce(0) { sum, character in
      let first = character.unicodeScalars.first?.value ?? 0
      return sum + ((0x3000...0x9FFF).contains(first) || first >= 0x1F000 ? 2 : 1)
    }
  }

  private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 32 || (127..<160).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
  }
}
