import Foundation
import Testing

/// `inspect diverged` and `inspect blame`.
@Suite(.timeLimit(.minutes(3))) struct InspectDivergedTests {
  @Test func tellsWhatWasSaidAtEachPlaceSinceAllHadTheSame() async throws {
    let (place, id) = try await Workplace.merged()
    let daemon = try await Daemon(place, home: "phone")
    #expect(try await place.golden("inspect", "diverged", id) == "It has not diverged.\n")
    #expect(try await place.golden("inspect", "diverged") == "Nothing has diverged.\n")
    try await place.json("say", id, "Left at\nthe square, then past the church and down the stairs.")
    for number in 1...6 { try await place.json("say", id, "Or by tram \(number).", home: "phone") }
    try await place.json("say", id, "Tram 28.", "--role", "assistant", home: "phone")
    try await place.json("sync", daemon.address)
    let shown = try await place.golden("inspect", "diverged")
    #expect(
      shown.replacing(/\b(?!aaaaaaaa)[0-9a-f]{8}\b/, with: "<message>") == """
        aaaaaaaa  Lisbon in May
        All had
        │ <message>  <minute>  user       “Which way is it to the sea?”
        ├─laptop, 1 message since
        │   <message>  <minute>  user       “Left at the square, then past the c…
        ╰─phone, 7 messages since
            <message>  <minute>  user       “Or by tram 1.”
            <message>  <minute>  user       “Or by tram 2.”
            … 3 more messages
            <message>  <minute>  user       “Or by tram 6.”
            <message>  <minute>  assistant  “Tram 28.”
        It reads in this order. What a person says next follows all of them.

        """)
    let conversation = try await place.json("show", id)
    let messages = conversation["messages"].array
    let report = try await place.json("inspect", "diverged")
    #expect(report.keys == ["count", "divergences"] && report["count"].count == 1)
    let divergence = report["divergences"][0]
    #expect(report["divergences"].array.count == 1 && divergence["conversation"].text == id)
    #expect(divergence["ancestor"].text == messages[0]["id"].text)
    #expect(divergence["branches"].array.map { $0["devices"].texts } == [["laptop"], ["phone"]])
    let told = divergence["branches"].array.flatMap { $0["messages"].texts }
    #expect(told == messages.dropFirst().map { $0["id"].text }, "in the order of the reading")
    // Whoever goes on joins them.
    try await place.json("say", id, "By tram, then.")
    let joined = try await place.json("inspect", "diverged")
    #expect(joined["count"].count == 0 && joined["divergences"].isArray && joined["divergences"].array.isEmpty)
    #expect(try await place.run("inspect", "diverged", "--limit", "0").status == 64)
  }

  @Test func tellsWhereTwoBeganWithoutEachOther() async throws {
    let place = try Workplace()
    for name in ["laptop", "phone"] { try await place.replica(name) }
    let id = try await place.json("new", "Trip")["conversation"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("say", id, "Hello")
    try await place.json("say", id, "Olá", home: "phone")
    try await place.json("sync", daemon.address)
    #expect(
      try await place.golden("inspect", "diverged").contains(
        "They began without knowing of each other's.\n├─"))
    #expect(try await place.json("inspect", "diverged")["divergences"][0]["ancestor"].isNull)
  }

  /// Who knew of a part of another branch did not write beside that.
  @Test func tellsWhatABranchGoesOnFrom() async throws {
    let place = try Workplace()
    for name in ["laptop", "phone", "desk"] { try await place.replica(name) }
    let id = try await place.json("new", "Trip")["conversation"].text
    let first = try await place.json("say", id, "Where to?")["message"].text
    func sync(_ home: String) async throws {
      let daemon = try await Daemon(place, home: home)
      try await place.json("sync", daemon.address)
      try await daemon.end(by: SIGTERM)
    }
    for name in ["phone", "desk"] { try await sync(name) }
    let sea = try await place.json("say", id, "To the sea", home: "phone")["message"].text
    try await sync("phone")
    try await place.json("say", id, "To the mountains", home: "desk")
    try await place.json("say", id, "By train", home: "phone")
    try await place.json("say", id, "Which sea?")
    for name in ["phone", "desk"] { try await sync(name) }
    let text = try await place.golden("inspect", "diverged")
    #expect(
      text.replacing(/\b(?!aaaaaaaa)[0-9a-f]{8}\b/, with: "<message>") == """
        aaaaaaaa  Trip
        All had
        │ <message>  <minute>  user       “Where to?”
        ├─desk, 1 message since
        │   <message>  <minute>  user       “To the mountains”
        ├─phone, 2 messages since
        │   <message>  <minute>  user       “To the sea”
        │   <message>  <minute>  user       “By train”
        ╰─laptop, 1 message after <message>
            <message>  <minute>  user       “Which sea?”
        It reads in another order: see `anabranch show aaaaaaaa`. What a person says
        next follows all of them.

        """)
    let report = try await place.json("inspect", "diverged")["divergences"][0]
    #expect(report["branches"].array.map { $0["after"].isNull ? "" : $0["after"].text } == ["", "", sea])
    #expect(report["readsInOrder"].bool == false && report["isGoneOnWith"].bool == true)
    let read = try await place.json("show", id)["messages"].array.map { $0["text"].text }
    #expect(read.prefix(3) == ["Where to?", "To the sea", "To the mountains"])

    // A branch that was written later is gone on with.
    try await place.json("branch", first, "Or stay?")
    let words = try await place.golden("inspect", "diverged").split(whereSeparator: \.isWhitespace).joined(
      separator: " ")
    #expect(words.hasSuffix("Another branch was written later: what is said next goes on there."), "\(words)")
    #expect(try await place.json("inspect", "diverged")["divergences"][0]["isGoneOnWith"].bool == false)
    try await place.json("say", id, "What next?")
    #expect(try await place.json("inspect", "diverged")["count"].count == 1)
  }

  @Test func tellsThatThereAreMoreThanItShows() async throws {
    let place = try Workplace()
    for name in ["laptop", "phone"] { try await place.replica(name) }
    var ids: [String] = []
    for number in 1...4 { ids.append(try await place.json("new", "Trip \(number)")["conversation"].text) }
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    for id in ids {
      for home in ["laptop", "phone"] { try await place.json("say", id, "From the \(home)", home: home) }
    }
    try await place.json("sync", daemon.address)
    // What lies in the trash is not among them.
    try await place.json("delete", ids[0])
    for (limit, rest) in [("1", "… and 2 more conversations; --limit"), ("2", "… and 1 more conversation; --limit")] {
      let text = try await place.golden("inspect", "diverged", "--limit", limit)
      #expect(text.hasSuffix("follows all of them.\n\n\(rest)\n"), "\(text)")
      let report = try await place.json("inspect", "diverged", "--limit", limit)
      #expect(report["count"].count == 3 && report["divergences"].array.count == Int(limit))
    }
    #expect(try await !place.golden("inspect", "diverged", "--limit", "3").contains("…"))
    let one = try await place.json("inspect", "diverged", ids[1], "--limit", "1")
    #expect(one["count"].count == 1 && one["divergences"].array.count == 1)
  }

  @Test func tellsWhoWroteWhatOfAMessage() async throws {
    let (place, id) = try await Workplace.merged()
    let daemon = try await Daemon(place, home: "phone")
    let message = try await place.json("show", id)["messages"][0]["id"].text
    try await place.json("edit", message, "Which way is it to the wide sea?")
    try await place.json("sync", daemon.address)
    #expect(
      try await place.golden("inspect", "blame", message) == """
        phone <minute>
          Which way is it to the
        laptop <minute>
          wide
        phone <minute>
          sea?

        """)
    let parts = try await place.json("inspect", "blame", message).array
    #expect(parts.map { $0["text"].text }.joined() == "Which way is it to the wide sea?")
    let change = parts[1]["replica"].text + "/\(parts[1]["change"].count)"
    #expect(try await place.json("inspect", "show", change)[0]["operations"][0]["target"].text == message)
    #expect(try await place.json("history", message, "--blame").array.count == parts.count)
  }
}
