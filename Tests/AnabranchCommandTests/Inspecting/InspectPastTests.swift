import Foundation
import Testing

@Suite("The past, and what somebody hands over") struct InspectPastTests {
  @Test("A reading command shows what was there when a change was made")
  func asOfAChange() async throws {
    let (place, id) = try await Workplace.merged()
    let short = String(id.prefix(8))
    let titled = try await place.json("log").array.first { $0["text"].text.contains("“Lisbon”") }
    let action = try #require(titled)["id"].text
    #expect(try await place.golden("list").contains("Lisbon in May"))
    let then = try await place.golden("list", "--as-of", action)
    #expect(then.hasSuffix("      0  Lisbon\n"), "\(then)")
    #expect(try await place.golden("inspect", "at", action, "list") == then)
    // Nothing of what the phone did meanwhile.
    let why = try await place.golden("inspect", "at", action, "inspect", "why", short, "title")
    #expect(why.contains("“Lisbon”") && why.contains("“Trip”") && !why.contains("in May"))
    #expect(try await place.json("show", id, "--as-of", action)["messages"].array.isEmpty)
    #expect(try await place.json("show", id)["messages"].array.count == 1)
    #expect(try await place.json("search", "sea", "--as-of", action).array.isEmpty)
    #expect(try await place.json("inspect", "conflicts").array.count == 1)
    #expect(try await place.json("inspect", "conflicts", "--as-of", action).array.isEmpty)
  }

  @Test("What every command takes stands before at, behind it, or behind the command")
  func optionsOfAt() async throws {
    let (place, _) = try await Workplace.merged()
    let expected = try await place.json("list", "--as-of", "0m").canonical
    let home = place.path("laptop")
    for script in [
      "--json inspect at 0m list", "inspect --json at 0m list", "inspect at --json 0m list",
      "inspect at 0m --json list",
      "inspect at 0m list --json", "inspect --home '\(home)' --json at 0m list",
      "--home '\(home)' inspect --json at 0m list",
    ] {
      let result = try await place.shell("$anabranch " + script, home: script.contains("--home") ? nil : "laptop")
      #expect(result.status == 0, "\(script): \(result)")
      #expect(try result.json().canonical == expected, "\(script)")
    }
    for (script, words) in [
      ("inspect at 0m inspect check", "got “inspect check”"), ("inspect at 0m serve", "got “serve”"),
      ("inspect --json at 0m nonsense", "nonsense"), ("--home '\(home)' inspect at 0m nonsense", "nonsense"),
    ] {
      let result = try await place.shell("$anabranch " + script)
      #expect(result.status == 64 && (result.errors + result.output).contains(words), "\(script): \(result)")
    }
    let why = try await place.shell("$anabranch inspect --json at 0m inspect conflicts")
    #expect(try why.json().array.count == 1)
    try await place.shell("$anabranch inspect --json at 0m peers").failure("usage", status: 64)
  }

  @Test("And at a time")
  func asOfATime() async throws {
    let (place, _) = try await Workplace.merged()
    let all = try await place.json("inspect", "log", "--limit", "100").array
    #expect(try await place.json("inspect", "log", "--limit", "100", "--as-of", "0m").array.count == all.count)
    #expect(try await place.json("list", "--as-of", "1d").array.isEmpty)
    try await place.run("list", "--as-of", "yesterday", "--json").failure("invalid")
  }

  @Test("A backup and a copy of the database are read as they are")
  func handedOver() async throws {
    let (place, id) = try await Workplace.merged()
    let (folder, backup, copy) = (place.path("laptop"), place.path("backup"), place.path("copy.sqlite"))
    try await place.json("backup", backup)
    try FileManager.default.copyItem(atPath: folder + "/history.sqlite", toPath: copy)
    try await place.json("title", id, "Porto")
    for file in [backup, copy] {
      #expect(try await place.json("list", "--database", file).array.map { $0["title"].text } == ["Lisbon in May"])
      #expect(try await place.golden("inspect", "vector", "--database", file).contains("phone"))
      #expect(try await place.json("--database", file, "inspect", "at", "1d", "list").array.isEmpty)
    }
    try await place.run("list", "--database", folder, "--json").failure("format")
    let both = try await place.run("list", "--database", backup, "--home", folder)
    #expect(both.status == 64 && both.errors.contains("expected either --home or --database"))
    // Nobody writes to it.
    #expect(try await place.run("title", id, "x", "--database", backup).status == 64)
  }

