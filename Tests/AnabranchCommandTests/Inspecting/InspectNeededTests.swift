import Testing

/// What is said of what a removed device did and that counts all the same, since something that counts was built on it.
@Suite(.timeLimit(.minutes(3))) struct InspectNeededTests {
  /// The laptop has removed the phone before that said something, which the desk answered and did not know.
  private func answered(
    _ more: (Workplace, _ conversation: String, _ message: String) async throws -> Void = { _, _, _ in }
  ) async throws -> (place: Workplace, conversation: String, message: String) {
    let place = try Workplace()
    try await place.replica()
    for home in ["phone", "desk"] { try await place.replica(home) }
    let id = try await place.json("new", "Trip")["conversation"].text
    let first = try await Daemon(place)
    for home in ["phone", "desk"] { try await place.json("sync", first.address, home: home) }
    try await first.end()
    let daemon = try await Daemon(place, home: "desk")
    try await place.json("devices", "remove", "phone", "--yes")
    let message = try await place.json("say", id, "Where to?", home: "phone")["message"].text
    try await place.json("title", id, "Lisbon", home: "phone")
    try await place.json("sync", daemon.address, home: "phone")
    try await place.json("say", id, "To the sea.", home: "desk")
    try await more(place, id, message)
    try await place.json("sync", daemon.address)
    return (place, id, message)
  }

  @Test func whyNamesWhatWasBuiltOnIt() async throws {
    let (place, id, message) = try await answered()
    let told = try await place.golden("inspect", "why", message)
    #expect(
      told == """
        The message aaaaaaaa shows.

        ✓  aaaaaaaa  <minute>  phone         said “Where to?”
            It counts: nobody took it back. Its device was removed; it counts all the
            same, since bbbbbbbb on desk was built on it.
            It builds on change 4 of laptop, change 1 of phone.

        """, "\(told)")
    let contender = try await place.json("inspect", "why", message)["contenders"][0]
    let answer = try await place.json("log").array[0]["id"].text
    #expect(contender["need"]["byAction"].text == answer && contender["need"]["role"].text == "removed")
    #expect(!contender["need"]["by"].text.isEmpty && contender["fate"].text == "stands")
    // Nothing was built on the title.
    let title = try await place.json("inspect", "why", id, "title")["contenders"].array
    #expect(title.map { $0["fate"].text } == ["stands", "uncounted"] && title.allSatisfy { $0["need"].isNull })
    let own = try await place.json("inspect", "why", answer)["contenders"].array
    #expect(own.allSatisfy { $0["need"].isNull })
    let shown = try await place.json("inspect", "show", contender["action"].text)[0]
    #expect(shown["uncounted"].isNull && shown["operations"][0]["need"]["byAction"].text == answer)
    #expect(try await place.json("inspect", "show", answer)[0]["operations"][0]["need"].isNull)
    #expect(
      try await place.golden("inspect", "show", contender["action"].text).contains(
        """
          effect        all of it, though its device was removed
          needed        by cccccccc on desk, which was built on it
        """))
  }

  /// Values, and edits of a text, are built on by what names them as what it goes on from.
  @Test func whyNamesWhatReplacedItOrWentOnFromIt() async throws {
    let (place, id, message) = try await answered { place, id, message in
      try await place.json("title", id, "Lisbon in May", home: "desk")
      try await place.json("edit", message, "Where to in May?", home: "desk")
    }
    let title = try await place.json("inspect", "why", id, "title")["contenders"].array
    try #require(title.map { $0["fate"].text } == ["stands", "replaced", "replaced"])
    #expect(title.map { $0["need"].isNull } == [true, false, true])
    #expect(title[1]["need"]["by"].text == title[0]["operation"].text)
    #expect(try await !place.json("inspect", "why", message)["contenders"].array.filter { !$0["need"].isNull }.isEmpty)
  }

  @Test func whyOfATextNamesWhatWasBuiltOnAnEdit() async throws {
    let place = try Workplace()
    try await place.replica()
    for home in ["phone", "desk"] { try await place.replica(home) }
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("notes", id, "one")
    let first = try await Daemon(place)
    for home in ["phone", "desk"] { try await place.json("sync", first.address, home: home) }
    try await first.end()
    let daemon = try await Daemon(place, home: "desk")
    try await place.json("devices", "remove", "phone", "--yes")
    try await place.json("notes", id, "one two", home: "phone")
    try await place.json("sync", daemon.address, home: "phone")
    try await place.json("notes", id, "one two three", home: "desk")
    try await place.json("sync", daemon.address)
    let told = try await place.golden("inspect", "why", id, "notes").replacing("\n    ", with: " ")
    #expect(told.contains("Its device was removed; it counts all the same, since "), "\(told)")
    let steps = try await place.json("inspect", "why", id, "notes")["steps"].array
    try #require(steps.count == 3)
    #expect(steps.map { $0["need"].isNull } == [true, false, true])
    #expect(steps[1]["need"]["by"].text == steps[2]["operation"].text)
  }
}
