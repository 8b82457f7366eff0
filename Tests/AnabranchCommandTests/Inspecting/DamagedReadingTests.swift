import Foundation
import Testing

@testable import AnabranchCommand

/// Commands that read go on past damage: each says what is right, or that the file is damaged.
@Suite struct DamagedReadingTests {
  /// A history with an import, words of one's own, an edit and a tag.
  private static func history() async throws -> (place: Workplace, conversation: String, message: String) {
    let place = try Workplace()
    try await place.replica()
    let export = try place.write(Histories.chatGPT(conversations: 3, messages: 8), to: "export.json")
    try await place.json("import", export)
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "Where to?")["message"].text
    try await place.json("edit", message, "Where to, and when?")
    try await place.json("say", id, "To the sea")
    try await place.json("tag", id, "travel")
    try await place.json("notes", id, "Not before June")
    try await place.json("settings", "theme", "dark")
    return (place, id, message)
  }

  /// Every command that goes on past damage, in a form in which it says the same each time.
  private static func commands(_ id: String, _ message: String, sound: String) -> [[String]] {
    [
      ["list"], ["show", id], ["search", "sea"], ["search", "message"], ["log"], ["status"],
      ["context", id], ["attachments", id], ["history", message], ["notes", id], ["draft", id], ["devices"],
      ["settings"], ["metrics"], ["export", "--format", "jsonl"], ["export", "--format", "markdown"],
      ["inspect", "log", "--graph"], ["inspect", "show", String(id.prefix(8))], ["inspect", "why", id, "title"],
      ["inspect", "why", message, "text"], ["inspect", "why", message, "place"], ["inspect", "blame", message],
      ["inspect", "conflicts"], ["inspect", "diverged"], ["inspect", "vector"], ["inspect", "frontier"],
      ["inspect", "peers"], ["inspect", "at", String(message.prefix(8)), "list"], ["inspect", "diff", "2020-01-01"],
      ["inspect", "diff", sound], ["inspect", "tui", "--svg", "/dev/stdout"],
    ]
  }

  /// Of these a database that is made anew has not those that nobody needs.
  private static func tellsOfSignatures(_ command: [String]) -> Bool { command.prefix(2) == ["inspect", "show"] }

  private static let noted = "is damaged"

  @Test("Where only a view is lost, everything is shown as before, and it is said once", .needsPython)
  func lostView() async throws {
    let (place, id, message) = try await Self.history()
    let sound = try await place.run("backup", place.path("sound.sqlite"))
    #expect(sound.status == 0)
    var before: [[String]: Command.Result] = [:]
    let commands = Self.commands(id, message, sound: place.path("sound.sqlite"))
    for command in commands { before[command] = try await Self.run(command, place) }
    let listed = try await place.json("list").canonical
    try await place.lose(page: place.page(of: "conversation"))
    let files = try place.contents(of: "laptop")

    var notes = 0
    for command in commands where !Self.tellsOfSignatures(command) {
      let (result, expected) = (try await Self.run(command, place), try #require(before[command]))
      #expect(result.status == 0 && result.output == expected.output, "\(command): \(result)")
      let said = result.errors.replacing(expected.errors, with: "")
      guard result.errors != expected.errors else { continue }
      notes += 1
      #expect(said.split(separator: "\n").count == 2, "\(command): \(result.errors)")
      for words in [Self.noted, "conversation", "its log is whole", "anabranch inspect check"] {
        #expect(result.errors.contains(words), "\(command): \(result.errors)")
      }
    }
    #expect(notes > 10)
    let result = try await place.run("list", "--json")
    #expect(try result.status == 0 && result.json().canonical == listed)
    let warning = JSON(value: try JSONSerialization.jsonObject(with: Data(result.errors.utf8)))["warning"]
    #expect(warning.keys == ["code", "message", "remedy", "isWhole"] && warning["isWhole"].bool == true)
    #expect(warning["code"].text == "damaged")

    // SQLite makes these for whoever reads.
    func withoutShared(_ files: [String: Data]) -> [String: Data] {
      files.filter { !$0.key.hasSuffix("-shm") && !$0.key.hasSuffix("-wal") }
    }
    #expect(try withoutShared(place.contents(of: "laptop")) == withoutShared(files))
    #expect(try place.contents(of: "tmp").isEmpty)
    for command in [
      ["tag", id, "x"], ["import", place.path("export.json")], ["backup", place.path("copy")], ["inspect", "storage"],
    ] {
      let refused = try await Self.run(command, place)
      #expect(refused.status == 1 && refused.errors.contains(Self.noted), "\(command): \(refused)")
    }
  }

  private static func run(_ arguments: [String], _ place: Workplace) async throws -> Command.Result {
    try await Command.run(arguments, environment: place.environment())
  }

  @Test("Changes of which the page is lost are passed over and named; the rest shows, what came after them too")
  func lostChange() async throws {
    let (place, id, message) = try await Self.history()
    // Longer than a page: it lies in pages of its own, which only these words need.
    let long = (0..<3_000).map { "w\($0 &* 7_919)" }.joined(separator: " ")
    let lost = try await place.json("say", id, "-", stdin: long)["message"].text
    let change = try await place.json("log", "--limit", "1")[0]["id"].text
    try await place.json("say", id, "And then home")
    let bytes = try Data(contentsOf: URL(filePath: place.path("laptop/history.sqlite")))
    let page = try #require(bytes.range(of: Data(" w\(500 * 7_919) ".utf8))).lowerBound / Workplace.pageBytes + 1
    try place.lose(page: page)

    let shown = try await place.run("show", id)
    #expect(shown.status == 2 && shown.output.contains("And then home"), "\(shown)")
    #expect(shown.errors.contains("everything but what was written in change "), "\(shown.errors)")
    #expect(shown.errors.contains(" of laptop, which cannot be read"), "\(shown.errors)")
    let result = try await place.run("show", id, "--json")
    let messages = try result.json()["messages"].array
    #expect(messages.map { $0["present"].bool } == [true, true, false, true])
    #expect(result.status == 2 && result.errors.contains("\"isWhole\":false"))
    #expect(messages[2]["id"].text == lost && messages[2]["text"].text.isEmpty)
    // What needs nothing of it is as it was, and nothing is said.
    let other = try await place.run("inspect", "blame", message)
    #expect(other.status == 0 && other.errors.isEmpty && other.output.contains("and when"), "\(other)")
    let listed = try await place.run("list")
    #expect(listed.status == 0 && listed.errors.isEmpty)
    // What would be wrong without it is made of what is sound.
    for command in [
      ["log"], ["inspect", "log", "--graph"], ["inspect", "why", lost], ["history", lost], ["inspect", "blame", lost],
    ] {
      let result = try await Self.run(command, place)
      let isFound = command.count == 1 || command[1] == "log"
      #expect(result.status == (isFound ? 2 : 1), "\(command): \(result)")
      #expect(result.errors.contains("what you see is made of what is sound"), "\(command): \(result)")
      #expect(!result.output.contains("And then home") && !result.output.contains("w15838"), "\(command): \(result)")
      if isFound { #expect(result.output.contains("To the sea"), "\(command): \(result)") }
    }
    let graph = try await place.run("inspect", "log", "--json").json().array
    let changesListed = graph.map { "\($0["log"].text)/\($0["sequence"].count)" }
    for parent in graph.flatMap({ $0["parents"].array }) {
      #expect(changesListed.contains("\(parent["log"].text)/\(parent["sequence"].count)"))
    }
    #expect(try await place.run("log", "--json").json().array.map { $0["id"].text }.contains(change) == false)
    // A file goes on where it had begun to be printed.
    let exported = try await place.run("export", "--format", "jsonl")
    #expect(
      exported.status == 2 && exported.output.hasSuffix("{\"end\":{\"conversations\":4,\"messages\":29}}\n"),
      "\(exported.output.suffix(200))")
    #expect(Set(exported.output.split(separator: "\n")).count == exported.output.split(separator: "\n").count)
  }

  @Test("A change is called altered only where the one before it is there", .needsPython)
  func afterMissingChange() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    for words in ["one", "two", "three"] { try await place.json("say", id, words) }
    let log = try await place.json("inspect", "log")[0]["log"].text
    let last = try await place.json("inspect", "log").array.map { $0["sequence"].count }.max() ?? 0
    try await place.alter("DELETE FROM change WHERE id & 4294967295 = \(last - 1)")
    let after = try await place.run("inspect", "show", "\(log)/\(last)")
    #expect(after.status == 0 && after.output.contains("cannot be told, for the"), "\(after)")
    #expect(!after.output.contains("do not have this hash"), "\(after)")
    #expect(try await place.json("inspect", "show", "\(log)/\(last)")[0]["isIntact"].isNull)
    try await place.alter("UPDATE change SET hash = zeroblob(32) WHERE id & 4294967295 = \(last - 2)")
    let altered = try await place.run("inspect", "show", "\(log)/\(last - 2)")
    #expect(altered.output.contains("its bytes do not have this hash"), "\(altered)")
    #expect(try await place.json("inspect", "show", "\(log)/\(last - 2)")[0]["isIntact"].bool == false)
  }

  @Test("A file whose first page is lost is read page by page, and one of which nothing can be read says what to do")
  func lostFirstPage() async throws {
    let (place, id, _) = try await Self.history()
    let expected = try await place.run("show", id)
    try await place.json("backup", place.path("sound.sqlite"))
    try place.lose(page: 1)
    let shown = try await place.run("show", id)
    #expect(shown.status == 2 && shown.output == expected.output, "\(shown)")
    #expect(shown.errors.contains("pages were read one by one"), "\(shown.errors)")
    let given = try await place.run("show", id, "--database", place.path("laptop/history.sqlite"), home: nil)
    #expect(given.status == 2 && given.output == expected.output && given.errors.contains("one by one"), "\(given)")
    let compared = try await place.run(
      "inspect", "diff", place.path("sound.sqlite"), "--database", place.path("laptop/history.sqlite"), home: nil)
    #expect(
      compared.errors.count(of: "anabranch: ") == 1 && compared.errors.contains("laptop/history.sqlite"), "\(compared)")
    #expect(try place.contents(of: "tmp").isEmpty)

    try Data(repeating: 0xA5, count: 40_960).write(to: URL(filePath: place.path("laptop/history.sqlite")))
    try await place.run("list", "--json").failure("format")
  }

  @Test("Of several files the damaged one is named, also where what was met names none", .needsPython)
  func oneOfTwo() async throws {
    let (place, id, _) = try await Self.history()
    let (sound, damaged) = (place.path("a.sqlite"), place.path("a.sqlite2"))
    try await place.json("backup", sound)
    let expected = try await place.run("show", id)
    try await place.alter("UPDATE conversation SET tail = x'0001000300' WHERE tail IS NOT NULL AND key > 0")
    try FileManager.default.copyItem(atPath: place.path("laptop/history.sqlite"), toPath: damaged)
    let shown = try await place.run("show", id)
    #expect(shown.status == 0 && shown.output == expected.output, "\(shown)")
    #expect(shown.errors.contains("the operation of a message is missing"), "\(shown.errors)")
    #expect(shown.errors.contains("laptop/history.sqlite is damaged"), "\(shown.errors)")
    let restored = try await place.run("restore-backup", sound, home: "other")
    #expect(restored.status == 0, "\(restored)")
    try await place.json("title", id, "Another", home: "other")
    let changed = place.path("other/history.sqlite")
    for arguments in [[changed, "--database", damaged], [damaged, "--database", changed]] {
      let compared = try await Self.run(["inspect", "diff"] + arguments, place)
      #expect(compared.status == 0 && compared.output.contains("Another"), "\(compared)")
      #expect(compared.errors.hasPrefix("anabranch: \(damaged) is damaged"), "\(compared.errors)")
      #expect(compared.errors.count(of: "anabranch: ") == 1, "\(compared.errors)")
    }
  }

  @Test("A file of another kind is not searched for pages of a database, unless something says that it was one")
  func otherKind() async throws {
    let (place, id, _) = try await Self.history()
    let film = place.path("film.mkv")
    try place.lose(page: 1)
    try FileManager.default.copyItem(atPath: place.path("laptop/history.sqlite"), toPath: film)
    try await place.run("show", id, "--database", film, "--json", home: nil).failure("format")
    try Data([0x37, 0x7F, 0x06, 0x82]).write(to: URL(filePath: film + "-wal"))
    let shown = try await place.run("show", id, "--database", film, home: nil)
    #expect(shown.status == 2 && shown.output.contains("To the sea"), "\(shown)")
  }

  @Test("What went into a pipe is not written again", .needsPython)
  func pipes() async throws {
    let (place, _, _) = try await Self.history()
    let expected = try await place.run("export", "--format", "jsonl")
    try await place.alter("UPDATE conversation SET tail = x'0001000300' WHERE tail IS NOT NULL AND key > 0")
    for script in [
      "$anabranch export --format jsonl -o /dev/stdout | grep -v ' bytes$'",
      """
      cd "$folder"; mkfifo pipe; timeout 20 cat pipe > read & timeout 20 $anabranch export --format jsonl -o pipe > /dev/null
      wait; cat read
      """,
    ] {
      let exported = try await place.shell(script)
      #expect(exported.output == expected.output, "\(script): \(exported.output.count) of \(expected.output.count)")
      #expect(exported.errors.contains("the operation of a message is missing"), "\(exported.errors)")
    }
  }

  @Test("Without a table of changes nothing is said to be repairable", .needsPython)
  func lostTable() async throws {
    let (place, _, _) = try await Self.history()
    try await place.alter("PRAGMA secure_delete = ON; DROP TABLE change")
    let checked = try await place.run("inspect", "check")
    #expect(checked.status == 1 && !checked.output.contains("goes on with what is sound"), "\(checked)")
    let words = checked.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("--repair --from FILE"), "what only it has can be taken elsewhere: \(words)")
    #expect(checked.output.contains("restore-backup"), "\(checked)")
    let error = try await place.run("list", "--json").failure("damaged")
    #expect(error["message"].text.contains("not one change of it can be read"), "\(error)")
    #expect(error["remedy"].text.contains("restore-backup"), "\(error)")
    #expect(try await place.run("inspect", "check", "--repair", "--json").status == 1)
  }

  @Test(
    "A file in which something may run that somebody wrote is refused, and never read again", .needsPython,
    arguments: [
      "CREATE VIEW evil AS SELECT * FROM change",
      """
      PRAGMA writable_schema = ON; UPDATE sqlite_schema
        SET sql = replace(sql, 'bytes BLOB NOT NULL', 'bytes AS (zeroblob(1e9))') WHERE name = 'change'
      """,
    ])
  func hostile(sql: String) async throws {
    let (place, id, _) = try await Self.history()
    try FileManager.default.createDirectory(atPath: place.path("handed"), withIntermediateDirectories: false)
    try await place.json("backup", place.path("handed/history.sqlite"))
    try await place.alter(sql, of: "handed")
    let file = place.path("handed/history.sqlite")
    for command in [["show", id], ["list"], ["inspect", "why", id, "title"]] {
      let error = try await Self.run(command + ["--database", file, "--json"], place).failure("foreign")
      #expect(error["message"].text.hasPrefix(file), "\(error)")
    }
    let checked = try await place.run("inspect", "check", "--database", file, "--json")
    #expect(try checked.status == 1 && checked.json()["logs"][0]["sound"].count > 5, "\(checked)")
  }

  @Test("Beside a daemon that has the damaged file open", .needsPython)
  func served() async throws {
    let (place, id, _) = try await Self.history()
    let expected = try await place.run("list")
    try await place.lose(page: place.page(of: "conversation"))
    let daemon = try await Daemon(place)
    let listed = try await place.run("list")
    #expect(listed.status == 0 && listed.output == expected.output && listed.errors.contains(Self.noted), "\(listed)")
    let refused = try await place.run("tag", id, "x")
    #expect(refused.status == 1 && refused.errors.contains("inspect check"), "\(refused)")
    withExtendedLifetime(daemon) {}
  }

  @Test("Whatever page is lost, each command says what is right, or that the file is damaged", arguments: UInt64(0)..<2)
  func anyPage(seed: UInt64) async throws {
    let (place, id, message) = try await Self.history()
    try await place.json("backup", place.path("sound.sqlite"))
    let commands = Self.commands(id, message, sound: place.path("sound.sqlite"))
    var before: [[String]: Command.Result] = [:]
    for command in commands {
      let result = try await Self.run(command, place)
      #expect(result.status == 0, "\(command): \(result.errors)")
      before[command] = result
    }
    let file = URL(filePath: place.path("laptop/history.sqlite"))
    let whole = try Data(contentsOf: file)
    let pages = whole.count / Workplace.pageBytes
    var (dice, noted) = (Dice(seed: seed), 0)
    for _ in 0..<12 {
      let (page, kind) = (1 + dice.below(pages), dice.below(3))
      if kind == 2, page > 1 {
        try whole.prefix((page - 1) * Workplace.pageBytes).write(to: file)
      } else {
        try whole.write(to: file)
        try place.lose(page: page, byte: kind == 0 ? 0 : 0xA5)
      }
      // Each is a program that starts: of every page some are asked.
      for command in commands where dice.below(3) == 0 {
        let (result, expected) = (try await Self.run(command, place), try #require(before[command]))
        let isSaid = result.errors.contains(Self.noted) || result.errors.contains("a file of another kind")
        let isRight =
          switch result.status {
          case 0: result.output == expected.output || Self.tellsOfSignatures(command) && isSaid
          case 1: isSaid
          case 2: isSaid && Self.isPart(result.output, of: expected.output, command)
          default: false
          }
        #expect(isRight, "page \(page) of \(pages), \(kind): \(command): \(result)")
        if isSaid { noted += 1 }
      }
    }
    #expect(noted > 20)
    #expect(try place.contents(of: "tmp").isEmpty)
  }

  /// Whether what a command lists, by the names in front, is some of what it listed of the sound history: actions in their order. True of
  /// commands that list nothing.
  private static func isPart(_ output: String, of sound: String, _ command: [String]) -> Bool {
    func names(_ text: String) -> [Substring] {
      text.split(separator: "\n").compactMap { $0.split(separator: " ").first }
    }
    let (listed, all) = (names(output), names(sound))
    switch command {
    case ["log"]: return all.filter(Set(listed).contains) == listed
    case ["list"], ["attachments"]: return Set(listed).isSubset(of: all)
    case ["export", "--format", "jsonl"]:
      let names = output.matches(of: /"message":\{"[^}]*?"id":"(?<id>[^"]+)"/).map(\.id)
      return names.allSatisfy { sound.contains("\"\($0)\"") }
    default: return true
    }
  }

  @Test("What comes again is passed over, however it is cut, and what differs is noticed")
  func printedAgain() {
    let words = Array("a history that was begun".utf8)
    for (first, second) in [(0, 3), (5, 5), (7, 2), (24, 24)] {
      var (output, shown) = (PrintedOutput(), [UInt8]())
      shown += output.take(Array(words.prefix(first))) ?? []
      output.beginAgain()
      // A run that ends before it has come as far as the first one.
      _ = output.take(Array(words.prefix(min(first, 2))))
      #expect(output.isAllAgain == (first <= 2))
      output.beginAgain()
      shown += output.take(Array(words.prefix(second))) ?? []
      shown += output.take(Array(words.dropFirst(second))) ?? []
      #expect(shown == words && output.isAllAgain)
    }
    var output = PrintedOutput()
    _ = output.take(words)
    output.beginAgain()
    #expect(output.take(Array(words.prefix(4)))?.isEmpty == true)
    #expect(output.take(Array("other words altogether".utf8)) == nil)
  }
}

extension String {
  fileprivate func count(of words: String) -> Int {
    ranges(of: words).count
  }
}
