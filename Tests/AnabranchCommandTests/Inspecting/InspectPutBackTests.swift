import Testing

/// What `inspect blame` and `inspect why … text` say of words that an undo has put back.
@Suite(.timeLimit(.minutes(3))) struct InspectPutBackTests {
  /// A laptop that said something, and a phone that is served and has it.
  private func said(_ words: String) async throws -> (place: Workplace, daemon: Daemon, id: String, message: String) {
    let (place, daemon, id) = try await Workplace.synced()
    let message = try await place.json("say", id, words)["message"].text
    try await place.json("sync", daemon.address)
    return (place, daemon, id, message)
  }

  @Test func blameNamesWhoWroteThemAndWhoPutThemBack() async throws {
    let (place, daemon, _, message) = try await said("one big three")
    let wrote = try await place.json("inspect", "blame", message)[0]
    try await place.json("edit", message, "one three")
    let deletion = try await place.json("log").array[0]["id"].text
    try await place.json("sync", daemon.address)
    try await place.json("undo", deletion, home: "phone")
    try await place.json("sync", daemon.address)
    #expect(
      try await place.golden("inspect", "blame", message) == """
        laptop <minute>
          one
        laptop <minute>, put back by phone <minute>
          big
        laptop <minute>
          three

        """)
    let parts = try await place.json("inspect", "blame", message).array
    #expect(parts.map { $0["text"].text } == ["one ", "big ", "three"])
    #expect(parts.allSatisfy { $0["name"].text == "laptop" })
    #expect(parts.map { $0["change"].count } == Array(repeating: wrote["change"].count, count: 3))
    #expect(parts.map { $0["position"].count } == [0, 4, 8])
    #expect(parts.map { $0["putBack"].isNull } == [true, false, true] && parts[1]["putBack"]["name"].text == "phone")
    let change = parts[1]["putBack"]["replica"].text + "/\(parts[1]["putBack"]["change"].count)"
    #expect(try await place.json("inspect", "show", change)[0]["device"].text == "phone")
  }

  /// Of words of several writers that came again at once, each part is its writer's; and who puts them back twice is told last.
  @Test func blameTellsSeveralWritersApart() async throws {
    let (place, daemon, _, message) = try await said("one three")
    try await place.json("sync", daemon.address)
    try await place.json("edit", message, "one big three", home: "phone")
    try await place.json("sync", daemon.address)
    for home in ["laptop", "phone"] {
      try await place.json("edit", message, "x", home: home)
      let deletion = try await place.json("log", home: home).array[0]["id"].text
      try await place.json("undo", deletion, home: home)
      try await place.json("sync", daemon.address)
    }
    let parts = try await place.json("inspect", "blame", message).array
    #expect(parts.map { $0["text"].text } == ["one ", "big ", "three"])
    #expect(parts.map { $0["name"].text } == ["laptop", "phone", "laptop"])
    #expect(parts.map { $0["putBack"]["name"].text } == ["phone", "phone", "phone"])
  }

  /// What was inserted at several places is quoted place by place.
  @Test func quotesInsertionsWithoutEffectApart() async throws {
    let (place, daemon, id) = try await Workplace.synced()
    try await place.json("notes", id, "bring the tickets and shoes")
    try await place.json("sync", daemon.address)
    try await place.json("devices", "restrict", "phone", "--to", "reader", "--yes")
    try await place.json("notes", id, "please bring the two tickets and warm shoes", home: "phone")
    try await place.json("sync", daemon.address)
    let told = try await place.golden("inspect", "why", id, "notes").replacing("\n    ", with: " ")
    #expect(
      told.contains("  phone         made 3 edits It inserted “please ”, “ two” and “ warm”. It does not count"),
      "\(told)")
    let one = try await place.json("inspect", "why", id, "notes")["uncounted"][0]
    #expect(one["insertions"].array.map { $0["text"].text } == ["please ", " two", " warm"])
    #expect(one["editCount"].count == 3 && one["inserted"]["count"].count == 16)
  }

  /// Two that undo each other's deletions of the same words, without having heard of the other's undo, leave these words deleted.
  @Test func tellsWhyWordsStayDeletedThatTwoUndid() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "one two three four five")["message"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("edit", message, "one two five")
    try await place.json("edit", message, "one four five", home: "phone")
    let own = try await place.json("log").array[0]["id"].text
    let theirs = try await place.json("log", home: "phone").array[0]["id"].text
    try await place.json("sync", daemon.address)
    try await place.json("undo", theirs)
    try await place.json("undo", own, home: "phone")
    try await place.json("sync", daemon.address)
    let left = try await place.json("show", id)["messages"][0]["text"].text
    #expect(left.contains("two ") && left.contains("four ") && !left.contains("three"))
    let told = try await place.golden("inspect", "why", message, "text")
    #expect(
      told.hasSuffix(
        """
        “three ” was deleted by bbbbbbbb on laptop and cccccccc on phone
            These deletions were all undone, and whoever undid one had not heard of
            undos of all others: each left these words to a deletion that stood there
            still, and so they are not there. `anabranch undo dddddddd` and then
            `anabranch undo bbbbbbbb` bring them back.

        """), "\(told)")
    // The same where what explains it is not listed.
    let last = try await place.golden("inspect", "why", message, "text", "--limit", "3")
    #expect(
      last.contains("\n… 1 more before; --limit\n") && last.contains("\n    These deletions were all undone, and"),
      "\(last)"
    )
    let meetings = try await place.json("inspect", "why", message, "text", "--limit", "3")["meetings"].array
    #expect(meetings.first { $0["kind"].text == "deletions" }?["undo"].texts.count == 2)
    let words = try await place.run("inspect", "why", message, "text").output
    for undo in words.matches(of: /`anabranch undo ([0-9a-f]+)`/) {
      let name = String(undo.output.1)
      try await place.json("undo", name)
    }
    #expect(try await place.json("show", id)["messages"][0]["text"].text == "one two three four five")
    let after = try await place.golden("inspect", "why", message, "text")
    #expect(!after.contains("It disappeared once: nothing else went for it."), "\(after)")
    #expect(
      after.replacing("\n    ", with: " ").contains(
        /It disappeared once, and stands again: put back by \w{8} on laptop\.\n$/),
      "\(after)")
    let again = try await place.json("inspect", "why", message, "text")
    let met = again["meetings"].array.filter { $0["kind"].text == "deletions" }
    #expect(met.map { $0["isShown"].array.map(\.bool) } == [[true]] && met[0]["putBackBy"].texts.count == 1)
    // Of what stands again a part goes, and then the rest.
    try await place.json("edit", message, "one two th four five")
    let some = try await place.golden("inspect", "why", message, "text").replacing("\n    ", with: " ")
    #expect(
      some.contains(/It disappeared once\. 3 of its 6 characters stand again: put back by \w{8} on laptop\.\n/),
      "\(some)")
    try await place.json("edit", message, "one two four five")
    #expect(
      try await place.golden("inspect", "why", message, "text").contains(
        "It disappeared once: nothing else went for it."))
  }
}
