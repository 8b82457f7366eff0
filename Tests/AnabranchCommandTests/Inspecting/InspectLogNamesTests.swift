import Foundation
import Testing

/// A device that writes another log: what is said of changes tells its logs apart.
@Suite(.timeLimit(.minutes(3))) struct InspectLogNamesTests {
  /// The laptop's database was put back, so that it went on in another log; the phone has what was there before.
  private func putBack() async throws -> (place: Workplace, conversation: String) {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    let files = "\"$folder\"/laptop/history.sqlite*"
    #expect(try await place.shell("mkdir \"$folder/old\"; cp \(files) \"$folder/old\"").status == 0)
    try await place.json("title", id, "Lisbon")
    try await place.json("sync", daemon.address)
    #expect(try await place.shell("rm \(files); cp \"$folder\"/old/* \"$folder/laptop\"").status == 0)
    try await place.json("title", id, "Porto")
    try await place.json("title", id, "Lisbon in May")
    return (place, id)
  }

  @Test func tellsTheLogsOfADeviceApart() async throws {
    let (place, id) = try await putBack()
    #expect(
      try await place.golden("inspect", "why", id, "title") == """
        The title of aaaaaaaa is “Lisbon in May”.

        ✓  bbbbbbbb  <minute>  laptop        wrote “Lisbon in May”
            It shows: nothing that counts replaced it.
            It builds on change 1 of laptop (cccccccc), change 3 of laptop (dddddddd).

        ·  eeeeeeee  <minute>  laptop        wrote “Porto”
            Replaced by bbbbbbbb on laptop (cccccccc), whose writer had seen it.
            It builds on change 3 of laptop (dddddddd).

        ·  aaaaaaaa  <minute>  laptop        wrote “Trip”
            Replaced by eeeeeeee on laptop (cccccccc), whose writer had seen it.
            It builds on change 2 of laptop (dddddddd), change 1 of phone.

        """)
    let title = try await place.json("inspect", "why", id, "title")["contenders"][0]["action"].text
    let shown = try await place.golden("inspect", "show", title)
    #expect(shown.contains("  builds on     change 1 of its log, 3 of laptop (cccccccc)\n"), "\(shown)")
    let peers = try await place.golden("inspect", "peers")
    #expect(peers.contains("\n    1 to 2 of laptop (aaaaaaaa), since <minute>\n"), "\(peers)")
    let clock = try await place.golden("inspect", "clock")
    #expect(clock.contains(/\nlaptop \(\w{8}\)  <minute>  in step\n/), "\(clock)")
    #expect(clock.matches(of: /\nlaptop \(/).count == 2 && clock.contains(/\nphone {14}<minute>/))
    // What people call the device is that, whatever it writes.
    #expect(try await place.json("inspect", "show", title)[0]["dependencies"][0]["device"].text == "laptop")
  }

  @Test func tellsWhichLogARepairIsAbout() async throws {
    let (place, _) = try await putBack()
    let own = try #require(try await place.json("inspect", "vector").array.first { $0["isOwn"].bool == true })
    try await place.damage("Lisbon in May")
    let repaired = try await place.shell(
      "cp -r \"$folder/laptop\" \"$folder/other\"; $anabranch inspect check --repair")
    let line = "Not there: change 2 of laptop (\(own["log"].text.prefix(8))). No other device"
    #expect(repaired.output.contains(line), "\(repaired)")
    let loss = try await place.json("inspect", "check", "--repair", home: "other")["losses"][0]
    #expect(loss["device"].text == "laptop" && loss["log"].text == own["log"].text)
  }
}
