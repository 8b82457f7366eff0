import Foundation
import Testing

/// The commands that write, one after the other.
@Suite(.timeLimit(.minutes(3))) struct WritingTests {
  @Test func makesAReplica() async throws {
    let place = try Workplace()
    let made = try await place.json("init", "--name", "Laptop ü")
    #expect(made["replica"].text.isIdentifier)
    #expect(made["name"].text == "Laptop ü")
    let status = try await place.json("status")
    #expect(status["replica"].text == made["replica"].text && status["name"].text == "Laptop ü")
    let facts = try FileManager.default.attributesOfItem(atPath: place.path("laptop/device.key"))
    #expect(facts[.posixPermissions] as? Int == 0o600)
    let key = try #require(FileManager.default.contents(atPath: place.path("laptop/device.key")))
    let database = try #require(FileManager.default.contents(atPath: place.path("laptop/history.sqlite")))
    #expect(key.count == 32 && database.range(of: key) == nil)
  }

  @Test func aHomeThatIsThereStaysAsItIs() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("new", "Trip")
    let before = try place.contents(of: "laptop")
    let error = try await place.run("init", "--name", "other", "--json").failure("exists")
    #expect(error["message"].text.contains(place.path("laptop")) && error["remedy"].text.contains("--home"))
    #expect(try await place.run("restore-backup", "/etc/hostname").status == 1)
    #expect(try place.contents(of: "laptop") == before)
  }

  @Test(arguments: ["", "two\nlines", String(repeating: "x", count: 257)])
  func refusesNames(name: String) async throws {
    let place = try Workplace()
    let error = try await place.run("init", "--name", name, "--json").failure("invalid")
    #expect(error["remedy"].text.contains(name.isEmpty ? "give one" : "choose another"))
    #expect(!FileManager.default.fileExists(atPath: place.path("laptop/history.sqlite")))
  }

  @Test func everyWriteSaysWhatItWrote() async throws {
    let place = try Workplace()
    let replica = try await place.replica()
    let made = try await place.json("new", "Trip")
    let id = made["conversation"].text
    #expect(id.isIdentifier && made["message"].isNull && made.keys == ["conversation", "message"])

    let said = try await place.json("say", id, "hello", "there")
    let first = said["message"].text
    #expect(said["conversation"].text == id && first.isIdentifier && first != id)
    let answer = try await place.json("say", id, "hi", "--role", "assistant", "--model", "gpt-4o")["message"].text
    let next = try await place.json("say", id, "and?", "--parent", first)["message"].text
    let branch = try await place.json("branch", first, "otherwise")
    #expect(branch["conversation"].text == id)

    for arguments in [["title", id, "Lisbon"], ["tag", id, "travel"], ["tag", id, "sun"], ["untag", id, "sun"]] {
      let written = try await Command.run(arguments + ["--json"], environment: place.environment()).json()
      #expect(written["conversation"].text == id && written["message"].isNull)
    }
    let shown = try await place.json("show", id)
    #expect(shown["title"].text == "Lisbon" && shown["tags"].texts == ["travel"])
    let messages = shown["messages"].array
    #expect(messages.map { $0["text"].text }.sorted() == ["and?", "hello there", "hi", "otherwise"])
    let byText = Dictionary(uniqueKeysWithValues: messages.map { ($0["text"].text, $0) })
    #expect(byText["hello there"]?["parents"].texts == [] && byText["hello there"]?["role"].text == "user")
    #expect(byText["hi"]?["parents"].texts == [first] && byText["hi"]?["role"].text == "assistant")
    #expect(byText["hi"]?["model"].text == "gpt-4o" && byText["hi"]?["id"].text == answer)
    #expect(byText["and?"]?["parents"].texts == [first] && byText["and?"]?["id"].text == next)
    #expect(byText["otherwise"]?["parents"].texts == [first])
    #expect(shown["tips"].array.count == 3)
    #expect(messages.allSatisfy { $0["replica"].text == replica && $0["created"].text.isTime })
  }

  @Test func deletesAndRestores() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    #expect(try await place.json("delete", id)["conversation"].text == id)
    #expect(try await place.json("list").array.isEmpty)
    let trash = try await place.json("list", "--trashed")
    #expect(trash[0]["id"].text == id && trash[0]["trashed"].bool == true)
    #expect(try await place.json("status")["conversations"].count == 0)
    #expect(try await place.json("show", id)["trashed"].bool == true)
    let restored = try await place.json("restore", id)
    #expect(restored["conversation"].text == id && restored.keys == ["conversation", "message"])
    let again = try await place.json("restore", id)
    #expect(again["conversation"].text == id && again["unchanged"].bool == true)
    let text = try await place.run("restore", id)
    #expect(text.status == 0 && !text.output.contains("✓") && text.output.contains("is not in the trash"))
    #expect(try await place.json("list")[0]["trashed"].bool == false)
    #expect(try await place.json("list", "--trashed").array.isEmpty)
  }

  @Test func textsComeFromArgumentsOrStandardInput() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let first = try await place.json("say", id, stdin: "from\nstdin\n")["message"].text
    try await place.json("say", id, "-", stdin: "no newline")
    try await place.json("branch", first, stdin: "branched\r\n\n")
    try await place.json("branch", first, "-", stdin: "東京 👩‍👩‍👧 \u{0}\u{1B}[31m")
    try await place.json("say", id, "argument", stdin: "not read")
    #expect(
      Set(try await place.json("show", id)["messages"].array.map { $0["text"].text }) == [
        "from\nstdin", "no newline", "branched\r\n", "東京 👩‍👩‍👧 \u{0}\u{1B}[31m", "argument",
      ])
  }

  @Test func nothingAndWhatIsNoTextAreRefused() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.run("say", id, "--json").failure("invalid")
    try await place.run("say", id, "--json", stdin: "\n").failure("invalid")
    try await place.run("say", id, "", "--json").failure("invalid")
    try await place.run("say", id, "   ", "--json").failure("invalid")
    try await place.run("branch", id, "\t", "--json").failure("invalid")
    for bytes: [UInt8] in [[0x61, 0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] {
      let result = try await Command.run(["say", id, "--json"], stdin: bytes, environment: place.environment())
      #expect(try result.failure("invalid")["message"].text.contains("UTF-8"))
    }
    #expect(try await place.json("show", id)["messages"].array.isEmpty)
  }

  @Test(arguments: [60_000, 70_000, 300_000, 3_000_000])
  func longTextsComeBackWhole(length: Int) async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let text = String((0..<length / 10).map { "\($0) é\n東" }.joined().prefix(length))
    try await place.json("say", id, stdin: text + "\n")
    #expect(try await place.json("show", id)["messages"][0]["text"].text == text)
    #expect(try await place.json("verify")["ok"].bool == true)
  }

  @Test func whatIsNotThereIsNotWrittenTo() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let other = try await place.json("new", "Other")["conversation"].text
    let message = try await place.json("say", other, "x")["message"].text
    let nobody = String(repeating: "0", count: 32)
    let hash = try await place.json("status")["stateHash"].text
    for arguments in [
      ["say", nobody, "x"], ["branch", nobody, "x"], ["title", nobody, "x"], ["tag", nobody, "x"],
      ["untag", nobody, "x"],
      ["delete", nobody], ["restore", nobody], ["say", id, "x", "--parent", nobody],
      ["say", id, "x", "--parent", message],
      ["untag", id, "x"], ["branch", id, "x"], ["say", message, "x"], ["show", nobody], ["show", message],
      ["export", nobody, "--format", "jsonl"],
    ] {
      try await Command.run(arguments + ["--json"], environment: place.environment()).failure("not-found")
    }
    #expect(try await place.json("status")["stateHash"].text == hash)
  }

  @Test func titlesAndTagsHaveALimit() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let long = String(repeating: "x", count: 4_097)
    try await place.run("title", id, long, "--json").failure("invalid")
    try await place.run("tag", id, long, "--json").failure("invalid")
    try await place.run("new", long, "--json").failure("invalid")
    #expect(try await place.json("list").array.count == 1)
  }

  @Test func commandsAtTheSameTimeWaitForEachOther() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    try await withThrowingTaskGroup(of: Command.Result.self) { group in
      for number in 0..<6 { group.addTask { try await place.run("say", id, "\(number)") } }
      for try await result in group { #expect(result.status == 0, "\(result.errors)") }
    }
    #expect(Set(try await place.json("show", id)["messages"].array.map { $0["text"].text }).count == 6)
  }
}
