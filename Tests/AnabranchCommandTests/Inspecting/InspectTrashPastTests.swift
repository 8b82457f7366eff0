import Testing

/// What `inspect why ID trash` says of restores, of what came after them, and of what was undone.
@Suite(.timeLimit(.minutes(3))) struct InspectTrashPastTests {
  /// What a device did after it restored a conversation is not what took that out of the trash.
  @Test func namesTheRestoreAndNotWhatCameAfterIt() async throws {
    let (place, id) = try await Workplace.deleted(knowing: true) { place, id in
      try await place.json("new", "Other", home: "phone")
      try await place.json("restore", id, home: "phone")
      try await place.json("new", "Another", home: "phone")
      try await place.json("title", id, "Lisbon", home: "phone")
    }
    let words = try await place.golden("inspect", "why", id, "trash")
    #expect(
      words == """
        aaaaaaaa does not lie in the trash.

        ✓  bbbbbbbb  <minute>  phone         renamed “Trip” to “Lisbon”
            It keeps it out of the trash: it came after the deletion.
            It builds on change 5 of phone.

        ✓  cccccccc  <minute>  phone         restored it
            It took it out of the trash again.
            It builds on change 3 of phone.

        ·  dddddddd  <minute>  laptop        deleted it
            Restored by cccccccc on phone, whose writer had seen the deletion.
            It builds on change 2 of laptop, change 2 of phone.

        """, "\(words)")
    let told = try await place.json("inspect", "why", id, "trash")["contenders"].array
    try #require(told.map { $0["fate"].text } == ["stands", "stands", "replaced"])
    #expect(told[2]["by"].text == told[1]["operation"].text && told[0]["value"].text == "Lisbon")
    #expect(told[0]["text"].text == "renamed “Trip” to “Lisbon”" && told[2]["text"].isNull)
  }

  @Test func listsEachRestoreOfEachDeletion() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    for command in ["delete", "restore", "delete", "restore"] { try await place.json(command, id) }
    try await place.json("tag", id, "travel")
    let told = try await place.json("inspect", "why", id, "trash")["contenders"].array
    // The deletions and the restores; the first restore lay in the trash with the rest, and the tag came last.
    try #require(told.map { $0["fate"].text } == ["stands", "stands", "replaced", "replaced", "replaced"])
    #expect(told.map { $0["kind"].count == 8 } == [false, true, false, true, false])
    #expect(told[2]["by"].text == told[1]["operation"].text && told[4]["by"].text == told[3]["operation"].text)
    #expect(told[3]["by"].text == told[2]["operation"].text)
  }

  /// An undo takes back what was done, and not that it was done: it hides nothing.
  @Test func tellsThatWhatKeepsItWasUndone() async throws {
    let (place, id) = try await Workplace.deleted(knowing: false) { place, id in
      try await place.json("tag", id, "travel", home: "phone")
    }
    let tagged = try await place.json("inspect", "why", id, "trash")["contenders"][0]
    #expect(tagged["undoneBy"].isNull && tagged["value"].text == "travel")
    let undo = try await place.json("undo", tagged["action"].text)["undo"].text
    let words = try await place.golden("inspect", "why", id, "trash")
    #expect(
      words == """
        aaaaaaaa does not lie in the trash.

        ✓  bbbbbbbb  <minute>  phone         tagged it “travel”
            Taken back by the undo cccccccc on laptop; but it keeps it out of the trash
            all the same: whoever deleted it had not seen this.
            It builds on change 2 of phone.

        ·  cccccccc  <minute>  laptop        undid bbbbbbbb
            What bbbbbbbb on phone did keeps it out of the trash all the same: an undo
            hides nothing that was deleted before. Whoever deletes it now hides it.
            It builds on change 3 of laptop, change 3 of phone.

        ·  dddddddd  <minute>  laptop        deleted it
            It hides only what its writer had seen, and that was not bbbbbbbb on phone.
            It builds on change 2 of laptop, change 2 of phone.

        """, "\(words)")
    let told = try await place.json("inspect", "why", id, "trash")["contenders"].array
    try #require(told.map { $0["fate"].text } == ["stands", "neutral", "overtaken"])
    #expect(told[0]["undoneBy"].text == undo && told[1]["action"].text == undo)
    #expect(told[1]["by"].text == told[0]["operation"].text && told[1]["isUndo"].bool == true)
    // Undone in turn, the undo is not told any more.
    try await place.json("undo", undo)
    let again = try await place.json("inspect", "why", id, "trash")["contenders"].array
    #expect(again.allSatisfy { $0["undoneBy"].isNull && $0["fate"].text != "neutral" })
    // Deleted by somebody who has seen it all, it lies in the trash.
    try await place.json("delete", id)
    #expect(try await place.golden("inspect", "why", id, "trash").hasPrefix("aaaaaaaa lies in the trash.\n"))
  }

  /// What an undo does to a text counts as done to the conversation, like any other edit.
  @Test func ticksTheUndoOfAnEdit() async throws {
    let (place, id) = try await Workplace.deleted(knowing: false) { place, id in
      try await place.json("notes", id, "the tickets", home: "phone")
    }
    let edit = try await place.json("inspect", "why", id, "trash")["contenders"][0]
    let undo = try await place.json("undo", edit["action"].text)["undo"].text
    try await place.json("tag", id, "travel")
    let told = try await place.json("inspect", "why", id, "trash")["contenders"].array
    try #require(told.map { $0["fate"].text } == ["stands", "stands", "stands", "replaced"])
    #expect(told[1]["action"].text == undo && told[2]["undoneBy"].text == undo && told[1]["undoneBy"].isNull)
    #expect(told[0]["text"].text == "tagged it “travel”" && told[2]["text"].text == "edited the notes on it")
  }

  @Test func tellsThatThePurgeWaitsForItsDay() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "Where to?")["message"].text
    try await place.json("purge", message, "--yes")
    #expect(
      try await place.golden("inspect", "why", message) == """
        The message aaaaaaaa was purged: it is hidden for good, its bytes go later.

        ✓  bbbbbbbb  <minute>  laptop        purged it
            It takes it from every device, whatever else was done to it or will be. Its
            bytes go from this device after <minute>.
            It builds on change 3 of laptop.

        ·  aaaaaaaa  <minute>  laptop        said it
            It is hidden for good: bbbbbbbb on laptop purged it.
            It builds on change 2 of laptop.

        """)
    let waiting = try await place.json("inspect", "why", message)["contenders"].array
    #expect(waiting[0]["due"].text.hasSuffix("Z") && waiting[0]["erased"].bool == false && waiting[1]["erased"].isNull)
    try await place.json("purge", message, "--yes", "--now")
    #expect(
      try await place.golden("inspect", "why", message).hasPrefix(
        "The message aaaaaaaa was purged: what it said is gone for good.\n"))
    let gone = try await place.json("inspect", "why", message)["contenders"].array
    #expect(gone.allSatisfy { $0["due"].isNull } && gone.map { $0["erased"].bool } == [true, true, nil])
  }

  @Test("What one did who had seen the deletion of another one and the restore of a third came after that")
  func afterSomebodyRestoredIt() async throws {
    let place = try Workplace()
    for name in ["laptop", "phone", "desk"] { try await place.replica(name) }
    let id = try await place.json("new", "Trip")["conversation"].text
    func sync(_ home: String) async throws {
      let daemon = try await Daemon(place, home: home)
      try await place.json("sync", daemon.address)
      try await daemon.end()
    }
    try await place.json("delete", id)
    try await sync("phone")
    try await place.json("restore", id, home: "phone")
    for name in ["phone", "desk"] { try await sync(name) }
    try await place.json("tag", id, "sea", home: "desk")
    try await sync("desk")
    let words = try await place.golden("inspect", "why", id, "trash").split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
    #expect(words.contains("tagged it “sea” It keeps it out of the trash: it came after the deletion."), "\(words)")
    #expect(!words.contains("had not seen"), "\(words)")
  }
}
