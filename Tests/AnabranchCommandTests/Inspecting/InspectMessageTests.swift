import Foundation
import Testing

/// `inspect why` of messages, imports and settings, as it reads at 80 columns.
@Suite(.timeLimit(.minutes(3))) struct InspectMessageTests {
  /// A message that the laptop takes back while the phone, which does not know, does `act` about it.
  private func takenBack(
    _ act: (Workplace, _ message: String, _ conversation: String) async throws -> Void
  ) async throws -> (place: Workplace, message: String, conversation: String) {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "Where to?")["message"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("undo")
    try await act(place, message, id)
    try await place.json("sync", daemon.address)
    return (place, message, id)
  }

  @Test func tellsWhyAMessageShowsOrNot() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "Where to?")["message"].text
    #expect(
      try await place.golden("inspect", "why", message) == """
        The message aaaaaaaa shows.

        ✓  aaaaaaaa  <minute>  laptop        said “Where to?”
            It counts: nobody took it back.
            It builds on change 2 of laptop.

        """)
    try await place.json("undo")
    let hidden = """
      The message aaaaaaaa does not show: it was taken back.

      ✓  bbbbbbbb  <minute>  laptop        took it back
          It hides it: its writer had seen all that was done to it, and nothing
          follows it that shows.
          It builds on change 3 of laptop.

      ·  aaaaaaaa  <minute>  laptop        said “Where to?”
          Taken back by the undo bbbbbbbb on laptop.
          It builds on change 2 of laptop.

      """
    #expect(try await place.golden("inspect", "why", message, "message") == hidden)
    let remedy = "see `anabranch inspect why \(message.prefix(8))`"
    for what in ["text", "place"] {
      let result = try await place.run("inspect", "why", message, what)
      #expect(
        result.status == 1 && result.errors.contains("the message \(message) does not show")
          && result.errors.contains(remedy), "\(result)")
    }
    let why = try await place.json("inspect", "why", message)
    #expect(why["object"].text == message && why["what"].text == "message")
    #expect(why["contenders"].array.map { $0["fate"].text } == ["stands", "withdrawn"])
    #expect(why["contenders"][1]["byAction"].text == why["contenders"][0]["action"].text)
    #expect(why["contenders"][1]["value"].text == "Where to?" && why["contenders"][0]["other"].isNull)
    // The undo is undone.
    try await place.json("undo", why["contenders"][0]["action"].text)
    #expect(
      try await place.golden("inspect", "why", message) == """
        The message aaaaaaaa shows.

        ✓  bbbbbbbb  <minute>  laptop        brought it back
            It ended an undo: what that took back counts again.
            It builds on change 4 of laptop.

        ✓  aaaaaaaa  <minute>  laptop        said “Where to?”
            It counts: nobody took it back.
            It builds on change 2 of laptop.

        ·  cccccccc  <minute>  laptop        took it back
            Undone in turn by bbbbbbbb on laptop.
            It builds on change 3 of laptop.

        """)
    try await place.json("delete", id)
    let trashed = try await place.golden("inspect", "why", message)
    #expect(trashed.hasPrefix("The message aaaaaaaa lies in the trash, with its conversation.\n"))
    #expect(trashed.contains("laptop        deleted its conversation\n    It hides the conversation, and the message"))
    try await place.json("restore", id)
    try await place.json("purge", message, "--yes")
    #expect(
      try await place.golden("inspect", "why", message) == """
        The message aaaaaaaa was purged: it is hidden for good, its bytes go later.

        ✓  bbbbbbbb  <minute>  laptop        purged it
            It takes it from every device, whatever else was done to it or will be. Its
            bytes go from this device after <minute>.
            It builds on change 7 of laptop.

        ·  aaaaaaaa  <minute>  laptop        said it
            It is hidden for good: bbbbbbbb on laptop purged it.
            It builds on change 2 of laptop.

        """)
    try await place.run("inspect", "why", id, "--json").failure("usage", status: 64)
    let text = try await place.run("inspect", "why", message, "text")
    #expect(text.status == 1 && text.errors.contains("was purged") && text.errors.contains(remedy), "\(text)")
    try await place.run("inspect", "why", "01234567", "--json").failure("not-found")
    #expect(try await place.run("inspect", "why", id, "colour").status == 64)
  }

  @Test func tellsWhatKeepsAMessageThatWasTakenBack() async throws {
    let (place, message, _) = try await takenBack { place, message, _ in
      try await place.json("edit", message, "Where to in May?", home: "phone")
    }
    let edited = """
      The message aaaaaaaa shows.

      ✓  bbbbbbbb  <minute>  phone         edited it
          It keeps it: not all who took it back had seen this.
          It builds on change 4 of laptop, change 1 of phone.

      ✓  aaaaaaaa  <minute>  laptop        said “Where to?”
          It shows, though somebody took it back: something keeps it.
          It builds on change 3 of laptop.

      ·  cccccccc  <minute>  laptop        took it back
          It takes back what its writer had seen, and that was not bbbbbbbb on phone.
          It builds on change 4 of laptop, change 1 of phone.

      """
    #expect(try await place.golden("inspect", "why", message) == edited)
    #expect(
      try await place.golden("inspect", "why", message, "--color", "always")
        .contains("\u{1B}[32m✓\u{1B}[0m  \u{1B}[33mbbbbbbbb\u{1B}[0m  \u{1B}[2m<minute>\u{1B}[0m"))
  }

  @Test func tellsThatAnAnswerKeepsWhatItFollows() async throws {
    let (place, message, _) = try await takenBack { place, _, id in
      try await place.json("say", id, "To the sea.", home: "phone")
    }
    #expect(
      try await place.golden("inspect", "why", message) == """
        The message aaaaaaaa shows.

        ✓  bbbbbbbb  <minute>  phone         said bbbbbbbb, which follows it
            It keeps it: what a message that shows follows shows too.
            It builds on change 4 of laptop, change 1 of phone.

        ✓  aaaaaaaa  <minute>  laptop        said “Where to?”
            It shows, though somebody took it back: something keeps it.
            It builds on change 3 of laptop.

        ·  cccccccc  <minute>  laptop        took it back
            It does not hide it: a message follows it that shows, by bbbbbbbb on phone.
            It builds on change 4 of laptop, change 1 of phone.

        """)
    let contenders = try await place.json("inspect", "why", message)["contenders"].array
    #expect(contenders.map { $0["fate"].text } == ["stands", "stands", "overtaken"])
    let answer = try await place.json("show", place.json("list").array[0]["id"].text)["messages"].array.last
    #expect(contenders[0]["other"].text == answer?["id"].text)
  }

  @Test func tellsWhoPurgedAConversation() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    #expect(try await place.golden("inspect", "why", id, "purge") == "Nobody ever purged aaaaaaaa.\n")
    try await place.json("purge", id, "--yes")
    let purged = """
      The conversation aaaaaaaa was purged: it is hidden for good, its bytes go later.

      ✓  bbbbbbbb  <minute>  laptop        purged it
          It takes it from every device, whatever else was done to it or will be. Its
          bytes go from this device after <minute>.
          It builds on change 2 of laptop.

      """
    #expect(try await place.golden("inspect", "why", id) == purged)
    #expect(try await place.golden("inspect", "why", id, "purge") == purged)
    let why = try await place.json("inspect", "why", id)
    #expect(why["what"].text == "purge" && why["contenders"].array.map { $0["fate"].text } == ["stands"])
    for what in ["title", "trash", "notes"] {
      let result = try await place.run("inspect", "why", id, what)
      #expect(
        result.status == 1 && result.errors.contains("was purged")
          && result.errors.contains("see `anabranch inspect why \(id.prefix(8))`"), "\(result)")
    }
  }

  @Test func tellsOfAllThatKeepsAMessage() async throws {
    let (place, message, id) = try await takenBack { place, message, id in
      try await place.json("edit", message, "Where to in May?", home: "phone")
      try await place.json("say", id, "To the sea.", home: "phone")
    }
    let kept = """
      The message aaaaaaaa shows.

      ✓  bbbbbbbb  <minute>  phone         said bbbbbbbb, which follows it
          It keeps it: what a message that shows follows shows too.
          It builds on change 4 of laptop, change 2 of phone.

      ✓  cccccccc  <minute>  phone         edited it
          It keeps it: not all who took it back had seen this.
          It builds on change 4 of laptop, change 1 of phone.

      ✓  aaaaaaaa  <minute>  laptop        said “Where to?”
          It shows, though somebody took it back: something keeps it.
          It builds on change 3 of laptop.

      ·  dddddddd  <minute>  laptop        took it back
          It takes back what its writer had seen, and that was not cccccccc on phone.
          It builds on change 4 of laptop, change 1 of phone.

      """
    #expect(try await place.golden("inspect", "why", message) == kept)
    let answer = try await place.json("show", id)["messages"].array.last
    let contenders = try await place.json("inspect", "why", message)["contenders"].array
    #expect(contenders[0]["other"].text == answer?["id"].text && contenders[0]["fate"].text == "stands")
    // Who takes the edit back edits the message in turn, without having taken the message back once more.
    try await place.json("undo", contenders[1]["action"].text)
    let told = try await place.golden("inspect", "why", message)
    #expect(told.contains(/said [a-f]{8}, which follows it\n    It keeps it:/), "\(told)")
    #expect(told.contains(/laptop        undid [a-f0-9]{8}\n    It keeps it:/), "\(told)")
    let after = try await place.json("inspect", "why", message)["contenders"].array
    #expect(after.filter { $0["isUndo"].bool == true }.map { $0["kind"].count }.sorted() == [12, 17])
  }

  @Test func tellsThatOnlyOneOfTwoImportsWasTakenBack() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let file = try place.write(export("Lisbon", "In May?", second: 1_718_000_300), to: "export.json")
    try await place.json("import", file)
    try await place.json("import", file, home: "phone")
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    let id = try await place.json("list").array[0]["id"].text
    let message = try await place.json("show", id)["messages"].array[0]["id"].text
    let both = try await place.json("inspect", "why", message)["contenders"].array
    let theirs = try #require(both.first { $0["device"].text == "phone" })
    try await place.json("undo", theirs["action"].text)
    let told = try await place.golden("inspect", "why", message)
    #expect(
      told == """
        The message aaaaaaaa shows.

        ✓  bbbbbbbb  <minute>  laptop        imported “In May?”
            It shows: nobody took this import back, only another one.
            It builds on change 2 of laptop, change 1 of phone.

        ·  cccccccc  <minute>  laptop        took it back
            It takes back the imports that it names, and not bbbbbbbb on laptop, which
            imported it too.
            It builds on change 3 of laptop, change 2 of phone.

        ·  dddddddd  <minute>  phone         imported “In May?”
            Taken back by the undo cccccccc on laptop.
            It builds on change 2 of laptop, change 1 of phone.

        """)
    let after = try await place.json("inspect", "why", message)["contenders"].array
    #expect(after.map { $0["fate"].text } == ["stands", "incomplete", "withdrawn"])
    #expect(after[1]["by"].text == after[0]["operation"].text && after[1]["by"].text != theirs["operation"].text)
  }

  /// What ChatGPT exports of one conversation with a message, as of some second.
  private func export(_ title: String, _ words: String, second: Int) -> String {
    """
    [{"id": "lisbon", "title": "\(title)", "create_time": 1718000000.0, "update_time": \(second).0, "current_node": "a",
      "mapping": {"a": {"id": "a", "parent": null, "children": [], "message": {
        "id": "a", "author": {"role": "user"}, "create_time": 1718000000.0, "update_time": \(second).0,
        "content": {"content_type": "text", "parts": ["\(words)"]}}}}}]
    """
  }

  @Test func tellsWhichOfSeveralImportsShows() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let old = try place.write(export("Lisbon", "In May?", second: 1_718_000_300), to: "old.json")
    let new = try place.write(export("Lisbon in May", "In May, or June?", second: 1_718_000_400), to: "new.json")
    try await place.json("import", new)
    try await place.json("import", old, home: "phone")
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    let id = try await place.json("list").array[0]["id"].text
    let message = try await place.json("show", id)["messages"].array[0]["id"].text
    let title = """
      The title of aaaaaaaa is “Lisbon in May”.

      ✓  bbbbbbbb  <minute>  laptop        imported “Lisbon in May”
          It shows: nobody has written another one here, and of several imports this
          one goes before the others; see below.
          It builds on change 2 of laptop, change 1 of phone.

      ·  cccccccc  <minute>  phone         imported “Lisbon”
          Of several imports one shows, whole, and that is bbbbbbbb on laptop: its
          source changed it last at <time>, and this one's at
          <time>.
          It builds on change 2 of laptop, change 1 of phone.

      """
    for home in ["laptop", "phone"] {
      #expect(try await place.golden("inspect", "why", id, "title", "--home", place.path(home)) == title)
    }
    #expect(
      try await place.golden("inspect", "why", message).contains(
        """
        ✓  bbbbbbbb  <minute>  laptop        imported “In May, or June?”
            It shows: of several imports this one goes before the others; see below.
        """))
    let contenders = try await place.json("inspect", "why", id, "title")["contenders"].array
    #expect(contenders.map { $0["fate"].text } == ["stands", "passed-over"])
    #expect(contenders[1]["tiebreak"].text == "source" && contenders[1]["by"].text == contenders[0]["operation"].text)
    #expect(contenders.map { $0["updated"].text } == ["2024-06-10T06:20:00.000Z", "2024-06-10T06:18:20.000Z"])
    // What a person writes goes before all of them.
    try await place.json("title", id, "Portugal")
    let after = try await place.json("inspect", "why", id, "title")["contenders"].array
    #expect(after.map { $0["fate"].text } == ["stands", "passed-over", "yields"])
  }

  @Test func tellsWhyASettingIsWhatItIs() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    #expect(try await place.golden("inspect", "why", "settings", "trash.days") == "Nobody ever set “trash.days”.\n")
    try await place.json("settings", "trash.days", "30")
    try await place.json("settings", "trash.days", "60", home: "phone")
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    #expect(
      try await place.golden("inspect", "why", "settings", "trash.days") == """
        The setting “trash.days” is “60”.

        ✓  aaaaaaaa  <minute>  phone         wrote “60”
            It shows: of several that nothing replaced, this one wins; see below.
            It builds on change 2 of laptop, change 1 of phone.

        ·  bbbbbbbb  <minute>  laptop        wrote “30”
            Its writer and that of aaaaaaaa on phone had not seen each other's. The
            later one shows: <time> is after <time>.
            It builds on change 2 of laptop, change 1 of phone.

        Several values stand. Whoever writes one now, having seen them all, replaces
        them.

        """)
    let why = try await place.json("inspect", "why", "settings", "trash.days")
    #expect(why["what"].text == "field:trash.days" && why["contenders"].array.map { $0["value"].text } == ["60", "30"])
    #expect(try await place.run("inspect", "why", "settings").status == 64)
  }
}
