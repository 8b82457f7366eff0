import Foundation
import Testing

/// What cannot be done is said clearly, and changes nothing.
@Suite(.timeLimit(.minutes(3))) struct FailureTests {
  static let reading: [[String]] = [
    ["list"], ["status"], ["show", "abcd"], ["search", "x"], ["verify"], ["export", "--format", "jsonl"],
  ]
  static let writing: [[String]] = [
    ["new", "x"], ["say", "abcd", "x"], ["branch", "abcd", "x"], ["title", "abcd", "x"], ["tag", "abcd", "x"],
    ["untag", "abcd", "x"], ["delete", "abcd"], ["restore", "abcd"], ["sync", "127.0.0.1:1"],
    ["serve", "--listen", "127.0.0.1:0"],
  ]

  @Test func aMissingHomeIsNamed() async throws {
    let place = try Workplace()
    let file = try place.write(Histories.chatGPT(conversations: 1, messages: 1), to: "export.json")
    let others = [["import", file], ["import", place.folder, "--watch"], ["backup", place.path("b")]]
    for arguments in Self.reading + Self.writing + others {
      let result = try await Command.run(arguments + ["--json"], environment: place.environment())
      let error = try result.failure("not-found")
      #expect(error["message"].text.contains(place.path("laptop")), "\(arguments)")
      #expect(error["remedy"].text.contains("anabranch init"))
    }
    #expect(!FileManager.default.fileExists(atPath: place.path("laptop")))
  }

  @Test func aHomeThatIsAFileIsNotCalledMissing() async throws {
    let place = try Workplace()
    _ = try place.write("text", to: "laptop")
    for arguments in [["list"], ["new", "Trip"], ["import", place.folder, "--watch"]] {
      let error = try await Command.run(arguments + ["--json"], environment: place.environment()).failure("format")
      #expect(error["message"].text.contains(place.path("laptop")) && error["remedy"].text.contains("--home"))
    }
  }

  @Test func aFailureForPeopleSaysWhatToDo() async throws {
    let place = try Workplace()
    let result = try await place.run("list")
    #expect(result.status == 1 && result.output == "")
    #expect(
      result.errors == """
        anabranch: there is no replica in \(place.path("laptop"))
          → make one with `anabranch init --name NAME`

        """)
  }

  @Test func aLockedHomeNamesItsHolder() async throws {
    let place = try Workplace()
    try await place.replica()
    // Where its socket is not looked for, a daemon is just another process.
    let daemon = try await Daemon(place, with: ["XDG_RUNTIME_DIR": place.path("tmp")])
    let before = try await place.json("status")["stateHash"].text
    let file = try place.write(Histories.chatGPT(conversations: 1, messages: 1), to: "export.json")
    for arguments in [["new", "x"], ["import", file], ["sync", "127.0.0.1:1"]] {
      let error = try await Command.run(arguments + ["--json"], environment: place.environment()).failure("locked")
      #expect(
        error["message"].text.contains("anabranch serve") && error["message"].text.contains("\(daemon.identifier)"))
      #expect(!error["remedy"].text.isEmpty)
    }
    // Reading goes on.
    #expect(try await place.json("status")["stateHash"].text == before)
    #expect(try await place.json("verify")["ok"].bool == true)
  }

  @Test func twoDaemonsOnOneHome() async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = try await Daemon(place)
    let error = try await place.run("serve", "--listen", "127.0.0.1:0", "--json").failure("locked")
    #expect(error["message"].text.contains("\(daemon.identifier)"))
    try await place.json("new", "still there")
  }

  @Test(arguments: [("{}", 1), ("", 1), ("SQLite format 3\u{0}", 1), ("text", 10_000)])
  func aFileOfAnotherKindIsNoReplica(line: String, count: Int) async throws {
    let place = try Workplace()
    try FileManager.default.createDirectory(atPath: place.path("laptop"), withIntermediateDirectories: true)
    let contents = String(repeating: line, count: count)
    let file = try place.write(contents, to: "laptop/history.sqlite")
    try await Command.run(
      "/bin/sh", ["-c", "head -c 32 /dev/urandom > laptop/device.key; chmod 600 laptop/device.key; cd laptop"],
      environment: [:])
    for arguments in Self.reading {
      let result = try await Command.run(arguments + ["--json"], environment: place.environment())
      #expect(result.status == 1)
      let error = try result.failure("format")
      #expect(error["message"].text.contains(file))
    }
    for arguments in Self.writing.prefix(3) {
      #expect(try await Command.run(arguments + ["--json"], environment: place.environment()).status == 1)
    }
    #expect(try String(contentsOfFile: file, encoding: .utf8) == contents)
  }

  @Test(.needsPython) func anotherProgramsDatabaseIsRefused() async throws {
    let place = try Workplace()
    try await place.replica()
    let script = """
      python3 - "$folder/laptop/history.sqlite" <<'end'
      import os, sqlite3, sys
      for end in ("", "-wal", "-shm"):
          if os.path.exists(sys.argv[1] + end): os.remove(sys.argv[1] + end)
      db = sqlite3.connect(sys.argv[1])
      db.execute("create table t(x)")
      db.commit()
      end
      """
    #expect(try await place.shell(script).status == 0)
    try await place.run("list", "--json").failure("format")
    try await place.run("new", "x", "--json").failure("format")
  }

  @Test(.needsPython) func aNewerSchemaIsRefusedAndLeftAlone() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("new", "x")
    let script = """
      python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute("pragma user_version = 9999"); d.commit()' \
        "$folder/laptop/history.sqlite"
      """
    #expect(try await place.shell(script).status == 0)
    for arguments in [["list"], ["new", "y"], ["verify"], ["serve", "--listen", "127.0.0.1:0"]] {
      let result = try await Command.run(arguments + ["--json"], environment: place.environment())
      #expect(try result.failure("newer")["message"].text.contains("9999"))
    }
  }

  @Test func aMissingOrOpenKeyIsNamed() async throws {
    let place = try Workplace()
    try await place.replica()
    let key = place.path("laptop/device.key")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
    #expect(try await place.run("new", "x", "--json").failure("invalid")["remedy"].text.contains("chmod 600"))
    try FileManager.default.removeItem(atPath: key)
    #expect(try await place.run("new", "x", "--json").failure("not-found")["message"].text.contains(key))
    #expect(try await place.run("list").status == 0)
  }

  @Test(arguments: ["cut", "overwritten", "zeroed", "header"])
  func aDamagedDatabaseIsToldOf(how: String) async throws {
    let place = try Workplace()
    try await place.replica()
    let file = try place.write(Histories.chatGPT(conversations: 40, messages: 30), to: "export.json")
    try await place.json("import", file)
    let database = place.path("laptop/history.sqlite")
    let handle = try #require(FileHandle(forUpdatingAtPath: database))
    let size = try handle.seekToEnd()
    #expect(size > 100_000)
    switch how {
    case "cut": try handle.truncate(atOffset: size / 2 / 4096 * 4096)
    case "header":
      try handle.seek(toOffset: 100)
      handle.write(Data(repeating: 0xA5, count: 200))
    default:
      // Every second page from the third on.
      for page in stride(from: UInt64(2), to: size / 4096, by: 2) {
        try handle.seek(toOffset: page * 4096)
        handle.write(Data(repeating: how == "zeroed" ? 0 : 0xA5, count: 4096))
      }
    }
    try handle.close()
    for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: database + end) }
    let before = FileManager.default.contents(atPath: database)

    let error = try await place.run("verify", "--json").failure("damaged")
    #expect(error["remedy"].text.contains("anabranch inspect check"))
    for arguments in Self.reading {
      // It shows what it can, or says that it is damaged; it never crashes.
      let result = try await Command.run(arguments + ["--json"], environment: place.environment())
      #expect((0...2).contains(result.status), "\(arguments): \(result.status) \(result.errors)")
      if result.status == 2 { #expect(result.errors.contains("is damaged"), "\(arguments): \(result.errors)") }
      if result.status == 1, arguments != ["show", "abcd"] { try result.failure("damaged") }
    }
    #expect(FileManager.default.contents(atPath: database) == before)
  }

  @Test(.needsPython) func aViewThatIsNotWhatTheLogSaysIsFound() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("say", id, "kept in the log")
    let script = """
      python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute("delete from message"); \
        d.execute("update conversation set tail = null"); d.commit()' "$folder/laptop/history.sqlite"
      """
    #expect(try await place.shell(script).status == 0)
    let error = try await place.run("verify", "--json").failure("damaged")
    #expect(error["message"].text.contains(id))
    let text = try await place.run("verify")
    #expect(text.status == 1 && text.output == "" && text.errors.contains("damaged"))
  }

  @Test func anOutputThatCannotBeWrittenIsAFailure() async throws {
    let place = try Workplace()
    try await place.replica()
    for command in ["list", "status", "demo", "--help", "--version", "export --format jsonl"] {
      let full = try await place.shell("$anabranch \(command) > /dev/full")
      #expect(full.status == 1 && full.errors.contains("output cannot be written"), "\(command): \(full)")
      let closed = try await place.shell("$anabranch \(command) >&-")
      // A file that was opened meanwhile must not have taken its place.
      #expect(closed.status == 1 && closed.errors.contains("Bad file descriptor"), "\(command): \(closed)")
    }
    try await place.shell("$anabranch list --json > /dev/full").failure("disk-full")
    // With standard error gone there is nobody to tell, and it is still a failure.
    #expect(try await place.shell("$anabranch show ffff 2>&-").status == 1)
    #expect(
      try await place.shell("{ sleep 0.2; $anabranch show ffff; echo $? >&3; } 3>&1 2>&1 >/dev/null | true").status == 0
    )
    #expect(try await place.json("verify")["ok"].bool == true)
  }

  @Test func aClosedPipeEndsQuietly() async throws {
    let place = try Workplace()
    try await place.replica()
    let file = try place.write(Histories.chatGPT(conversations: 30, messages: 100), to: "export.json")
    try await place.json("import", file)
    for command in ["list", "list --json", "export --format jsonl", "export --format markdown", "demo", "status"] {
      for reader in ["head -1 >/dev/null", "true", "head -c 1 >/dev/null"] {
        let script = "{ sleep 0.1; $anabranch \(command); echo status $? >&2; } | \(reader)"
        let result = try await place.shell(script)
        #expect(result.errors == "status 0\n", "\(command) | \(reader): \(result)")
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("tmp")) == [])
  }
}
