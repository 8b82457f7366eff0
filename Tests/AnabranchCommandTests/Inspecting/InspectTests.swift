import Foundation
import Testing

@testable import Anabranch
@testable import AnabranchCommand

/// `inspect`, as it reads at 80 columns.
@Suite(.timeLimit(.minutes(3))) struct InspectTests {
  @Test func tellsWhyATitleWon() async throws {
    let (place, id) = try await Workplace.merged()
    #expect(
      try await place.golden("inspect", "why", id, "title") == """
        The title of aaaaaaaa is “Lisbon in May”.

        ✓  bbbbbbbb  <minute>  phone         wrote “Lisbon in May”
            It shows: of several that nothing replaced, this one wins; see below.
            It builds on change 3 of laptop, change 3 of phone.

        ·  cccccccc  <minute>  laptop        wrote “Lisbon”
            Its writer and that of bbbbbbbb on phone had not seen each other's. The
            later one shows: <time> is after <time>.
            It builds on change 3 of laptop.

        ·  aaaaaaaa  <minute>  laptop        wrote “Trip”
            Replaced by cccccccc on laptop, whose writer had seen it.
            It builds on change 2 of laptop, change 1 of phone.

        Several values stand. Whoever writes one now, having seen them all, replaces
        them.

        """)
    #expect(
      try await place.golden("inspect", "why", id, "title", "--color", "always") == """
        \u{1B}[1mThe title of aaaaaaaa is “Lisbon in May”.\u{1B}[0m

        \u{1B}[32m✓\u{1B}[0m  \u{1B}[33mbbbbbbbb\u{1B}[0m  \u{1B}[2m<minute>\u{1B}[0m  \u{1B}[36mphone       \u{1B}[0m  wrote “Lisbon in May”
            It shows: of several that nothing replaced, this one wins; see below.
        \u{1B}[2m    It builds on change 3 of laptop, change 3 of phone.\u{1B}[0m

        \u{1B}[2m·\u{1B}[0m  \u{1B}[33mcccccccc\u{1B}[0m  \u{1B}[2m<minute>\u{1B}[0m  \u{1B}[36mlaptop      \u{1B}[0m  wrote “Lisbon”
            Its writer and that of bbbbbbbb on phone had not seen each other's. The
            later one shows: <time> is after <time>.
        \u{1B}[2m    It builds on change 3 of laptop.\u{1B}[0m

        \u{1B}[2m·\u{1B}[0m  \u{1B}[33maaaaaaaa\u{1B}[0m  \u{1B}[2m<minute>\u{1B}[0m  \u{1B}[36mlaptop      \u{1B}[0m  wrote “Trip”
            Replaced by cccccccc on laptop, whose writer had seen it.
        \u{1B}[2m    It builds on change 2 of laptop, change 1 of phone.\u{1B}[0m

        Several values stand. Whoever writes one now, having seen them all, replaces
        them.

        """)
    #expect(
      try await place.golden("inspect", "why", id, "model") == """
        Nobody ever did anything to the model of aaaaaaaa.

        """)
  }

  @Test func tellsWhyATagStays() async throws {
    let (place, id) = try await Workplace.merged()
    #expect(
      try await place.golden("inspect", "why", id, "tag:travel") == """
        aaaaaaaa has the tag “travel”.

        ✓  bbbbbbbb  <minute>  phone         added it
            It counts: no removal that counts had seen it.
            It builds on change 3 of laptop, change 1 of phone.

        ·  cccccccc  <minute>  laptop        removed it
            It took away what its writer had seen, and that was not bbbbbbbb on phone.
            It builds on change 5 of laptop.

        ·  dddddddd  <minute>  laptop        added it
            Removed by cccccccc on laptop, whose writer had seen it.
            It builds on change 4 of laptop.

        """)
  }

  /// What JSON names can be looked up by other commands.
  @Test func namesWhatCanBeUndone() async throws {
    let (place, id) = try await Workplace.merged()
    let why = try await place.json("inspect", "why", id, "title")
    let contenders = why["contenders"].array
    #expect(why["object"].text == id && why["what"].text == "title")
    #expect(contenders.map { $0["fate"].text } == ["stands", "outranked", "replaced"])
    #expect(contenders.map { $0["value"].text } == ["Lisbon in May", "Lisbon", "Trip"])
    #expect(contenders.map { $0["device"].text } == ["phone", "laptop", "laptop"])
    #expect(contenders[1]["by"].text == contenders[0]["operation"].text)
    #expect(contenders[1]["byAction"].text == contenders[0]["action"].text)
    #expect(contenders[1]["tiebreak"].text == "time" && contenders[0]["by"].isNull)
    // The one that shows is taken back, and the other one shows.
    let undone = try await place.json("undo", contenders[0]["action"].text)
    #expect(try await place.json("list").array[0]["title"].text == "Lisbon")
    let after = try await place.json("inspect", "why", id, "title")["contenders"].array
    #expect(after.map { $0["fate"].text } == ["stands", "withdrawn", "replaced"])
    #expect(after.map { $0["value"].text } == ["Lisbon", "Lisbon in May", "Trip"])
    #expect(
      try await place.golden("inspect", "why", id, "title").contains("It shows: nothing that counts replaced it."))
    #expect(after[1]["byAction"].text == undone["undo"].text)
  }

  /// The command that is told for a value settles the conflict with it, whatever is in it.
  @Test func tellsHowToSettleEachConflict() async throws {
    let (place, id) = try await Workplace.merged()
    #expect(
      try await place.golden("inspect", "conflicts", "--resolve") == """
        aaaaaaaa  title  Lisbon in May
        ✓  bbbbbbbb  <minute>  phone         wrote “Lisbon in May”
            anabranch title aaaaaaaa -- 'Lisbon in May'
        ·  cccccccc  <minute>  laptop        wrote “Lisbon”
            anabranch title aaaaaaaa -- 'Lisbon'

        """)
    let daemon = try await Daemon(place, home: "phone")
    for (home, word) in [("laptop", "it's “here”; $HOME"), ("phone", "-there\"")] {
      try await place.json("field", id, "--", "where to", word, home: home)
      try await place.json("settings", "some.name", "--", word, home: home)
      try await place.json(home == "phone" ? "archive" : "unarchive", id, home: home)
      try await place.json(home == "phone" ? "pin" : "unpin", id, home: home)
    }
    try await place.json("sync", daemon.address)
    // A home that was named is named in the commands, so that they are about that one wherever they are run.
    let conflicts = try await place.json("inspect", "conflicts", "--home", place.path("laptop"), home: "phone").array
    #expect(
      Set(conflicts.map { $0["what"].text }) == ["title", "field:where to", "field:some.name", "archived", "pinned"])
    for conflict in conflicts {
      let (loser, command) = (conflict["contenders"].array[1], conflict["resolve"].array[1].text)
      let settled = try await place.shell(command.replacing(/^anabranch/, with: "$anabranch"), home: "phone")
      #expect(settled.status == 0, "\(command): \(settled)")
      guard conflict["what"].text != "field:some.name" else { continue }
      let why = try await place.json("inspect", "why", id, conflict["what"].text)["contenders"].array
      #expect(why[0]["value"].text == loser["value"].text && why[1]["fate"].text == "replaced")
    }
    #expect(try await place.json("inspect", "conflicts").array.isEmpty)
    #expect(try await place.run("inspect", "conflicts").output.contains("No two values"))
  }

  @Test func showsAChange() async throws {
    let (place, id) = try await Workplace.merged()
    let title = try await place.json("inspect", "why", id, "title")["contenders"][0]
    let shown = try await place.golden("inspect", "show", title["action"].text)
    #expect(
      shown == """
        Change 4  phone  aaaaaaaa  action bbbbbbbb
          made          <time>
          hash          <hash>
          bytes         <count>
          signed        at change 4 of its log
          builds on     change 3 of its log, 3 of laptop
          known on      phone
          0  writes the title of  cccccccc  13 B

        """)
    let change = try await place.json("inspect", "show", title["operation"].text)[0]
    #expect(change["action"].text == title["action"].text && change["isIntact"].bool == true)
    #expect(change["sequence"].count == 4 && change["signedAt"].count == 4 && change["bytes"].count > 0)
    #expect(change["operations"].array.map { $0["kind"].text } == ["writeRegister"])
    #expect(
      change["operations"][0]["target"].text == id && change["heldBy"].array.map { $0["device"].text } == ["phone"])
    #expect(change["notKnownAt"].array.isEmpty)
    // What was not passed on yet, and builds on what came.
    try await place.json("say", id, "Left at the square.")
    let said = try await place.json("inspect", "show", place.json("log").array[0]["id"].text)[0]
    #expect(said["heldBy"].array.isEmpty && said["notKnownAt"].array.map { $0["device"].text } == ["phone"])
    #expect(said["notKnownAt"][0]["reason"].text == "unsaid" && change["heldBy"][0]["reason"].text == "said")
    let unknown = try await place.run("inspect", "show", place.json("log").array[0]["id"].text)
    #expect(unknown.output.contains("\n  not known     whether on phone\n"))
    // Who wrote it has it, whether it has said so since or not.
    let theirs = try await place.json("inspect", "show", title["action"].text, home: "phone")[0]
    #expect(theirs["heldBy"].array.map { $0["device"].text } == ["laptop"])
    #expect(said["dependencies"].array.map { $0["device"].text } == ["phone"])
    #expect(said["dependencies"][0]["sequence"].count == 4)
    #expect(change["hash"].text.hasPrefix(said["dependencies"][0]["hash"].text))
    try await place.run("inspect", "show", "0123456789", "--json").failure("not-found")
    try await place.run("inspect", "show", "zz", "--json").failure("invalid")
    try await place.run("inspect", "show", "0123/4", "--json").failure("not-found")
    try await place.run("inspect", "show", change["log"].text + "/400", "--json").failure("not-found")
    // Of the place in a change it has to be one that is there.
    let beyond = try await place.run("inspect", "show", title["operation"].text + "7")
    #expect(
      beyond.status == 1 && beyond.output.isEmpty && beyond.errors.contains("has no operation 7; it has 1, from 0 on"),
      "\(beyond)")
    for wrong in ["/x", "/0", "/1/x", "/1/2/3", "/"] {
      try await place.run("inspect", "show", change["log"].text + wrong, "--json").failure("invalid")
    }
  }

  @Test func tellsHowFarLogsAreHeldAndWhatNothingBuildsOn() async throws {
    let (place, id) = try await Workplace.merged()
    #expect(
      try await sorted(place.golden("inspect", "vector")) == [
        "laptop            aaaaaaaa  7 changes      aaaaaaaa  <minute>  own log",
        "phone             aaaaaaaa  4 changes      aaaaaaaa  <minute>",
      ])
    let frontier = try await sorted(place.golden("inspect", "frontier"))
    #expect(frontier == ["aaaaaaaa/4  <minute>  phone", "aaaaaaaa/7  <minute>  laptop"])
    let logs = try await place.json("inspect", "vector").array
    #expect(logs.count == 2 && logs.allSatisfy { $0["proved"].count == $0["changes"].count })
    #expect(logs.filter { $0["isOwn"].bool == true }.map { $0["device"].text } == ["laptop"])
    // Whoever writes next builds on both.
    try await place.json("say", id, "Left at the square.")
    let after = try await place.json("inspect", "frontier").array
    #expect(after.map { $0["device"].text } == ["laptop"] && after[0]["sequence"].count == 8)
    let show = try await place.json("inspect", "show", "\(after[0]["log"].text)/8")[0]
    #expect(show["hash"].text == after[0]["hash"].text)
  }

  @Test func drawsWhatWasDoneConcurrentlySideBySide() async throws {
    let (place, _) = try await Workplace.merged()
    let picture = place.folder + "/history.svg"
    #expect(
      try await place.golden("inspect", "log", "--graph", "--limit", "8") == """
        ● aaaaaaaa/4  <minute>  phone       renamed “Trip” to “Lisbon in May”
        ● aaaaaaaa/3  <minute>  phone       said “Which way is it to the sea?”
        ● aaaaaaaa/2  <minute>  phone       tagged “Lisbon in May” “travel”
        │ ● bbbbbbbb/7  <minute>  laptop      deleted “Lisbon in May”
        │ ● bbbbbbbb/6  <minute>  laptop      took the tag “travel” from “Lisbo…
        │ ● bbbbbbbb/5  <minute>  laptop      tagged “Lisbon in May” “travel”
        │ ● bbbbbbbb/4  <minute>  laptop      renamed “Trip” to “Lisbon”
        ├─╯
        ●   bbbbbbbb/3  <minute>  laptop      began “Trip”
        ├─╮
        … and more before; --limit

        """)
    // Where the list ends before what both build on, the lanes stay apart.
    #expect(
      try await place.golden("inspect", "log", "--graph", "--limit", "5") == """
        ● aaaaaaaa/4  <minute>  phone       renamed “Trip” to “Lisbon in May”
        ● aaaaaaaa/3  <minute>  phone       said “Which way is it to the sea?”
        ● aaaaaaaa/2  <minute>  phone       tagged “Lisbon in May” “travel”
        │ ● bbbbbbbb/7  <minute>  laptop      deleted “Lisbon in May”
        │ ● bbbbbbbb/6  <minute>  laptop      took the tag “travel” from “Lisbo…
        … and more before; --limit

        """)
    // Of one device alone, what it builds on of others is no line.
    let alone = try await place.golden("inspect", "log", "--graph", "--device", "phone").split(separator: "\n")
    #expect(alone.count == 4 && alone.allSatisfy { $0.hasPrefix("● aaaaaaaa/") }, "\(alone)")
    let coloured = try await place.golden("inspect", "log", "--graph", "--limit", "1", "--color", "always")
    #expect(
      coloured.replacing(/[0-9a-f]{8}\//, with: "<log>/") == """
        \u{1B}[2m● \u{1B}[0m\u{1B}[33m<log>/4\u{1B}[0m  \u{1B}[2m<minute>\u{1B}[0m  \u{1B}[36mphone     \u{1B}[0m  renamed “Trip” to “Lisbon in May”
        \u{1B}[2m… and more before; --limit\u{1B}[0m

        """)
    let drawn = try await place.run("inspect", "log", "--graph", "--limit", "8", "--svg", picture)
    #expect(drawn.status == 0 && drawn.errors == "anabranch: the picture is in \(picture)\n")
    let svg = try String(contentsOfFile: picture, encoding: .utf8)
    #expect(
      svg.hasPrefix("<svg ") && svg.contains("wrote") == false && svg.contains("said “Which way is it to the sea?”"))
    let entries = try await place.json("inspect", "log", "--device", "phone", "--limit", "2").array
    #expect(entries.map { $0["device"].text } == ["phone", "phone"])
    #expect(entries[0]["text"].text == "renamed “Trip” to “Lisbon in May”")
    #expect(try await place.golden("inspect", "log", "--since", "2100-01-01") == "Nothing was written since then.\n")
    for wrong in [["--since", "yesterday"], ["--limit", "0"], ["--limit", "10001"], ["--svg", ""]] {
      #expect(try await place.run("inspect", "log", wrong[0], wrong[1]).status == 64)
    }
  }

  @Test func picturesTakeThePlaceOfPicturesAlone() async throws {
    let place = try Workplace()
    try await place.replica()
    let (database, picture) = (place.path("laptop/history.sqlite"), place.path("picture.svg"))
    let before = FileManager.default.contents(atPath: database)
    for (command, kind) in [("log", "--svg"), ("log", "--dot"), ("tui", "--svg")] {
      let result = try await place.run("inspect", command, kind, database)
      #expect(result.status == 1 && result.errors.contains("exists already, and is no such picture"), "\(result)")
    }
    #expect(FileManager.default.contents(atPath: database) == before)
    for _ in 0..<2 { #expect(try await place.run("inspect", "log", "--svg", picture).status == 0) }
    #expect(try await place.run("inspect", "log", "--dot", picture).status == 1)
    #expect(try await place.run("inspect", "log", "--svg", picture, "--dot", picture).status == 64)
    #expect(try String(contentsOfFile: picture, encoding: .utf8).hasPrefix("<svg "))
    #expect(try await place.run("inspect", "log", "--svg", "/dev/null").status == 0)
    // A pipe has a reader, and nobody else writes to it.
    let piped = try await place.shell(
      "mkfifo \"$folder/pipe\"; timeout 20 cat \"$folder/pipe\" | head -c 5 & timeout 20 $anabranch inspect log --svg \"$folder/pipe\" >/dev/null; wait"
    )
    #expect(piped.output.hasSuffix("<svg "), "\(piped)")
  }

  @Test(arguments: [
    ("2026-11-28", 1_795_824_000_000), ("2026-11-28T09:30", 1_795_858_200_000),
    ("2026-11-28T09:30Z", 1_795_858_200_000),
    ("2026-11-28T09:30:01.5+01:00", 1_795_854_601_500), ("h", nil), ("-2h", nil), ("28.11.2026", nil), ("", nil),
    ("999999999999999999d", nil),
  ])
  func readsTimes(text: String, milliseconds: Int64?) {
    #expect(Moment.parsed(text) == milliseconds)
  }

  @Test func readsHowLongAgo() throws {
    let now = Int64(Date().timeIntervalSince1970 * 1_000)
    for (text, span) in [("0m", 0), ("90m", 5_400_000), ("12h", 43_200_000), ("7d", 604_800_000)] as [(String, Int64)] {
      #expect(try abs(#require(Moment.parsed(text)) - (now - span)) < 60_000)
    }
  }

  @Test func tellsWhoseClockIsOff() async throws {
    let (place, _) = try await Workplace.merged()
    #expect(
      try await sorted(place.golden("inspect", "clock")) == [
        "The latest it has followed  <time>", "This device's clock says    <time>",
        "laptop            <minute>  in step", "phone             <minute>  in step",
      ])
    let minute: Int64 = 60_000
    var (isOwn, latest) = (false, HybridTime.zero)
    func report(dated time: Int64, byClock clock: Int64) -> LogClockReport {
      let log = LogRecord(
        log: LogID(Bytes16(high: 1, low: 2)), device: nil, isOwn: isOwn, branchedFrom: nil, count: 1, hash: .zero,
        provable: 1, isOnFrontier: true, time: HybridTime(milliseconds: time, counter: 0), clock: clock)
      return LogClockReport(log, [log.log: "tablet"], wall: 100 * minute, latest: latest)
    }
    let style = Style(policy: .never)
    let cases: [(Int64, Int64, LogClockReport.State, String)] = [
      (100 * minute, 100 * minute, .inStep, "in step"),
      (103 * minute, 103 * minute, .beyond, "3 minutes ahead: not followed, and it wins"),
      (700 * minute, 700 * minute, .beyond, "10 hours ahead: not followed, and it wins"),
      (90 * minute, 30 * minute, .behind, "1 hour behind what it had seen"),
      (90 * minute, .min, .behind, "years behind what it had seen"),
    ]
    for (time, clock, state, words) in cases {
      let report = report(dated: time, byClock: clock)
      #expect(report.state == state)
      #expect(report.text(style).hasSuffix(words), "\(report.text(style))")
      #expect(report.text(style).count <= 80)
    }
    // This device's clock was put back: it follows what it has followed, and itself.
    latest = HybridTime(milliseconds: 159 * minute, counter: 0)
    let followed = report(dated: 159 * minute, byClock: 159 * minute)
    #expect(followed.state == .ahead && followed.text(style).hasSuffix("59 minutes ahead of this device's clock"))
    isOwn = true
    let own = report(dated: 159 * minute, byClock: 159 * minute)
    #expect(own.state == .ahead && own.text(style).hasSuffix("59 minutes ahead of its own clock now"))
    isOwn = false
    #expect(report(dated: 160 * minute, byClock: 160 * minute).state == .beyond)
  }

  @Test func tellsWhatTakesTheSpace() async throws {
    let (place, id) = try await Workplace.merged()
    let sized = try await place.golden("inspect", "storage").replacing(/\d+(\.\d)? [kM]?B */, with: "<size> ")
    let parts = sized.split(separator: "\n\n").map { $0.split(separator: "\n").map(String.init) }
    #expect(
      parts[0] == [
        "<size> in the database", "  <size> log: what was written", "  <size> views, made of the log",
        "  <size> search's index", "  <size> attached files", "  <size> of this device alone",
        "  <size> journal, not in the file yet", "  <size> free: a compaction gives it back",
      ])
    #expect(parts[1].count == 11 && parts[1][0] == "Largest tables")
    #expect(parts[2].first == "What was said, by kind" && parts[2].contains { $0.contains("createMessage") })
    #expect(parts[3].count == 2 && parts[3][1].contains("aaaaaaaa Lisbon in May"), "\(parts[3])")

    let report = try await place.json("inspect", "storage", "--limit", "1")
    let tables = report["tables"].array
    let sum = tables.reduce(0) { $0 + $1["bytes"].count } + report["free"].count + report["journal"].count
    #expect(report["total"].count == sum && sum > 0)
    #expect(Set(tables.map { $0["purpose"].text }) == ["log", "views", "search", "files", "local"])
    #expect(tables.allSatisfy { $0["unused"].count <= $0["bytes"].count })
    let said = report["conversations"].array
    #expect(said.map { $0["conversation"].text } == [id] && said[0]["title"].text == "Lisbon in May")
    let words = "Which way is it to the sea?"
    let messages = report["kinds"].array.first { $0["kind"].text == "createMessage" }
    #expect(messages?["operations"].count == 1 && messages?["contentBytes"].count ?? 0 >= words.utf8.count)
    let all = report["kinds"].array.reduce(0) { $0 + $1["contentBytes"].count }
    #expect(said[0]["contentBytes"].count <= all && said[0]["contentBytes"].count > words.utf8.count)
    try await place.run("inspect", "storage", "--limit", "0", "--json").failure("usage", status: 64)
  }

  /// The lines of a list whose order depends on how logs happen to be called, each with its own names.
  private func sorted(_ text: String) -> [String] {
    text.split(separator: "\n").map { String($0).replacing(/\b([a-f])\1{7}\b/, with: "aaaaaaaa") }.sorted()
  }

  @Test func saysWhatItExpects() async throws {
    let (place, id) = try await Workplace.merged()
    for wrong in ["colour", "tag", "tag:", "title:x", "bin", ""] {
      try await place.run("inspect", "why", id, wrong, "--json").failure("usage", status: 64)
    }
    try await place.run("inspect", "why", "0123456789", "title", "--json").failure("not-found")
    let home = place.path("laptop")
    let early = try await place.run("--home", home, "inspect", "why", id, "title", home: nil)
    #expect(early.status == 0 && early.output.contains("Lisbon in May"))
  }
}
