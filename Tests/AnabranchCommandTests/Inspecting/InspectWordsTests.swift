import Foundation
import Testing

@testable import Anabranch
@testable import AnabranchCommand

/// What `inspect` says where words are easily wrong.
@Suite(.timeLimit(.minutes(3))) struct InspectWordsTests {
  @Test func listsWhatIsPinnedHereAndNotThere() async throws {
    let (place, daemon, id) = try await Workplace.synced()
    let message = try await place.json("say", id, "Two tickets")["message"].text
    try await place.json("sync", daemon.address)
    try await place.json("unpin", message)
    for word in ["unpin", "pin"] { try await place.json(word, message, home: "phone") }
    try await place.json("sync", daemon.address)
    let told = try await place.golden("inspect", "conflicts", "--resolve")
    #expect(
      told == """
        aaaaaaaa  pinned  Trip
        ✓  bbbbbbbb  <minute>  phone         pinned it
            anabranch pin aaaaaaaa
        ·  cccccccc  <minute>  laptop        unpinned it
            anabranch unpin aaaaaaaa

        """)
    let conflict = try await place.json("inspect", "conflicts")[0]
    #expect(conflict["object"].text == message && conflict["conversation"].text == id)
    let command = conflict["resolve"][1].text.replacing(/^anabranch/, with: "$anabranch")
    #expect(try await place.shell(command).status == 0)
    #expect(try await place.json("inspect", "conflicts").array.isEmpty)
    // What does not show settles nothing.
    try await place.json("sync", daemon.address)
    try await place.json("pin", message)
    try await place.json("unpin", message, home: "phone")
    try await place.json("sync", daemon.address)
    #expect(try await place.json("inspect", "conflicts").array.count == 1)
    try await place.json("delete", id)
    #expect(try await place.json("inspect", "conflicts").array.isEmpty)
  }

  @Test func namesNobodyWhomNothingWasDone() async throws {
    let (place, _, id) = try await Workplace.synced()
    let name = id.prefix(8)
    #expect(try await place.run("inspect", "why", id, "pinned").output == "Nobody ever pinned or unpinned \(name).\n")
    #expect(
      try await place.run("inspect", "why", id, "archived").output
        == "Nobody ever archived \(name), or brought it back.\n")
    #expect(
      try await place.run("inspect", "why", id, "title").output.hasPrefix("The title of \(name) is “Trip”.\n"))
  }

  @Test func refusesWhatIsNoUseWithItsOwnUsage() async throws {
    let (place, _, id) = try await Workplace.synced()
    let alone = try await place.run("inspect", "why", id)
    #expect(alone.status == 64 && alone.errors.contains("is asked about: title or trash, for example"), "\(alone)")
    #expect(alone.errors.contains("\nUsage: anabranch inspect why "))
    try await place.run("inspect", "why", id, "--json").failure("usage", status: 64)
    for arguments in ["12h", "12h verify", "12h list --as-of 12h"] {
      let refused = try await place.shell("$anabranch inspect at \(arguments)")
      #expect(refused.status == 64 && refused.errors.contains("\nUsage: anabranch inspect at "), "\(refused)")
    }
    let nested = try await place.shell("$anabranch inspect at 12h show")
    #expect(nested.status == 64 && nested.errors.contains("Usage: anabranch show "), "\(nested)")
  }

  @Test func tellsOfWordsThatWerePurgedAndOfWhoDeleted() async throws {
    let (place, daemon, id) = try await Workplace.synced()
    let message = try await place.json("say", id, "go in May or June")["message"].text
    try await place.json("sync", daemon.address)
    try await place.json("edit", message, "go")
    try await place.json("edit", message, "go in May, no, or June", home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("edit", message, "go")
    let eraser = try await place.json("log").array[0]["id"].text.prefix(8)
    let told = try await place.run("inspect", "why", message, "text").output.replacingOccurrences(
      of: "\n    ", with: " ")
    #expect(told.contains("nobody showed them this. It was deleted by \(eraser) on laptop."), "\(told)")
  }

  /// A clock that was ahead: what was written by it shows, and nobody sees why unless that is said.
  @Test func tellsThatATimeHasNotComeYet() async throws {
    let (place, id) = try await Workplace.merged()
    let replica = try await Replica.read(at: Home(place.path("laptop")))
    let object = try await replica.find(id, .conversation)
    let contenders = try await replica.contenders(for: .title, of: object)
    try await replica.close()
    func told(now: Int64?) -> String {
      let words = WhyWords(.title, of: object, contenders, names: [:], now: now)
      return words.text(Style(policy: .never)).replacingOccurrences(of: "\n    ", with: " ")
    }
    let time = contenders[0].time.milliseconds
    let note = "Z. That time has not come yet, by this device's clock: see `anabranch inspect clock`."
    #expect(told(now: time - 1).contains(note), "\(told(now: time - 1))")
    #expect(!told(now: time).contains("not come yet") && !told(now: nil).contains("not come yet"))
  }

  @Test func namesTheImportThatNobodyTookBack() async throws {
    let (place, daemon, _) = try await Workplace.synced()
    func export(_ second: Int, _ answer: String) -> String {
      """
      [{"id": "lisbon", "title": "Lisbon", "create_time": 1718000000.0, "update_time": \(second).0, "current_node": "a",
        "mapping": {"a": {"id": "a", "parent": null, "children": ["b"], "message": {
          "id": "a", "author": {"role": "user"}, "create_time": 1718000000.0, "update_time": \(second).0,
          "content": {"content_type": "text", "parts": ["In May?"]}}}, "b": {"id": "b", "parent": "a", "children": [],
          "message": {"id": "b", "author": {"role": "assistant"}, "create_time": 1718000001.0,
          "content": {"content_type": "text", "parts": ["\(answer)"]}}}}}]
      """
    }
    try await place.json("import", place.write(export(1_718_000_300, "Yes."), to: "old.json"))
    try await place.json("import", place.write(export(1_718_000_400, "No."), to: "new.json"), home: "phone")
    let undone = try await place.json("log", "--limit", "1", home: "phone")[0]["id"].text
    try await place.json("sync", daemon.address)
    let id = try #require(try await place.json("list").array.first { $0["title"].text == "Lisbon" })["id"].text
    let message = try await place.json("show", id)["messages"][0]["id"].text
    try await place.json("edit", message, "In May, or June?", home: "phone")
    try await place.json("undo", undone, home: "phone")
    try await place.json("sync", daemon.address)
    let base = try await place.json("inspect", "why", message, "text")["bases"][0]
    #expect(base["device"].text == "laptop" && base["imports"].count == 1 && base["standing"].text == "shown")
    let told = try await place.golden("inspect", "why", message, "text")
    #expect(
      told.hasPrefix(
        """
        The text of aaaaaaaa is “In May, or June?”.

        It began with:

        ✓  bbbbbbbb  <minute>  laptop        imported “In May?”
            All of it shows.

        """), "\(told)")
    // What follows it was imported, too, and nobody said it here.
    let shows = try await place.run("inspect", "why", message).output
    let answer = try await place.json("show", id)["messages"][1]["id"].text
    #expect(shows.contains("  imported \(answer.prefix(8)), which follows it\n"), "\(shows)")
  }

  @Test func tellsThatMoreWasBeforeAPicture() async throws {
    let (place, _, id) = try await Workplace.synced()
    for title in ["Lisbon", "Porto"] { try await place.json("title", id, title) }
    func picture(_ limit: String) async throws -> String {
      let path = place.path("log.svg")
      #expect(try await place.run("inspect", "log", "--limit", limit, "--svg", path).status == 0)
      return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
    let (part, whole) = (try await picture("2"), try await picture("100"))
    #expect(part.contains(">… and more before</text>"))
    #expect(!whole.contains("and more before"))
  }
}
