import Foundation
import Testing

/// What commands say where there is little to say: what was expected, what is meant, what is there now.
@Suite struct InspectAdviceTests {
  @Test("An empty file or a folder in place of a database is called that, and what was expected")
  func noDatabase() async throws {
    let place = try Workplace()
    try await place.replica()
    let empty = try place.write("", to: "empty.sqlite")
    for arguments in [
      ["inspect", "check", "--database", empty], ["inspect", "check", "--repair", "--from", empty],
      ["list", "--database", empty],
    ] {
      let error = try await place.run(arguments + ["--json"]).failure("format")
      #expect(error["message"].text.hasSuffix("empty.sqlite to be a database file, but it is empty"), "\(error)")
      #expect(error["remedy"].text.contains("give a backup, or a copy"), "\(error)")
    }
    for arguments in [
      ["inspect", "check", "--database", place.path("laptop")],
      ["inspect", "check", "--repair", "--from", place.path("laptop")],
    ] {
      let error = try await place.run(arguments + ["--json"]).failure("format")
      #expect(error["message"].text.hasSuffix("but it is a folder"), "\(error)")
      #expect(error["remedy"].text.hasPrefix("give the file in it"), "\(error)")
    }
    _ = try place.write("", to: "laptop/history.sqlite")
    let own = try await place.run("inspect", "check", "--json").failure("format")
    #expect(
      own["message"].text.hasSuffix("but it is empty") && own["remedy"].text.hasPrefix("restore a backup"), "\(own)")
  }

  @Test("What only `inspect` has needs no second `inspect` behind a time, and what both have is the other one")
  func at() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let action = try await place.json("log")[0]["id"].text
    try await place.json("title", id, "Lisbon")
    let why = try await place.run("inspect", "at", action, "why", id, "title")
    #expect(why.status == 0 && why.output.contains("is “Trip”"), "\(why)")
    #expect(try await place.run("inspect", "at", action, "inspect", "why", id, "title").output == why.output)
    #expect(try await place.run("inspect", "at", action, "show", id).output.contains("Trip"))
    #expect(try await place.run("inspect", "at", action, "peers").status == 64)
  }

  @Test("A text in which nothing stands is told to be one, on standard error")
  func blame() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let told = try await place.run("inspect", "blame", id, "--notes")
    #expect(
      told.status == 0 && told.output.isEmpty && told.errors == "anabranch: nothing is written there\n", "\(told)")
    let report = try await place.run("inspect", "blame", id, "--notes", "--json")
    #expect(report.output == "[]\n" && report.errors.isEmpty, "\(report)")
  }

  @Test("Which value, set or text a change is about is told")
  func show() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    for (command, what, deed) in [
      (["tag", id, "x"], "tag", "adds a tag to"), (["untag", id, "x"], "tag", "removes a tag from"),
      (["folder", id, "x"], "folder", "puts into a folder"), (["archive", id], "archived", "writes “archived” of"),
      (["field", id, "a", "b"], "field", "writes a field of"),
    ] {
      try await place.json(command)
      let action = try await place.json("log")[0]["id"].text
      #expect(
        try await place.run("inspect", "show", action).output.contains("  0  \(deed)  \(id.prefix(8))"), "\(deed)")
      #expect(try await place.json("inspect", "show", action)[0]["operations"][0]["what"].text == what)
    }
  }

  @Test("Where a picture is written is told")
  func pictures() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("new", "Trip")
    for command in [["log", "--graph"], ["tui"]] {
      let told = try await place.run(["inspect"] + command + ["--svg", place.path("a.svg")])
      #expect(told.status == 0 && told.errors == "anabranch: the picture is in \(place.path("a.svg"))\n", "\(told)")
    }
    #expect(try await place.run("inspect", "log", "--json", "--svg", place.path("a.svg")).errors.isEmpty)
  }

  @Test("A letter that was altered is noticed where the change is shown, and `inspect check` is named")
  func altered() async throws {
    let (place, _) = try await Workplace.merged()
    let action = try #require(
      try await place.json("log", "--limit", "50").array.first { $0["text"].text.contains("to “Lisbon in May”") })["id"]
      .text
    try await place.damage("Lisbon in May")
    let told = try await place.run("inspect", "show", action)
    #expect(told.output.replacing(/\s+/, with: " ").contains("do not have this hash"), "\(told)")
    #expect(told.output.contains("anabranch inspect check") && !told.output.contains("verify"), "\(told)")
  }

  @Test("A backup's maker is not called one that was never met, nor a met device by its key where it has a name")
  func names() async throws {
    let (place, id) = try await Workplace.merged()
    try await place.json("backup", place.path("copy"))
    let peers = try await place.run("inspect", "peers", "--database", place.path("copy")).output
    let line = try #require(peers.split(separator: "\n").first { $0.hasPrefix("laptop") })
    #expect(line.contains("made this backup") && !peers.contains("laptop            never met"), "\(peers)")
    try await place.json("purge", id, "--now", "--yes")
    #expect(try await place.run("status").output.contains("not confirmed by phone"))
  }

  @Test("Whose key is in a home is told where it is not the one of who wrote there last")
  func keys() async throws {
    let (place, _) = try await Workplace.merged()
    let files = FileManager.default
    try files.removeItem(atPath: place.path("laptop/origin"))
    func put(_ home: String) throws {
      try files.removeItem(atPath: place.path("laptop/device.key"))
      try files.copyItem(atPath: place.path(home + "/device.key"), toPath: place.path("laptop/device.key"))
    }
    try put("phone")
    for command in [["inspect", "check"], ["status"]] {
      let told = try await place.run(command)
      let words = told.output.replacing(/\s+/, with: " ")
      #expect(
        told.status == 0 && words.contains("The key here is of phone (") && words.contains("by laptop ("), "\(told)")
      #expect(!words.contains("not among the devices"), "\(told)")
    }
    try await place.json("init", "--name", "tablet", home: "tablet")
    try put("tablet")
    for command in [["inspect", "check"], ["status"]] {
      let words = try await place.run(command).output.replacing(/\s+/, with: " ")
      #expect(
        words.contains("That device is not among the devices of this history") && words.contains("`anabranch pair`"))
      #expect(try await place.json(command)["key"]["place"].text == "unknown")
    }
  }
}

extension Workplace {
  fileprivate func run(_ arguments: [String]) async throws -> Command.Result {
    try await Command.run(arguments, environment: environment())
  }

  @discardableResult
  fileprivate func json(_ arguments: [String]) async throws -> JSON {
    try await run(arguments + ["--json"]).json()
  }
}