  @Test("What differs between two devices, and since a change")
  func differences() async throws {
    let (place, id) = try await Workplace.merged()
    try await place.json("say", id, "By the river, and then left", home: "phone")
    try await place.json("tag", id, "river", home: "phone")
    let expected = """
      +  aaaaaaaa  phone         2 changes, 5 to 6

      ~  bbbbbbbb  Lisbon in May
           tags       + “river”
          +  cccccccc  <minute>  user       “By the river, and then left”

      """
    let text = try await place.golden("inspect", "diff", place.path("laptop"), place.path("phone"))
    #expect(text == expected, "\(text)")
    let back = try await place.json("inspect", "diff", place.path("phone"), place.path("laptop"))
    #expect(back["count"].count == 1 && back["conversations"][0]["values"][0]["before"].texts == ["river", "travel"])
    #expect(back["conversations"][0]["messages"][0]["change"].text == "removed")
    #expect(try await place.golden("inspect", "diff", "0m") == "Nothing differs.\n")
    let tagged = try await place.json("log", "--limit", "100", home: "phone").array.first {
      $0["text"].text.contains("river")
    }
    let action = try #require(tagged)["id"].text
    let since = try await place.json("inspect", "diff", action, home: "phone")
    #expect(since["count"].count == 0 && since["logs"].array.isEmpty)
    // Two points in the past: one after the other, and such as had not heard of each other.
    let log = try await place.json("log", "--limit", "100", home: "phone").array
    func named(_ words: String) throws -> String {
      try #require(log.first { $0["text"].text.contains(words) })["id"].text
    }
    let said = try named("said “By the")
    for (first, second, isAfter) in [(said, action, true), (action, said, false)] {
      let told = try await place.json("inspect", "diff", first, second, home: "phone")["conversations"][0]
      #expect(told["messages"].array.isEmpty && told["values"].array.count == 1, "\(told)")
      let tags = [told["values"][0]["before"].texts, told["values"][0]["after"].texts]
      #expect(tags.map { $0.contains("river") } == [!isAfter, isAfter])
    }
    let (laptop, phone) = (try named("to “Lisbon”"), try named("to “Lisbon in May”"))
    let concurrent = try await place.json("inspect", "diff", laptop, phone, home: "phone")
    let title = concurrent["conversations"][0]["values"].array.first { $0["what"].text == "title" }
    #expect(title?["before"].texts == ["Lisbon"] && title?["after"].texts == ["Lisbon in May"])
    #expect(concurrent["logs"].array.count == 2)
    try await place.run("inspect", "diff", "/nowhere", "--json").failure("not-found")
    try await place.run("inspect", "diff", "nowhen", "--json").failure("invalid")
  }

  @Test("Of a message that was edited both are quoted, around the first place where they differ")
  func editedMessage() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let beginning = "We could take the slow train along the coast, with a stop for lunch, and "
    let message = try await place.json("say", id, beginning + "be in Lagos by the evening.")["message"].text
    let said = try await place.json("log")[0]["id"].text
    try await place.json("edit", message, beginning + "stay in Lisbon.")
    let text = try await place.golden("inspect", "diff", said)
    let line = try #require(text.split(separator: "\n").last { $0.contains("→") })
    #expect(line.contains("“…") && line.contains("be in") && line.contains("stay in"), "\(text)")
  }

  @Test("A folder that is compared stays as it is, whether somebody has it open, has left it, or was killed there")
  func foldersStayAsTheyAre() async throws {
    let (place, id) = try await Workplace.merged()
    func difference(_ count: Int, isServed: Bool = false) async throws {
      let before = try (place.contents(of: "laptop"), place.contents(of: "phone"))
      let told = try await place.json("inspect", "diff", place.path("laptop"), place.path("phone"))
      #expect(told["logs"][0]["after"].count - told["logs"][0]["before"].count == count)
      let after = try (place.contents(of: "laptop"), place.contents(of: "phone"))
      #expect(before.0 == after.0 && Set(before.1.keys) == Set(after.1.keys))
      #expect(before.1.allSatisfy { isServed && $0.key.hasSuffix("-shm") || after.1[$0.key] == $0.value })
      #expect(try place.contents(of: "tmp").isEmpty)
    }
    try await place.json("tag", id, "river", home: "phone")
    #expect(try place.contents(of: "phone").keys.allSatisfy { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") })
    try await difference(1)
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("tag", id, "sea", home: "phone")
    try await difference(2, isServed: true)
    try await daemon.end(by: SIGKILL)
    #expect(try place.contents(of: "phone")["history.sqlite-wal"]?.isEmpty == false)
    try await difference(2)
  }

  @Test("What cannot be shown as it was says so")
  func refused() async throws {
    let place = try Workplace()
    try await place.replica()
    for arguments in ["", "say a b", "list --as-of 2h", "inspect peers"] {
      let result = try await place.shell("$anabranch inspect at 1h " + arguments)
      #expect(result.status == 64 && result.errors.contains("expected"), "\(result.errors)")
    }
  }
}
