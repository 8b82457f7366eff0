import Foundation
import Testing

/// Import and export.
@Suite(.timeLimit(.minutes(3))) struct ExchangeTests {
  @Test func importsOnceHoweverOften() async throws {
    let place = try Workplace()
    try await place.replica()
    let file = try place.write(Histories.chatGPT(conversations: 3, messages: 4), to: "conversations.json")
    let first = try await place.json("import", file)
    #expect(first.keys == ["conversations", "messages", "new", "unchanged", "files", "filesMissing", "warnings"])
    #expect(first["conversations"].count == 3 && first["messages"].count == 13)
    #expect(first["new"].count == 16 && first["unchanged"].count == 0 && first["warnings"].array.isEmpty)
    let hash = try await place.json("status")["stateHash"].text
    let again = try await place.json("import", file)
    #expect(again["new"].count == 0 && again["unchanged"].count == 16)
    #expect(try await place.json("status")["stateHash"].text == hash)
    // A later export of the same account adds what is new.
    let later = Histories.chatGPT(conversations: 4, messages: 6)
    let grown = try await place.json("import", try place.write(later, to: "later.json"))
    #expect(grown["messages"].count == 25 && (13...16).contains(grown["new"].count), "\(grown.canonical)")
    let text = try await place.run("import", file)
    #expect(text.output.contains("3 conversations, 13 messages: 0 new"))
    #expect(text.errors == "")
  }

  @Test(.needsPython) func takesAFolderAndAZip() async throws {
    let place = try Workplace()
    try await place.replica()
    let text = Histories.chatGPT(conversations: 2, messages: 3)
    _ = try place.write(text, to: "conversations.json")
    let script = """
      cd "$folder"; mkdir export; cp conversations.json export/anything.json
      python3 -m zipfile -c export.zip conversations.json
      """
    #expect(try await place.shell(script).status == 0)
    #expect(try await place.json("import", place.path("export.zip"))["new"].count == 9)
    #expect(try await place.json("import", place.path("export"))["new"].count == 0)
    let relative = try await place.shell("cd \"$folder\"; $anabranch import export.zip --json")
    #expect(try relative.json()["unchanged"].count == 9)
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("tmp")) == [])
  }

  @Test func whatIsLeftOutIsSkippedAndSaid() async throws {
    let place = try Workplace()
    try await place.replica()
    let good = Histories.chatGPT(conversations: 1, messages: 3)
    let lone = good.replacing("message 1 of 0", with: "lone \\ud83d surrogate")
    let warned = try await place.run("import", try place.write(lone, to: "a.json"), "--json")
    #expect(warned.status == 0, "a warning that lost nothing: \(warned)")
    let report = try warned.json()
    #expect(report["warnings"].array.count == 1 && report["warnings"][0]["skipped"].bool == false)
    #expect(warned.errors.contains(report["warnings"][0]["message"].text))

    let export = try await place.run("export", "--format", "jsonl").output
    let torn = try place.write(export.split(separator: "\n").dropLast(2).joined(separator: "\n") + "\n", to: "b.jsonl")
    let skipped = try await place.run("import", torn, "--json")
    #expect(skipped.status == 2)
    #expect(try skipped.json()["warnings"].array.contains { $0["skipped"].bool == true })
    let text = try await place.run("import", torn)
    #expect(text.status == 2 && text.output.hasPrefix("!") && text.errors.hasPrefix("anabranch: "))
  }

  @Test func whatIsNoHistoryIsRefused() async throws {
    let place = try Workplace()
    try await place.replica()
    let hash = try await place.json("status")["stateHash"].text
    for (name, contents) in [("a", ""), ("b", "text"), ("c", "{\"a\": 1}"), ("d", "PK\u{3}\u{4}junk"), ("e", "[1, 2]")]
    {
      let error = try await place.run("import", try place.write(contents, to: name), "--json").failure("format")
      #expect(error["message"].text.contains(place.path(name)), "\(contents): \(error.canonical)")
      #expect(!error["remedy"].text.isEmpty)
    }
    try await place.run("import", place.path("laptop/history.sqlite"), "--json").failure("format")
    try await place.run("import", "/dev/null", "--json").failure("format")
    try await place.run("import", place.path("nothing"), "--json").failure("not-found")
    #expect(try await place.json("status")["stateHash"].text == hash)
  }

  @Test func anInterruptedImportIsCompletedByAnother() async throws {
    let place = try Workplace()
    try await place.replica()
    let file = try place.write(Histories.chatGPT(conversations: 300, messages: 60), to: "export.json")
    let script = """
      $anabranch import "\(file)" --json & import=$!
      until [ "$($anabranch status --json | sed 's/.*"messages":\\([0-9]*\\).*/\\1/')" -gt 0 ]; do sleep 0.02; done
      kill -INT $import; wait $import
      """
    let error = try await place.shell(script).failure("interrupted", status: 2)
    #expect(error["remedy"].text.contains("again"))
    let kept = try await place.json("status")["messages"].count
    #expect(kept > 0 && kept < 18_001)
    let completed = try await place.json("import", file)
    #expect(completed["new"].count + completed["unchanged"].count == 18_301)
    #expect(completed["unchanged"].count >= kept)
    #expect(try await place.json("status")["messages"].count == 18_001)
    #expect(try await place.json("verify")["ok"].bool == true)
  }

  @Test func watchesAFolder() async throws {
    let place = try Workplace()
    try await place.replica()
    try FileManager.default.createDirectory(atPath: place.path("inbox"), withIntermediateDirectories: true)
    let script = """
      $anabranch import "$folder/inbox" --watch --json > "$folder/lines" 2> "$folder/notes" & watch=$!
      cp "$folder/a.json" "$folder/inbox/.hidden"
      cp "$folder/a.json" "$folder/inbox/a.json"
      echo nonsense > "$folder/inbox/b.json"
      lines() { wc -l < "$folder/lines"; }
      for i in $(seq 600); do [ "$(lines)" -ge 1 ] && grep -q b.json "$folder/notes" && break; sleep 0.1; done
      cp "$folder/c.json" "$folder/inbox/b.json"
      for i in $(seq 600); do [ "$(lines)" -ge 2 ] && break; sleep 0.1; done
      kill -INT $watch; wait $watch
      """
    _ = try place.write(Histories.chatGPT(conversations: 1, messages: 2), to: "a.json")
    _ = try place.write(Histories.chatGPT(conversations: 2, messages: 2), to: "c.json")
    #expect(try await place.shell(script).status == 130)
    let lines = try String(contentsOfFile: place.path("lines"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 2 && lines[0].contains("\"new\":4") && lines[1].contains("\"unchanged\":"))
    let notes = try String(contentsOfFile: place.path("notes"), encoding: .utf8)
    #expect(notes.contains("watching") && notes.ranges(of: "anabranch: b.json").count == 1, "\(notes)")
    #expect(try await place.json("list").array.count == 2)
    try await place.run("import", place.path("a.json"), "--watch", "--json").failure("not-found")
  }

  @Test func anExportImportsBack() async throws {
    let place = try Workplace()
    try await place.replica()
    for name in ["fresh", "fresher"] { try await place.replica(name) }
    try await place.json("import", try place.write(Histories.chatGPT(conversations: 4, messages: 4), to: "a.json"))
    let trip = try await place.json("new", "Trip 東京 \"quoted\"")["conversation"].text
    let first = try await place.json("say", trip, "one\n\u{0}\u{1F}two")["message"].text
    try await place.json("say", trip, "answer", "--role", "assistant", "--model", "gpt-4o")
    try await place.json("branch", first, "branch")
    try await place.json("tag", trip, "travel")
    try await place.json("tag", trip, "é ü")
    let trashed = try await place.json("new", "gone")["conversation"].text
    try await place.json("delete", trashed)
    let file = place.path("export.jsonl")
    let report = try await place.json("export", "--format", "jsonl", "-o", file)
    let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
    #expect(report["file"].text == file && report["bytes"].count == size)
    #expect(try await place.run("export", "--format", "jsonl").output == String(contentsOfFile: file, encoding: .utf8))

    // The same home has it all already.
    let hash = try await place.json("status")["stateHash"].text
    #expect(try await place.json("import", file)["new"].count == 0)
    #expect(try await place.json("status")["stateHash"].text == hash)

    let imported = try await place.json("import", file, home: "fresh")
    #expect(imported["conversations"].count == 6 && imported["warnings"].array.isEmpty)
    try await same(place, "fresh")
    #expect(try await place.json("import", file, home: "fresh")["new"].count == 0)
    // And on, from the copy.
    try await place.json("export", "--format", "jsonl", "-o", place.path("again.jsonl"), home: "fresh")
    try await place.json("import", place.path("again.jsonl"), home: "fresher")
    try await same(place, "fresher")
    #expect(try await place.json("verify", home: "fresher")["ok"].bool == true)
  }

  /// Expects that another home shows the same as the laptop; only who wrote it, and when it was taken over, differ.
  private func same(_ place: Workplace, _ other: String) async throws {
    for arguments in [["list"], ["list", "--trashed"]] {
      func listed(_ home: String) async throws -> [[String]] {
        let keys = ["id", "title", "messages", "tips", "tags", "archived", "pinned", "trashed", "created", "model"]
        let result = try await Command.run(arguments + ["--json"], environment: place.environment(home: home))
        return try result.json().array.map { item in keys.map { item[$0].canonical } }.sorted { $0[0] < $1[0] }
      }
      let (here, there) = (try await listed("laptop"), try await listed(other))
      #expect(here == there)
      for row in here {
        let id = row[0].filter { $0 != "\"" }
        func shown(_ home: String) async throws -> [[String]] {
          let keys = ["id", "parents", "role", "author", "model", "text", "created"]
          let record = try await place.json("show", id, home: home)
          #expect(record["messages"].isArray)
          return record["messages"].array.map { item in keys.map { item[$0].canonical } }
        }
        #expect(try await shown("laptop") == shown(other), "\(id)")
      }
    }
  }

  @Test func exportsOneConversationAndMarkdown() async throws {
    let place = try Workplace()
    try await place.replica()
    let trip = try await place.json("new", "Trip")["conversation"].text
    let first = try await place.json("say", trip, "where?")["message"].text
    try await place.json("branch", first, "there")
    try await place.json("new", "Other")
    let one = try await place.run("export", String(trip.prefix(8)), "--format", "jsonl").output
    #expect(one.contains("Trip") && !one.contains("Other") && one.contains("there"))
    let markdown = try await place.run("export", "--format", "markdown").output
    for part in ["# Trip", "# Other", "where?", "there", "## user"] { #expect(markdown.contains(part)) }
  }

  @Test func anExportToAFileIsWholeOrNothing() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("new", "Trip")
    let error = try await place.run("export", "--format", "jsonl", "-o", place.path("no/where"), "--json").failure("io")
    #expect(error["message"].text.contains(place.path("no/where")) && error["remedy"].text.contains("another place"))
    #expect(error["remedy"].text.contains("folder exists"))
    _ = try place.write("old", to: "old.jsonl")
    #expect(try await place.run("export", "ffff", "--format", "jsonl", "-o", place.path("old.jsonl")).status == 1)
    #expect(try String(contentsOfFile: place.path("old.jsonl"), encoding: .utf8) == "old")
    #expect(try await place.run("export", "--format", "jsonl", "-o", place.path("old.jsonl")).status == 0)
    #expect(try String(contentsOfFile: place.path("old.jsonl"), encoding: .utf8).contains("Trip"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder).allSatisfy { !$0.contains("partial") })
  }

  @Test func anExportLeavesDevicesPipesAndLinksAsTheyAre() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("new", "Trip")
    let script = """
      cd "$folder"; mkdir there
      mkfifo pipe; cat pipe > read & $anabranch export --format jsonl -o pipe --json; wait; test -p pipe; echo "pipe $?"
      echo old > there/file; ln -s there/file link
      $anabranch export --format jsonl -o link --json; test -L link; echo "link $?"
      ln -s there/none dangling
      $anabranch export --format jsonl -o dangling --json; test -L dangling; echo "dangling $?"
      ln -s loop loop; $anabranch export --format jsonl -o loop --json; echo "loop $?"
      mknod null c 1 3 && $anabranch export --format jsonl -o null --json >&2 && test -c null; echo "device $?"
      ls there
      """
    let result = try await place.shell(script)
    for said in ["pipe 0", "link 0", "dangling 0", "loop 1", "file\nnone\n"] {
      #expect(result.output.contains(said), "\(said) in \(result)")
    }
    if geteuid() == 0 { #expect(result.output.contains("device 0"), "\(result)") }
    let whole = try await place.run("export", "--format", "jsonl").output
    for file in ["read", "there/file", "there/none"] {
      #expect(try String(contentsOfFile: place.path(file), encoding: .utf8) == whole)
    }
    let folder = try await place.run("export", "--format", "jsonl", "-o", place.folder, "--json").failure("io")
    #expect(folder["message"].text.contains("folder") && folder["remedy"].text.contains("another place"))
  }

  @Test func aTimeThatNobodyKnowsIsNotExported() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("fresh")
    let text = Histories.chatGPT(conversations: 1, messages: 2)
      .replacing(/"(create|update)_time": [0-9.]+/) { "\"\($0.1)_time\": null" }
    try await place.json("import", try place.write(text, to: "export.json"))
    let exported = try await place.run("export", "--format", "jsonl").output
    #expect(!exported.contains("1970") && !exported.contains("\"created\""))
    #expect(try await place.run("export", "--format", "markdown").output.contains("1970") == false)
    try await place.json("import", try place.write(exported, to: "ours.jsonl"), home: "fresh")
    try await same(place, "fresh")
    let id = try await place.json("list", home: "fresh")[0]["id"].text
    #expect(try await place.json("show", id, home: "fresh")["messages"][0]["created"].isNull)
  }

  @Test func aConversationThatStandsTwiceInAnExportIsToldOf() async throws {
    let place = try Workplace()
    try await place.replica()
    let first = Histories.chatGPT(conversations: 1, messages: 1)
    let other = first.replacing("\"m0\"", with: "\"n0\"").replacing("message 0", with: "another beginning")
    let longer = Histories.chatGPT(conversations: 1, messages: 3)
    let twice = [first, other, longer].map { $0.dropFirst().dropLast() }.joined(separator: ",")
    let report = try await place.json("import", try place.write("[\(twice)]", to: "export.json"))
    #expect(report["warnings"].array.map { $0["code"].text } == ["duplicate-conversation", "duplicate-conversation"])
    #expect(report["warnings"][0]["skipped"].bool == false)
    let shown = try await place.json("show", try await place.json("list")[0]["id"].text)
    #expect(shown["messages"].array.count == 5 && shown["diverged"].array.isEmpty, "\(shown.canonical)")
    // The longer one goes on where the first had ended.
    #expect(Set(shown["messages"].array.map { $0["line"].text }).count == 3)
  }
}
