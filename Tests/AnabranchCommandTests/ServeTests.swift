import Anabranch
import Foundation
import Testing

@testable import AnabranchCommand

/// The daemon: what it tells, whom it serves, and the writes that others hand it.
@Suite(.timeLimit(.minutes(3))) struct ServeTests {
  @Test func theFirstLineSaysWhereItListens() async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = try await Daemon(place)
    let line = String(try #require(daemon.lines.first))
    let match = try #require(line.wholeMatch(of: /\{"address":"127\.0\.0\.1:(\d+)","event":"listening"\}/))
    #expect(UInt16(match.1) ?? 0 > 0)
    let ended = try await daemon.end(by: SIGINT)
    #expect(ended.status == 130)
    #expect(ended.errors.contains("interrupted"))
  }

  @Test func endsInGoodOrder() async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = try await Daemon(place)
    let ended = try await daemon.end(by: SIGTERM)
    #expect(ended.status == 0 && ended.errors == "")
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("run/anabranch")) == [])
    #expect(try await place.json("verify")["ok"].bool == true)
  }

  @Test func tellsPeopleToo() async throws {
    let place = try Workplace()
    try await place.replica()
    let script = """
      $anabranch serve --listen 127.0.0.1:0 > "$folder/text" & serve=$!
      until [ -s "$folder/text" ]; do sleep 0.02; done
      kill $serve; wait $serve
      """
    #expect(try await place.shell(script).status == 0)
    let text = try String(contentsOfFile: place.path("text"), encoding: .utf8)
    #expect(text.wholeMatch(of: /✓ listening on 127\.0\.0\.1:\d+, Ctrl-C ends\n/) != nil)
  }

  @Test func anAddressThatIsTakenIsNamed() async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = try await Daemon(place)
    try await place.replica("phone")
    let taken = try await place.run("serve", "--listen", daemon.address, "--json", home: "phone")
    #expect(try taken.failure("in-use")["message"].text.contains(daemon.address))
  }

  @Test func aCommandThatWritesIsWaitedForAndADaemonIsNot() async throws {
    let place = try Workplace()
    try await place.replica()
    let replica = try await Replica.open(at: Home(place.path("laptop")), holder: "a command")
    async let starting = Daemon(place)
    // Long enough for it to be refused once.
    try await Task.sleep(for: .seconds(1))
    try await replica.close()
    let daemon = try await starting
    let start = ContinuousClock.now
    let refused = try await place.run("serve", "--listen", "127.0.0.1:0", "--json").failure("locked")
    #expect(refused["message"].text.contains("anabranch serve, process \(daemon.identifier)"))
    #expect(start.duration(to: .now) < .seconds(9))
  }

  @Test func theSystemIsToldHowToServe() async throws {
    let place = try Workplace()
    try await place.replica()
    let report = try await place.json("serve", "--install", "--listen", "127.0.0.1:4999", "--peer", "10.0.0.1:4850")
    let text = try String(contentsOfFile: report["file"].text, encoding: .utf8)
    #expect(report["file"].text.hasSuffix("/systemd/user/anabranch-laptop.service"))
    #expect(report["start"].text.contains("systemctl --user enable --now anabranch-laptop"))
    let start = try #require(text.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
    #expect(start.hasSuffix("\"--listen\" \"127.0.0.1:4999\" \"--json\" \"--peer\" \"10.0.0.1:4850\""))
    #expect(start.contains("\"\(place.path("laptop"))\""))
    // Written anew, nothing of the one before stays.
    try await place.json("serve", "--install", "--no-discovery")
    let again = try String(contentsOfFile: report["file"].text, encoding: .utf8)
    #expect(!again.contains("10.0.0.1") && again.contains("\"--no-discovery\"\n") && !text.contains("--no-discovery"))
    try await place.run("serve", "--install", "--json", home: "nobody").failure("not-found")
    // Another folder of the same name.
    try await place.replica("other/laptop")
    let taken = try await place.run("serve", "--install", "--json", home: "other/laptop").failure("exists")
    #expect(taken["message"].text.contains("serves another folder"))
    #expect(try String(contentsOfFile: report["file"].text, encoding: .utf8) == again)
    #expect(ServiceUnit.quoted(#"/a "b\c"/100%/$HOME"#) == #""/a \"b\\c\"/100%%/$$HOME""#)
  }

  /// More connections than the system gives files, from many addresses: the listener outlives them.
  @Test(.needsPython) func itOutlivesAFloodOfConnections() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let script = """
      ulimit -n 96
      $anabranch serve --listen 127.0.0.1:0 > "$folder/said" & server=$!
      until grep -q listening "$folder/said"; do sleep 0.02; done
      address=$(sed -n 's/.*listening on \\([0-9.:]*\\),.*/\\1/p' "$folder/said")
      ulimit -n 4096 2>/dev/null
      python3 - "${address##*:}" <<'end'
      import resource, socket, sys
      hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
      guests = []
      for number in range(min(600, hard - 20)):
          guest = socket.socket()
          guest.bind((f"127.0.0.{2 + number % 40}", 0))
          guest.settimeout(0.2)
          try:
              guest.connect(("127.0.0.1", int(sys.argv[1])))
          except OSError:
              pass
          guests.append(guest)
      end
      $anabranch --home "$folder/phone" sync $address; synced=$?
      kill -TERM $server; wait $server; echo "sync $synced serve $?"
      """
    let result = try await place.shell(script)
    #expect(result.output.contains("sync 0 serve 0"), "\(result)")
  }

  @Test func everyLineForPeopleSaysWhy() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let script = """
      $anabranch serve --listen 127.0.0.1:0 --peer 127.0.0.1:1 > "$folder/said" & server=$!
      until grep -q again "$folder/said"; do sleep 0.02; done
      $anabranch --home "$folder/phone" sync $(sed -n 's/.*listening on \\([0-9.:]*\\),.*/\\1/p' "$folder/said") >&2
      until grep -q ended "$folder/said"; do sleep 0.02; done
      kill -TERM $server; wait $server; cat "$folder/said"
      """
    let lines = try await place.shell(script).output.split(separator: "\n")
    #expect(lines.contains { $0.contains("… 127.0.0.1:1: ") && $0.contains("nobody listens") }, "\(lines)")
    #expect(lines.contains { $0.contains("×") && $0.hasSuffix("ended") })
    #expect(lines.allSatisfy { $0.last != " " })
  }

  @Test func everyWriteGoesThroughTheDaemon() async throws {
    let place = try Workplace()
    let replica = try await place.replica()
    try await place.replica("phone")
    try await place.json("new", "elsewhere", home: "phone")
    let (daemon, other) = (try await Daemon(place), try await Daemon(place, home: "phone"))
    let id = try await place.json("new", "Trip")["conversation"].text
    let first = try await place.json("say", id, "hello")["message"].text
    try await place.json("say", id, stdin: "from stdin\n")
    try await place.json("branch", first, "branch")
    try await place.json("title", id, "Lisbon")
    try await place.json("tag", id, "a")
    try await place.json("tag", id, "b")
    try await place.json("untag", id, "b")
    try await place.json("delete", id)
    try await place.json("restore", id)
    let file = try place.write(Histories.chatGPT(conversations: 2, messages: 3), to: "export.json")
    let relative = try await place.shell("cd \"$folder\"; $anabranch import export.json --json")
    #expect(try relative.json()["new"].count == 9)
    #expect(try await place.json("import", file)["new"].count == 0)
    let synced = try await place.json("sync", other.address)
    #expect(synced["receivedChanges"].count == 1 && synced["sentChanges"].count > 0)

    let shown = try await place.json("show", id)
    #expect(shown["title"].text == "Lisbon" && shown["tags"].texts == ["a"] && shown["messages"].array.count == 3)
    #expect(shown["messages"].array.allSatisfy { $0["replica"].text == replica })
    #expect(try await place.json("list").array.count == 4)
    // Failures come back as they are.
    #expect(
      try await place.run("say", "ffffffff", "x", "--json").failure("not-found")["message"].text.contains("ffffffff"))
    try await place.run("import", place.path("nothing"), "--json").failure("not-found")
    try await place.run("sync", "127.0.0.1:1", "--json").failure("unreachable")
    try await place.run("untag", id, "none", "--json").failure("not-found")
    let text = try await place.run("say", id, "for people")
    #expect(text.output.hasPrefix("✓ message ") && text.status == 0)
    #expect(try await daemon.end().status == 0)
    #expect(try await place.json("verify")["ok"].bool == true)
  }

  @Test func longTextsAreHandedOver() async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = try await Daemon(place)
    let id = try await place.json("new", "Trip")["conversation"].text
    let text = String(repeating: "\u{1} é\"", count: 600_000)
    try await place.json("say", id, stdin: text)
    #expect(try await place.json("show", id)["messages"][0]["text"].text == text)
    let tooLong = String(repeating: "x", count: 8 << 20) + "x"
    try await place.run("say", id, "--json", stdin: tooLong).failure("invalid")
    try await daemon.end()
  }

  @Test func anInterruptedImportThroughTheDaemonIsCompletedByAnother() async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = try await Daemon(place)
    let file = try place.write(Histories.chatGPT(conversations: 300, messages: 60), to: "export.json")
    let script = """
      $anabranch import "\(file)" --json & import=$!
      until [ "$($anabranch status --json | sed 's/.*"messages":\\([0-9]*\\).*/\\1/')" -gt 0 ]; do sleep 0.02; done
      kill -INT $import; wait $import
      """
    try await place.shell(script).failure("interrupted", status: 2)
    // The daemon does not go on for somebody who has gone.
    try await Task.sleep(for: .milliseconds(300))
    let kept = try await place.json("status")["messages"].count
    try await Task.sleep(for: .milliseconds(300))
    #expect(try await place.json("status")["messages"].count == kept && kept < 18_001)
    let completed = try await place.json("import", file)
    #expect(completed["new"].count + completed["unchanged"].count == 18_301)
    #expect(try await place.json("status")["messages"].count == 18_001)
    #expect(try await daemon.end().status == 0)
    #expect(try await place.json("verify")["ok"].bool == true)
  }

  @Test func aDaemonWhoseFolderIsMovedAwayEnds() async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = try await Daemon(place)
    let home = place.path("laptop")
    try FileManager.default.moveItem(atPath: home, toPath: home + ".old")
    try FileManager.default.copyItem(atPath: home + ".old", toPath: home)
    // It finds that out by itself.
    let result = try await daemon.end(by: 0)
    #expect(result.status == 1 && result.errors.contains("another folder put in its place"), "\(result)")
    #expect(daemon.events.last?["event"].text == "movedAway")
    let other = try await Daemon(place)
    try await place.json("new", "Trip")
    try await other.end()
  }

  @Test func aKilledDaemonIsInNobodysWay() async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = try await Daemon(place)
    let id = try await place.json("new", "Trip")["conversation"].text
    try await daemon.end(by: SIGKILL)
    let sockets = try FileManager.default.contentsOfDirectory(atPath: place.path("run/anabranch"))
    #expect(sockets.count == 1, "the socket stays behind")
    try await place.json("say", id, "next")
    let successor = try await Daemon(place)
    try await place.json("say", id, "handed over")
    #expect(try await place.json("show", id)["messages"].array.count == 2)
    try await successor.end()
    #expect(try await place.json("verify")["ok"].bool == true)
  }

  @Test func withoutARuntimeFolderItServesInItsOwn() async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = try await Daemon(place, with: ["XDG_RUNTIME_DIR": ""])
    let id = try await place.run("new", "Trip", "--json", with: ["XDG_RUNTIME_DIR": ""]).json()["conversation"].text
    #expect(id.isIdentifier)
    try await daemon.end()
  }

  @Test func daemonsPushToEachOther() async throws {
    let place = try Workplace()
    for home in ["laptop", "phone", "desktop"] { try await place.replica(home) }
    let laptop = try await Daemon(place)
    let phone = try await Daemon(place, home: "phone", peers: [laptop.address])
    let desktop = try await Daemon(place, home: "desktop", peers: [laptop.address])
    let id = try await place.json("new", "Trip", home: "phone")["conversation"].text
    try await place.wait(for: "the desktop to have what the phone wrote") {
      try await place.json("list", home: "desktop")[0]["id"].text == id
    }
    try await place.json("say", id, "from the desktop", home: "desktop")
    try await place.wait(for: "one state everywhere") {
      let hashes = try await ["laptop", "phone", "desktop"].asyncMap { try await place.json("status", home: $0) }
      return Set(hashes.map { $0["stateHash"].text }).count == 1 && hashes[0]["messages"].count == 1
    }
    try await place.wait(for: "everybody to know of it") {
      try await place.json("status", home: "desktop")["onlyHere"].count == 0
    }
    let names = Set(laptop.events.map { $0["event"].text })
    #expect(names.isSuperset(of: ["listening", "connected", "greeted", "caughtUp", "received"]), "\(names)")
    #expect(laptop.lines.count == laptop.events.count, "each line is an object")
    for event in laptop.events.dropFirst() { #expect(event["time"].text.isTime) }
    #expect(laptop.events.first { $0["event"].text == "greeted" }?["name"].isText == true)

    try await laptop.end()
    try await place.wait(for: "the phone to miss the laptop") {
      phone.events.contains { $0["event"].text == "unreachable" && $0["retryMs"].count > 0 }
    }
    #expect(phone.events.contains { $0["event"].text == "disconnected" })
    try await phone.end()
    try await desktop.end()
  }
}

extension Array {
  func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
