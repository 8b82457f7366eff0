import Foundation
import Testing

@testable import Anabranch
@testable import AnabranchCommand

/// `inspect wire`, and recordings.
@Suite(.timeLimit(.minutes(3))) struct InspectWireTests {
  /// Without what is another each time.
  private func stable(_ text: String) -> String {
    text.replacing(/[0-9]+\.\d{3}\b/, with: "<s>").replacing(/\ {2,}<s>/, with: "  <s>")
      .replacing(/[0-9a-f]{4}( [0-9a-f]{4}){3}/, with: "<fingerprint>")
      // By the logs' identifiers.
      .replacing(/2 logs: (?<first>\d of [a-z]+), (?<second>\d of [a-z]+)/) {
        "2 logs: " + [$0.output.first, $0.output.second].sorted().joined(separator: ", ")
      }
  }

  @Test func showsASessionFrameByFrame() async throws {
    let session = try await RecordedSession()
    let shown = try await session.place.golden("inspect", "wire", session.file)
    #expect(
      stable(shown) == """
        phone  <minute>  dialled 192.0.2.7:4850  <fingerprint>
          <s> s, 16 frames, 478 B out, 403 B in
          ended by the other side: everything was exchanged
          <s>  →  hello            88 B  laptop, version 1, room for 4.1 MB
          <s>  →  have             72 B  2 logs: 1 of phone, 4 of laptop
          <s>  ←  hello            87 B  phone, version 1, room for 4.1 MB
          <s>  ←  have             72 B  2 logs: 2 of laptop, 2 of phone
          <s>  ←  logs             55 B  0 is phone
          <s>  ←  changes         161 B  1 change: 2 of phone
          <s>  ←  changes           7 B  nothing more of what was held
          <s>  →  acknowledge       8 B  durable up to 2 of phone
          <s>  →  logs             55 B  0 is laptop
          <s>  →  changes         235 B  2 changes: 3–4 of laptop
          <s>  →  changes           7 B  nothing more of what was held
          <s>  →  blob wants        6 B  wants nothing more
          <s>  ←  acknowledge       8 B  durable up to 4 of laptop
          <s>  ←  blob wants        6 B  wants nothing more
          <s>  →  close             7 B  everything was exchanged
          <s>  ←  close             7 B  everything was exchanged

        1 connection, 16 frames, 478 B out, 403 B in

        """)
    let colored = try await session.place.golden("inspect", "wire", session.file, "--color", "always")
    #expect(
      stable(colored) == """
        \u{1B}[1mphone\u{1B}[0m  \u{1B}[2m<minute>\u{1B}[0m  dialled 192.0.2.7:4850  \u{1B}[2m<fingerprint>\u{1B}[0m
        \u{1B}[2m  <s> s, 16 frames, 478 B out, 403 B in\u{1B}[0m
          \u{1B}[2mended by the other side: everything was exchanged\u{1B}[0m
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[36m→\u{1B}[0m  \u{1B}[1mhello       \u{1B}[0m  \u{1B}[2m   88 B\u{1B}[0m  laptop, version 1, room for 4.1 MB
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[36m→\u{1B}[0m  \u{1B}[1mhave        \u{1B}[0m  \u{1B}[2m   72 B\u{1B}[0m  2 logs: 1 of phone, 4 of laptop
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[32m←\u{1B}[0m  \u{1B}[1mhello       \u{1B}[0m  \u{1B}[2m   87 B\u{1B}[0m  phone, version 1, room for 4.1 MB
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[32m←\u{1B}[0m  \u{1B}[1mhave        \u{1B}[0m  \u{1B}[2m   72 B\u{1B}[0m  2 logs: 2 of laptop, 2 of phone
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[32m←\u{1B}[0m  \u{1B}[1mlogs        \u{1B}[0m  \u{1B}[2m   55 B\u{1B}[0m  0 is phone
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[32m←\u{1B}[0m  \u{1B}[1mchanges     \u{1B}[0m  \u{1B}[2m  161 B\u{1B}[0m  1 change: 2 of phone
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[32m←\u{1B}[0m  \u{1B}[1mchanges     \u{1B}[0m  \u{1B}[2m    7 B\u{1B}[0m  nothing more of what was held
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[36m→\u{1B}[0m  \u{1B}[1macknowledge \u{1B}[0m  \u{1B}[2m    8 B\u{1B}[0m  durable up to 2 of phone
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[36m→\u{1B}[0m  \u{1B}[1mlogs        \u{1B}[0m  \u{1B}[2m   55 B\u{1B}[0m  0 is laptop
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[36m→\u{1B}[0m  \u{1B}[1mchanges     \u{1B}[0m  \u{1B}[2m  235 B\u{1B}[0m  2 changes: 3–4 of laptop
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[36m→\u{1B}[0m  \u{1B}[1mchanges     \u{1B}[0m  \u{1B}[2m    7 B\u{1B}[0m  nothing more of what was held
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[36m→\u{1B}[0m  \u{1B}[1mblob wants  \u{1B}[0m  \u{1B}[2m    6 B\u{1B}[0m  wants nothing more
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[32m←\u{1B}[0m  \u{1B}[1macknowledge \u{1B}[0m  \u{1B}[2m    8 B\u{1B}[0m  durable up to 4 of laptop
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[32m←\u{1B}[0m  \u{1B}[1mblob wants  \u{1B}[0m  \u{1B}[2m    6 B\u{1B}[0m  wants nothing more
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[36m→\u{1B}[0m  \u{1B}[1mclose       \u{1B}[0m  \u{1B}[2m    7 B\u{1B}[0m  everything was exchanged
        \u{1B}[2m  <s>\u{1B}[0m  \u{1B}[32m←\u{1B}[0m  \u{1B}[1mclose       \u{1B}[0m  \u{1B}[2m    7 B\u{1B}[0m  everything was exchanged

        \u{1B}[1m1 connection, 16 frames, 478 B out, 403 B in\u{1B}[0m

        """)
    #expect(colored.replacing(/\u{1B}\[[0-9;]*m/, with: "") == shown)
  }

  @Test func aRecordingHasContentsOnlyWhereTheyAreAskedFor() async throws {
    let (session, whole) = (try await RecordedSession(), try await RecordedSession(contents: true))
    for (file, isThere) in [(session.file, false), (whole.file, true)] {
      let bytes = try #require(FileManager.default.contents(atPath: file))
      #expect((bytes.range(of: Data(RecordedSession.marker.utf8)) != nil) == isThere)
      #expect((bytes.range(of: Data("Trip".utf8)) != nil) == isThere)
    }
    let place = whole.place
    #expect(!(try await place.golden("inspect", "wire", whole.file)).contains("jacarandas"))
    let shown = try await place.golden("inspect", "wire", whole.file, "--contents")
    #expect(shown.contains("  changes ") && shown.contains(" of laptop writes a message in "))
    #expect(shown.contains("\n          In May the jacarandas bloom.\n") && shown.contains("\n          Trip\n"))
    let lines = try await lines(place, "inspect", "wire", whole.file, "--contents", "--json")
    let written = lines.flatMap { $0["written"].array }
    let message = try #require(written.first { $0["kind"].text == "createMessage" })
    #expect(message["text"].text == "In May the jacarandas bloom." && message["log"].text.isIdentifier)
    // Asked for where nobody recorded them.
    let result = try await session.place.run("inspect", "wire", session.file, "--contents")
    #expect(result.status == 0 && result.errors.contains("recorded without contents"))
  }

  private func lines(_ place: Workplace, _ arguments: String...) async throws -> [JSON] {
    let result = try await Command.run(arguments, environment: place.environment())
    #expect(result.status == 0, "\(result.errors)")
    return try Self.lines(result.output)
  }

  private static func lines(_ text: String) throws -> [JSON] {
    try text.split(separator: "\n").map { JSON(value: try JSONSerialization.jsonObject(with: Data($0.utf8))) }
  }

  @Test func tellsProgramsALineForEachThing() async throws {
    let session = try await RecordedSession()
    let lines = try await lines(session.place, "inspect", "wire", session.file, "--json")
    let frames = lines.filter { $0["event"].text == "frame" }
    #expect(
      lines.map(\.["event"].text) == ["started", "began", "proved"] + frames.map { _ in "frame" } + [
        "ended", "stopped",
      ])
    #expect(lines[0].keys == ["event", "connection", "at", "time", "contents"] && lines[0]["contents"].bool == false)
    #expect(lines[1].keys == ["event", "connection", "at", "time", "address", "dialled"])
    #expect(
      lines[1]["address"].text == "192.0.2.7:4850" && lines[1]["dialled"].bool == true && lines[1]["at"].count == 0)
    #expect(lines[2].keys == ["event", "connection", "at", "time", "device", "name"])
    #expect(lines[2]["name"].text == "phone" && lines[2]["device"].text.isHash)
    let usual: Set = ["event", "connection", "at", "time", "direction", "kind", "bytes", "says", "omitted"]
    #expect(frames.allSatisfy { $0.keys == usual && $0["time"].text.isTime && $0["at"].count >= 0 })
    let changes = try #require(frames.first { $0["kind"].text == "changes" && $0["direction"].text == "sent" })["says"]
    #expect(changes.keys == ["changes", "signatures", "logs"] && changes["signatures"].count == 1)
    let log = changes["logs"][0]
    #expect(log.keys == ["number", "log", "first", "last", "changes", "bytes"] && log["log"].text.isIdentifier)
    #expect(log["last"].count - log["first"].count + 1 == changes["changes"].count)
    let end = lines[lines.count - 2]
    #expect(end.keys == ["event", "connection", "at", "time", "by", "code", "reason", "sentBytes", "receivedBytes"])
    #expect(end["by"].text == "peer" && end["code"].count == 0)
  }

  @Test func aFileThatIsCutOrAlteredIsShownAsFarAsItIsWhole() async throws {
    let session = try await RecordedSession()
    let (place, whole) = (session.place, try #require(FileManager.default.contents(atPath: session.file)))
    let part = place.path("part")
    for length in [0, 1, 7, 8, 9, 100, whole.count / 2, whole.count - 1] {
      try whole.prefix(length).write(to: URL(filePath: part))
      let result = try await place.run("inspect", "wire", part, "--json")
      guard length >= 8 else {
        try result.failure("format")
        continue
      }
      let lines = try Self.lines(result.output)
      #expect(result.status == 0 && result.errors == "")
      #expect(lines.last.map { $0["event"].text == "cut" && $0["bytes"].count > 0 } ?? (length == 8))
      let text = try await place.run("inspect", "wire", part)
      #expect(text.status == 0 && text.output.contains("passed over") == (length > 8))
    }
    var altered = whole
    altered[whole.count - 1] ^= 1
    try altered.write(to: URL(filePath: part))
    let damaged = try await place.run("inspect", "wire", part)
    #expect(damaged.status == 1 && damaged.errors.contains("is damaged at byte"))
    #expect(damaged.output.contains("1 connection, "), "what is before that is shown")
    try await place.run("inspect", "wire", place.path("nothing"), "--json").failure("not-found")
    try await place.run("inspect", "wire", place.path("laptop") + "/history.db", "--json").failure("not-found")
    try await place.run("inspect", "wire", place.folder, "--json").failure("io")
    for arguments in [["wire"], ["wire", part, "--live"], ["wire", "--live", "--contents"]] {
      #expect(try await Command.run(["inspect"] + arguments, environment: place.environment()).status == 64)
    }
  }

  @Test func exchangesAreRecordedAloneAndByTheDaemon() async throws {
    let place = try Workplace()
    for name in ["laptop", "phone"] { try await place.replica(name) }
    try await place.json("new", "a marked title")
    let record = place.path("phone.record")
    let phone = try await Daemon(place, home: "phone", arguments: ["--record", record])
    #expect(try await place.run("serve", "--install", "--record", "x").status == 64)
    #expect(try await place.run("sync", phone.address, "--record-contents").status == 64)
    try await place.json("sync", phone.address, "--record", place.path("alone"))
    let laptop = try await Daemon(place)
    try await place.json("sync", phone.address, "--record", place.path("handed over"))
    try await place.run("sync", phone.address, "--record", record, "--json").failure("in-use")
    try await place.wait(for: "both sessions to end") { phone.events.count { $0["event"].text == "disconnected" } == 2 }
    // What was recorded is there although nobody could end it.
    try await phone.end(by: SIGKILL)
    for (name, peer, sessions) in [("alone", "phone", 1), ("handed over", "phone", 1), ("phone.record", "laptop", 2)] {
      let lines = try await lines(place, "inspect", "wire", place.path(name), "--json")
      #expect(lines.count { $0["event"].text == "ended" } == sessions)
      #expect(lines.filter { $0["event"].text == "proved" }.allSatisfy { $0["name"].text == peer })
      let kinds = Set(lines.map(\.["kind"].text))
      #expect(kinds.isSuperset(of: ["hello", "have", "changes", "close"]))
      let bytes = try #require(FileManager.default.contents(atPath: place.path(name)))
      #expect(bytes.range(of: Data("marked".utf8)) == nil)
      let mode = try FileManager.default.attributesOfItem(atPath: place.path(name))[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
    try await laptop.end()
  }

  @Test func showsWhatCrossesWhileItDoes() async throws {
    let place = try Workplace()
    for name in ["laptop", "phone"] { try await place.replica(name) }
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("new", "a marked title")
    let script = """
      $anabranch --home "$folder/phone" inspect wire --live --json > "$folder/events" & events=$!
      $anabranch --home "$folder/phone" inspect wire --live > "$folder/lines" & lines=$!
      until grep -q started "$folder/events"; do sleep 0.05; done
      sleep 0.3
      $anabranch sync "$address" --json > /dev/null
      until grep -q '"ended"' "$folder/events" && grep -q 'ended by' "$folder/lines"; do sleep 0.05; done
      # Somebody who does not read holds nobody up.
      $anabranch --home "$folder/phone" inspect wire --live > "$folder/nobody" & idle=$!
      sleep 0.3; kill -STOP $idle
      for number in 1 2 3; do timeout 20 $anabranch sync "$address" --json > /dev/null || exit 9; done
      kill -CONT $idle; kill -TERM $events $lines $idle
      wait $events; first=$?; wait $lines; second=$?; wait $idle; exit $((first + second + $?))
      """
    #expect(try await place.shell(script, with: ["address": daemon.address]).status == 0)
    let text = try String(contentsOfFile: place.path("events"), encoding: .utf8)
    let events = try Self.lines(text)
    #expect(events.first?["event"].text == "started" && !text.contains("marked"))
    let frames = events.filter { $0["event"].text == "frame" }
    #expect(
      Set(frames.map(\.["kind"].text)).isSuperset(of: ["hello", "have", "logs", "changes", "acknowledge", "close"]))
    let lines = try String(contentsOfFile: place.path("lines"), encoding: .utf8).split(separator: "\n")
    #expect(lines.contains { $0.contains("laptop      →  acknowledge ") } && lines.allSatisfy { $0.count <= 80 })
    #expect(lines.contains { $0.hasSuffix("ended by the other side: everything was exchanged") })
    try await daemon.end()
    try await place.run("inspect", "wire", "--live", "--json").failure("unreachable")
  }

  @Test(.enabled(if: Disk.canMount, "needs root and the right to mount"))
  func aFullDiskEndsTheRecordingAndNothingElse() async throws {
    let place = try Workplace()
    for name in ["laptop", "phone"] { try await place.replica(name) }
    let daemon = try await Daemon(place, home: "phone")
    let result = try await Disk.shell(
      place, size: "64k",
      """
      run() { $anabranch --home "$folder/laptop" "$@"; }
      run sync \(daemon.address) --record "$folder/disk/record" >&2 || exit 1
      cat /dev/zero > "$folder/disk/filler" 2>/dev/null
      for number in 1 2 3 4 5 6 7 8; do
        run new "title $number" > /dev/null
        run sync \(daemon.address) --record "$folder/disk/record" --json || exit 2
      done
      rm "$folder/disk/filler"
      run inspect wire "$folder/disk/record"
      """)
    #expect(result.status == 0, "\(result)")
    #expect(result.output.matches(of: /"sentChanges":1/).count == 8, "all that was written got through")
    #expect(result.errors.contains("recording cannot be written") && result.errors.contains("No space left"))
    #expect(result.output.contains("connections, ") && !result.output.contains("passed over"))
    try await daemon.end()
  }
}
