import Foundation
import Testing

/// `inspect why` of texts, as it reads at 80 columns.
@Suite(.timeLimit(.minutes(3))) struct InspectTextTests {
  /// A message that two devices edit without knowing of each other, and then merged.
  private func edited(
    _ text: String, _ laptop: String, _ phone: String
  ) async throws -> (place: Workplace, message: String) {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, text)["message"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("edit", message, laptop)
    try await place.json("edit", message, phone, home: "phone")
    try await place.json("sync", daemon.address)
    return (place, message)
  }

  @Test func tellsHowTwoEditsWereMerged() async throws {
    let (place, message) = try await edited("the cat sat down", "the black cat sat", "the big cat sat")
    let told = try await place.golden("inspect", "why", message, "text")
    // Logs have random names, and so either goes first.
    let isBlackFirst = told.contains("“the black big cat sat”")
    let (laptop, phone) = ("“black ” of bbbbbbbb on laptop", "“big ” of cccccccc on phone")
    let (first, second) = isBlackFirst ? (laptop, phone) : (phone, laptop)
    let expected = """
      The text of aaaaaaaa is “the \(isBlackFirst ? "black big" : "big black") cat sat”.

      It began with:

      ✓  aaaaaaaa  <minute>  laptop        said “the cat sat down”
          11 of its 16 characters show.

      Then, in this order:

      ✓  bbbbbbbb  <minute>  laptop        made 2 edits
          It inserted “black ” and deleted “ down”. Its writer and that of cccccccc on
          phone had not seen each other's.

      ✓  cccccccc  <minute>  phone         made 2 edits
          It inserted “big ” and deleted “ down”. Its writer and that of bbbbbbbb on
          laptop had not seen each other's.

      Where they met:

      \(first) stands before \(second)
          Both were inserted at one place. On all devices the one of the lesser log
          goes first: dddddddd before eeeeeeee.

      “ down” was deleted by bbbbbbbb on laptop and cccccccc on phone
          It disappeared once: nothing else went for it.

      """
    #expect(told == expected)
    #expect(try await place.golden("inspect", "why", message, "text", "--home", place.path("phone")) == expected)
    let coloured = try await place.run("inspect", "why", message, "text", "--color", "always").output
    #expect(coloured.contains(/^\u{1B}\[1mThe text of [0-9a-f]{8} is “the .* cat sat”\.\u{1B}\[0m\n\nIt began with:\n/))
    #expect(coloured.contains("\n\n\u{1B}[32m✓\u{1B}[0m  \u{1B}[33m") && coloured.contains("\n\u{1B}[36m“"))
    let plain = try await place.run("inspect", "why", message, "text").output
    #expect(coloured.replacing(/\u{1B}\[\d*m/, with: "") == plain)
  }

  @Test func tellsTheSameAsJSON() async throws {
    let (place, message) = try await edited("the cat sat down", "the black cat sat", "the big cat sat")
    let why = try await place.json("inspect", "why", message, "text")
    #expect(why["object"].text == message && why["what"].text == "text")
    #expect(why["words"]["count"].count == 21 && why["words"]["text"].text.hasSuffix(" cat sat"))
    let base = why["bases"][0]
    #expect(why["bases"].array.count == 1 && base["standing"].text == "shown" && base["tiebreak"].isNull)
    #expect(
      base["words"]["text"].text == "the cat sat down" && base["device"].text == "laptop" && base["edits"].count == 2)
    #expect(base["kind"].count == 2 && base["updated"].isNull && base["imports"].count == 1)
    #expect(why["baseShown"].count == 11 && why["stepCount"].count == 2 && why["uncounted"].array.isEmpty)
    let steps = why["steps"].array
    #expect(steps.map { $0["device"].text } == ["laptop", "phone"])
    #expect(steps.map { $0["inserted"].count } == [6, 4] && steps.map { $0["shown"].count } == [6, 4])
    #expect(steps.map { $0["deleted"].count } == [5, 5] && steps.map { $0["editCount"].count } == [2, 2])
    #expect(steps[0]["edits"].array.map { $0["kind"].text } == ["inserted", "deleted"])
    #expect(steps[0]["edits"].array.map { $0["words"]["text"].text } == ["black ", " down"])
    #expect(steps[0]["concurrent"].texts == [steps[1]["operation"].text] && steps[0]["concurrentCount"].count == 1)
    #expect(steps[0]["undoes"].array.isEmpty && steps[0]["undoneBy"].isNull)
    #expect(
      steps[0]["log"].text == base["log"].text && !steps[0]["action"].text.isEmpty && !steps[0]["time"].text.isEmpty)
    let meetings = why["meetings"].array
    #expect(meetings.map { $0["kind"].text } == ["insertions", "deletions"] && why["meetingCount"].count == 2)
    let operations = steps.map { $0["operation"].text }
    #expect(meetings[0]["operations"].texts == operations.sorted() && meetings[0]["rule"].text == "log")
    #expect(Set(meetings[0]["words"].array.map { $0["text"].text }) == ["black ", "big "])
    #expect(meetings[1]["operations"].texts == operations && meetings[1]["rule"].isNull)
    #expect(meetings[1]["words"].array.map { $0["text"].text } == [" down"])
  }

  @Test func tellsOfWordsWithinADeletion() async throws {
    let (place, message) = try await edited("go in May or June", "go", "go in May, no, or June")
    let told = try await place.golden("inspect", "why", message, "text")
    #expect(told.hasPrefix("The text of aaaaaaaa is “go, no,”.\n"))
    #expect(
      told.hasSuffix(
        """

        Where they met:

        “, no,” of cccccccc on phone stands within what bbbbbbbb on laptop deleted
            A deletion takes what its writer saw, and nobody showed them this: it stays.

        """), "\(told)")
    let meeting = try await place.json("inspect", "why", message, "text")["meetings"][0]
    #expect(meeting["kind"].text == "insertion-within" && meeting["words"][0]["text"].text == ", no,")
  }

  @Test func tellsWhatWasUndoneAndPurged() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    #expect(
      try await place.golden("inspect", "why", id, "notes") == """
        The notes of aaaaaaaa are empty.

        Nothing was there at first.

        Nobody has edited it.

        """)
    try await place.json("notes", id, "secret: 1234, and the tickets")
    try await place.json("notes", id, "and the tickets")
    try await place.json("notes", id, "and the tickets, two of them")
    try await place.json("undo")
    #expect(
      try await place.golden("inspect", "why", id, "notes", "--limit", "3") == """
        The notes of aaaaaaaa are “and the tickets↵”.

        Nothing was there at first.

        Then, in this order:

        … 1 more before; --limit

        ✓  bbbbbbbb  <minute>  laptop        deleted “secret: 1234, ”
            Its writer had seen all before it; nobody else wrote meanwhile.

        ·  cccccccc  <minute>  laptop        inserted “, two of them”
            Its writer had seen all before it; nobody else wrote meanwhile. Nothing of
            what it inserted shows any more. Taken back by the undo dddddddd on laptop,
            as far as it stood.

        ✓  dddddddd  <minute>  laptop        deleted “, two of them”
            Its writer had seen all before it; nobody else wrote meanwhile. It is an
            undo: it took back cccccccc on laptop.

        """)
    try await place.json("purge", id, "--past", "--notes", "--yes", "--now")
    let purged = """
      ✓  bbbbbbbb  <minute>  laptop        made 1 edit
          It inserted “and the tickets↵” and 14 purged characters. Its writer had seen
          all before it; nobody else wrote meanwhile. 16 of the 30 characters that it
          inserted show.

      ✓  cccccccc  <minute>  laptop        deleted 14 purged characters
          Its writer had seen all before it; nobody else wrote meanwhile.

      ·  dddddddd  <minute>  laptop        inserted 13 purged characters

      """
    let told = try await place.golden("inspect", "why", id, "notes")
    #expect(told.contains(purged), "\(told)")
    let words = try await place.json("inspect", "why", id, "notes")["steps"].array.map { $0["edits"][0]["words"] }
    #expect(
      words.map { $0["purged"].count } == [14, 14, 13, 13] && words.map { $0["count"].count } == [30, 14, 13, 13])
    #expect(words.map { $0["text"].text } == ["and the tickets\n", "", "", ""])
    #expect(try await place.golden("inspect", "why", id, "draft").hasPrefix("The draft of aaaaaaaa is empty.\n"))
    try await place.run("inspect", "why", id, "text", "--json").failure("not-found")
    #expect(try await place.run("inspect", "why", id, "notes", "--limit", "0").status == 64)
    #expect(try await place.run("inspect", "why", "settings", "notes").output == "Nobody ever set “notes”.\n")
  }

  @Test func tellsOnlyWhatAnUndoTookBackOfTheText() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    func action() async throws -> String { try await place.json("log").array[0]["id"].text }
    try await place.json("title", id, "Lisbon")
    let first = try await action()
    try await place.json("notes", id, "one")
    for tag in ["sea", "sun", "salt"] { try await place.json("tag", id, tag) }
    try await place.json("undo", "--from", "laptop", "--since", first)
    let one = try await place.golden("inspect", "why", id, "notes")
    #expect(one.hasSuffix("It is an\n    undo: it took back bbbbbbbb on laptop.\n"), "\(one)")
    let steps = try await place.json("inspect", "why", id, "notes")["steps"].array
    #expect(steps.map { $0["undoes"].texts } == [[], [steps[0]["action"].text]])
    try await place.json("notes", id, "two")
    let second = try await action()
    for words in ["two three", "two three four", "two three four five", "six"] {
      try await place.json("notes", id, words)
    }
    try await place.json("undo", "--from", "laptop", "--since", second)
    let told = try await place.golden("inspect", "why", id, "notes", "--limit", "1")
      .replacingOccurrences(of: "\n    ", with: " ")
    let names = ["cccccccc", "dddddddd", "eeeeeeee"].map { "\($0) on laptop" }.joined(separator: ", ")
    #expect(told.hasSuffix("It is an undo: it took back \(names) and 2 more.\n"), "\(told)")
    let last = try await place.json("inspect", "why", id, "notes", "--limit", "1")["steps"][0]
    #expect(last["undoes"].array.count == 5 && last["undoes"].texts.contains(second))
  }

  @Test func tellsThatWordsThatMetDoNotShowAnyMore() async throws {
    let (place, message) = try await edited("the cat sat", "the old cat sat", "the wet cat sat")
    try await place.json("edit", message, "the wet cat sat")
    func told() async throws -> (text: String, isShown: [[Bool?]]) {
      (
        try await place.golden("inspect", "why", message, "text").replacingOccurrences(of: "\n    ", with: " "),
        try await place.json("inspect", "why", message, "text")["meetings"].array.map {
          $0["isShown"].array.map(\.bool)
        }
      )
    }
    let one = try await told()
    #expect(one.text.contains(/“(old|wet) ” of \w{8} on \w+ stood before “(old|wet) ” of/), "\(one)")
    #expect(
      one.text.contains(/Both were inserted at one place, and the (first|second) one does not show any more\. On all/))
    #expect(one.isShown == [[true, false]] || one.isShown == [[false, true]])
    try await place.json("edit", message, "cat")
    let none = try await told()
    #expect(none.text.contains("Both were inserted at one place, and neither shows any more. On all"), "\(none)")
    #expect(none.isShown == [[false, false]] && !none.text.contains("stands"))
  }

  @Test func tellsWhatHasNoEffect() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("devices", "restrict", "phone", "--to", "reader", "--yes")
    try await place.json("notes", id, "no longer heard", home: "phone")
    try await place.json("sync", daemon.address)
    #expect(
      try await place.golden("inspect", "why", id, "notes") == """
        The notes of aaaaaaaa are empty.

        Nothing was there at first.

        Nobody has edited it.

        Without effect:

        ·  bbbbbbbb  <minute>  phone         inserted “no longer heard↵”
            It does not count: its device may only read.

        """)
    let one = try await place.json("inspect", "why", id, "notes")["uncounted"][0]
    #expect(one["role"].text == "reader" && one["inserted"]["count"].count == 16 && one["deleted"].count == 0)
  }

  /// What ChatGPT exports of one conversation with a message, as of some second.
  private func export(_ words: String, second: Int) -> String {
    """
    [{"id": "lisbon", "title": "Lisbon", "create_time": 1718000000.0, "update_time": \(second).0, "current_node": "a",
      "mapping": {"a": {"id": "a", "parent": null, "children": [], "message": {
        "id": "a", "author": {"role": "user"}, "create_time": 1718000000.0, "update_time": \(second).0,
        "content": {"content_type": "text", "parts": ["\(words)"]}}}}}]
    """
  }

  @Test func tellsWhichImportATextBeganWith() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let old = try place.write(export("In May?", second: 1_718_000_300), to: "old.json")
    let new = try place.write(export("In May, or June?", second: 1_718_000_400), to: "new.json")
    try await place.json("import", old)
    try await place.json("import", new, home: "phone")
    let message = try await place.json("show", place.json("list").array[0]["id"].text)["messages"].array[0]["id"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    #expect(
      try await place.golden("inspect", "why", message, "text") == """
        The text of aaaaaaaa is “In May, or June?”.

        It began with:

        ✓  bbbbbbbb  <minute>  phone         imported “In May, or June?”
            All of it shows.

        Other imports say something else:

        ·  cccccccc  <minute>  laptop        imported “In May?”
            Of several texts one shows, whole, and that is of bbbbbbbb on phone: its
            conversation was changed last, by its source, at <time>,
            and that of this one at <time>.

        Nobody has edited it.

        """)
    let unedited = try await place.json("inspect", "why", message, "text")["bases"].array
    #expect(
      unedited.map { $0["standing"].text } == ["shown", "passed-over"] && unedited[1]["tiebreak"].text == "source")
    try await place.json("edit", message, "In May, or June, or never?")
    let told = try await place.golden("inspect", "why", message, "text")
    #expect(
      told.contains(
        """
        ·  cccccccc  <minute>  laptop        imported “In May?”
            It does not show: edits stay on the words that they were made on, and nobody
            edited these.

        Then, in this order:

        ✓  dddddddd  <minute>  laptop        inserted “, or never”
        """), "\(told)")
    let edited = try await place.json("inspect", "why", message, "text")["bases"].array
    #expect(edited.map { $0["standing"].text } == ["shown", "unedited"] && edited.map { $0["edits"].count } == [1, 0])
  }

  /// Edits stay on the words that they were made on, also where another import of the message goes before those.
  @Test func tellsWhichImportTheTextOfAMessageIsFrom() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let old = try place.write(export("In May?", second: 1_718_000_300), to: "old.json")
    let new = try place.write(export("In May, or June?", second: 1_718_000_400), to: "new.json")
    try await place.json("import", old)
    let id = try await place.json("list").array[0]["id"].text
    let message = try await place.json("show", id)["messages"].array[0]["id"].text
    try await place.json("edit", message, "In May, or never?")
    try await place.json("import", new, home: "phone")
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    #expect(try await place.json("show", id)["messages"].array[0]["text"].text == "In May, or never?")
    let told = """
      The message aaaaaaaa shows.

      ✓  bbbbbbbb  <minute>  phone         imported “In May, or June?”
          It shows: of several imports this one goes before the others; see below. But
          its text is not what shows: that is from cccccccc on laptop, which was
          edited, and edits stay on the words that they were made on.
          It builds on change 2 of laptop, change 1 of phone.

      ·  cccccccc  <minute>  laptop        imported “In May?”
          Of several imports one shows, and that is bbbbbbbb on phone: its
          conversation was changed last, by its source, at <time>,
          and that of this one at <time>. But the text is from this
          one, which was edited.
          It builds on change 2 of laptop, change 1 of phone.

      """
    #expect(try await place.golden("inspect", "why", message) == told)
    let contenders = try await place.json("inspect", "why", message)["contenders"].array
    #expect(contenders[0]["textFrom"].text == contenders[1]["operation"].text && contenders[1]["textFrom"].isNull)
  }
}
