import Testing

/// `inspect why ID trash`.
@Suite(.timeLimit(.minutes(3))) struct InspectTrashTests {
  @Test func tellsWhatKeepsAConversationOutOfTheTrash() async throws {
    let (place, id) = try await Workplace.merged()
    let before = try await place.json("new", "Kept")["conversation"].text
    #expect(try await place.golden("inspect", "why", before, "trash") == "Nobody ever deleted aaaaaaaa.\n")
    let alive = try await place.golden("inspect", "why", id, "trash")
    #expect(
      alive == """
        aaaaaaaa does not lie in the trash.

        ✓  bbbbbbbb  <minute>  phone         renamed “Trip” to “Lisbon in May”
            It keeps it out of the trash: whoever deleted it had not seen this.
            It builds on change 3 of laptop, change 3 of phone.

        ·  cccccccc  <minute>  laptop        deleted it
            It hides only what its writer had seen, and that was not bbbbbbbb on phone.
            It builds on change 6 of laptop, change 1 of phone.

        ·  dddddddd  <minute>  laptop        took the tag “travel” from it
            Whoever deleted it by cccccccc on laptop had seen it.
            It builds on change 5 of laptop.

        """)
    // Now somebody deletes it who has seen all.
    try await place.json("delete", id)
    let deleted = try await place.golden("inspect", "why", id, "trash")
    #expect(
      deleted == """
        aaaaaaaa lies in the trash.

        ✓  bbbbbbbb  <minute>  laptop        deleted it
            It hides it: its writer had seen all that was done to it, imports apart.
            It builds on change 8 of laptop, change 4 of phone.

        ·  cccccccc  <minute>  phone         renamed “Trip” to “Lisbon in May”
            Whoever deleted it by bbbbbbbb on laptop had seen it.
            It builds on change 3 of laptop, change 3 of phone.

        ·  dddddddd  <minute>  laptop        deleted it
            It hides only what its writer had seen, and that was not cccccccc on phone.
            It builds on change 6 of laptop, change 1 of phone.

        ·  eeeeeeee  <minute>  laptop        took the tag “travel” from it
            Whoever deleted it by bbbbbbbb on laptop had seen it.
            It builds on change 5 of laptop.

        """)
    let told = try await place.json("inspect", "why", id, "trash")["contenders"].array
    #expect(told.map { $0["fate"].text } == ["stands", "replaced", "overtaken", "replaced"])
    try await place.json("restore", id)
    let restored = try await place.json("inspect", "why", id, "trash")["contenders"].array
    #expect(try await place.golden("inspect", "why", id, "trash").contains("restored it"))
    #expect(restored[0]["fate"].text == "stands" && restored[0]["kind"].count == 8)
  }

  @Test func tellsThatADeletionWasUndone() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("delete", id)
    let undo = try await place.json("undo")["undo"].text
    // What the same device does afterwards is not what took the deletion back.
    try await place.json("tag", id, "travel")
    let undone = """
      ·  cccccccc  <minute>  laptop        undid dddddddd
          It took it out of the trash again.
          It builds on change 3 of laptop.

      ·  dddddddd  <minute>  laptop        deleted it
          Taken back by the undo cccccccc on laptop, at <minute>.
          It builds on change 2 of laptop.

      """
    #expect(
      try await place.golden("inspect", "why", id, "trash") == """
        aaaaaaaa does not lie in the trash.

        ✓  bbbbbbbb  <minute>  laptop        tagged it “travel”
            It keeps it out of the trash: it came after the deletion.
            It builds on change 4 of laptop.

        \(undone.replacing("·  cccccccc", with: "✓  cccccccc"))
        """)
    let told = try await place.json("inspect", "why", id, "trash")["contenders"].array
    try #require(told.map { $0["fate"].text } == ["stands", "stands", "withdrawn"])
    #expect(told[2]["byAction"].text == undo && told[2]["by"].text == told[1]["operation"].text)
    #expect(told[1]["isUndo"].bool == true && told[1]["undoes"].texts == [told[2]["action"].text])
    #expect(told[0]["isUndo"].bool == false && told[0]["undoes"].array.isEmpty)
    // The undo is undone, which deletes it once more.
    try await place.json("undo", undo)
    let deleted = try await place.golden("inspect", "why", id, "trash")
    #expect(
      deleted.contains(
        """
        ✓  bbbbbbbb  <minute>  laptop        undid cccccccc
            It hides it: its writer had seen all that was done to it, imports apart.
        """), "\(deleted)")
    #expect(!deleted.contains("Taken back by the undo"), "\(deleted)")
  }

  @Test func tellsThatAnEditIsAnUndo() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("notes", id, "the tickets")
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("delete", id, home: "phone")
    let notes = try await place.json("log").array[0]["id"].text
    try await place.json("undo", notes)
    try await place.json("sync", daemon.address)
    let told = try await place.run("inspect", "why", id, "trash").output
    #expect(told.contains("  laptop        undid \(notes.prefix(8))\n"), "\(told)")
  }

  @Test func tellsARestoreThatKnewOfTheDeletion() async throws {
    let (place, id) = try await Workplace.deleted(knowing: true) { place, id in
      // By this it is known what the restore itself does not name: that the phone had heard of the laptop.
      try await place.json("new", "Other", home: "phone")
      try await place.json("restore", id, home: "phone")
    }
    let words = try await place.golden("inspect", "why", id, "trash")
    #expect(
      words == """
        aaaaaaaa does not lie in the trash.

        ✓  bbbbbbbb  <minute>  phone         restored it
            It took it out of the trash again.
            It builds on change 3 of phone.

        ·  cccccccc  <minute>  laptop        deleted it
            Restored by bbbbbbbb on phone, whose writer had seen the deletion.
            It builds on change 2 of laptop, change 2 of phone.

        """, "\(words)")
    let told = try await place.json("inspect", "why", id, "trash")["contenders"].array
    try #require(told.map { $0["fate"].text } == ["stands", "replaced"])
    #expect(told[1]["by"].text == told[0]["operation"].text)
  }

  @Test func tellsWhatWasDoneInTheTrash() async throws {
    let (place, id) = try await Workplace.deleted(knowing: true) { place, id in
      try await place.json("tag", id, "travel", home: "phone")
    }
    let told = try await place.golden("inspect", "why", id, "trash")
    #expect(
      told.contains(
        """
        ✓  bbbbbbbb  <minute>  phone         tagged it “travel”
            It keeps it out of the trash: it came after the deletion.
        """), "\(told)")
    #expect(told.contains("\n    It hides what was done before it, and bbbbbbbb on phone came after it.\n"), "\(told)")
  }

  @Test func tellsARestoreThatDidNotKnowOfTheDeletion() async throws {
    let (place, id) = try await Workplace.deleted(knowing: false) { place, id in
      try await place.json("delete", id, home: "phone")
      try await place.json("restore", id, home: "phone")
    }
    let told = try await place.json("inspect", "why", id, "trash")["contenders"].array
    #expect(told.map { $0["device"].text } == ["phone", "phone", "laptop"])
    #expect(told.map { $0["fate"].text } == ["stands", "replaced", "overtaken"])
    let words = try await place.golden("inspect", "why", id, "trash")
    #expect(words.contains("\n    It hides only what its writer had seen, and that was not bbbbbbbb on phone.\n"))
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

  @Test func tellsThatAnImportBringsNothingBack() async throws {
    let place = try Workplace()
    try await place.replica()
    let (old, new) = (export("In May?", second: 1_718_000_300), export("In May, or June?", second: 1_718_000_400))
    try await place.json("import", place.write(old, to: "old.json"))
    let id = try await place.json("list").array[0]["id"].text
    try await place.json("delete", id)
    // What the deletion had seen is not told of.
    #expect(try await place.json("inspect", "why", id, "trash")["contenders"].array.count == 1)
    try await place.json("import", place.write(new, to: "new.json"))
    let told = try await place.golden("inspect", "why", id, "trash")
    #expect(
      told == """
        aaaaaaaa lies in the trash.

        ✓  bbbbbbbb  <minute>  laptop        deleted it
            It hides it: its writer had seen all that was done to it, imports apart.
            It builds on change 2 of laptop.

        ·  cccccccc  <minute>  laptop        imported a message of it
            Whoever deleted it by bbbbbbbb on laptop had not seen this; but an import
            brings nothing back from the trash.
            It builds on change 3 of laptop.

        """, "\(told)")
    let contenders = try await place.json("inspect", "why", id, "trash")["contenders"].array
    try #require(contenders.map { $0["fate"].text } == ["stands", "yields"])
    #expect(contenders[1]["by"].text == contenders[0]["operation"].text)
    // Whoever deletes it now has seen that, too.
    try await place.json("restore", id)
    try await place.json("delete", id)
    let after = try await place.json("inspect", "why", id, "trash")["contenders"].array
    #expect(after.map { $0["fate"].text } == ["stands", "replaced", "replaced"])
  }

  /// Of what one deletion had not seen, a later one had: it does not count for anything any more.
  @Test func ticksOnlyWhatTheLastDeletionHadNotSeen() async throws {
    let (place, id) = try await Workplace.deleted(knowing: false) { place, id in
      try await place.json("tag", id, "travel", home: "phone")
    }
    // The laptop, which knows of the tag now, deletes it again.
    try await place.json("delete", id)
    try await place.json("new", "Other")
    try await place.json("restore", id)
    let told = try await place.json("inspect", "why", id, "trash")["contenders"].array
    #expect(told.map { $0["device"].text } == ["laptop", "laptop", "phone", "laptop"])
    try #require(told.map { $0["fate"].text } == ["stands", "replaced", "replaced", "replaced"])
    #expect(told[2]["by"].text == told[1]["operation"].text)
  }
}
