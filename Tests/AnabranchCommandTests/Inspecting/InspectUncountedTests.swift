import Foundation
import Testing

/// What is said of changes that do not count, since their devices might not make them.
@Suite(.timeLimit(.minutes(3))) struct InspectUncountedTests {
  /// The laptop has removed the phone before that began a conversation, which the desk went on with and did not know.
  private func removed() async throws -> (place: Workplace, conversation: String) {
    let place = try Workplace()
    try await place.replica()
    for home in ["phone", "desk"] { try await place.replica(home) }
    let first = try await Daemon(place)
    for home in ["phone", "desk"] { try await place.json("sync", first.address, home: home) }
    try await first.end()
    let daemon = try await Daemon(place, home: "desk")
    try await place.json("devices", "remove", "phone", "--yes")
    let id = try await place.json("new", "Trip", home: "phone")["conversation"].text
    try await place.json("tag", id, "travel", home: "phone")
    try await place.json("sync", daemon.address, home: "phone")
    try await place.json("say", id, "Where to?", home: "desk")
    try await place.json("sync", daemon.address)
    return (place, id)
  }

  @Test func saysWhatHasNoEffectSinceItsDeviceWasRemoved() async throws {
    let (place, _) = try await removed()
    #expect(
      try await place.golden("log", "--limit", "4") == """
        aaaaaaaa  <minute>  desk          said “Where to?”
        bbbbbbbb  <minute>  phone         tagged a conversation…  without effect
        cccccccc  <minute>  phone         began “Trip”  partly without effect
        dddddddd  <minute>  laptop        removed “phone”

        """)
    let picture = place.path("log.svg")
    #expect(
      try await place.golden("inspect", "log", "--limit", "4") == """
        aaaaaaaa/2  <minute>  desk        said “Where to?”
        bbbbbbbb/3  <minute>  phone       tagged a conversation…  without effect
        bbbbbbbb/2  <minute>  phone       began “Trip”  partly without effect
        cccccccc/4  <minute>  laptop      removed “phone”
        … and more before; --limit

        """)
    #expect(try await place.run("inspect", "log", "--limit", "4", "--svg", picture).status == 0)
    #expect(try String(contentsOfFile: picture, encoding: .utf8).contains("began “Trip”, partly without effect"))
    let actions = try await place.json("log", "--limit", "4").array.map { $0["id"].text }
    #expect(
      try await place.golden("inspect", "show", actions[1]) == """
        Change 3  phone  aaaaaaaa  action bbbbbbbb
          made          <time>
          hash          <hash>
          bytes         <count>
          signed        at change 3 of its log
          builds on     change 2 of its log
          effect        none: its device was removed
          known on      desk
          not known     whether on phone (wrote it, and does not belong to this history)
          0  adds a tag to  cccccccc  6 B

        """)
    // What the desk said in it needs the conversation, and not its title.
    #expect(
      try await place.golden("inspect", "show", actions[2]).hasSuffix(
        """
          effect        in part: its device was removed
          needed        by cccccccc on desk, which was built on it
          known on      desk
          not known     whether on phone (wrote it, and does not belong to this history)
          0  begins a conversation
          1  writes the title of  bbbbbbbb  4 B  without effect

        """))
  }

  @Test func saysTheSameAsJSON() async throws {
    let (place, _) = try await removed()
    let (actions, changes) = (
      try await place.json("log", "--limit", "4").array, try await place.json("inspect", "log", "--limit", "4").array
    )
    for list in [actions, changes] {
      #expect(list.map { $0["uncounted"].isNull } == [true, false, false, true])
      let (tag, beginning) = (list[1]["uncounted"], list[2]["uncounted"])
      #expect(tag["operations"].count == 1 && tag["isAll"].bool == true && tag["role"].text == "removed")
      #expect(beginning["operations"].count == 1 && beginning["isAll"].bool == false)
    }
    let shown = try await place.json("inspect", "show", actions[2]["id"].text)[0]
    #expect(shown["operations"].array.map { $0["isUncounted"].bool } == [false, true])
    #expect(shown["uncounted"]["role"].text == "removed")
    #expect(try await place.json("inspect", "show", actions[0]["id"].text)[0]["uncounted"].isNull)
    // Before the phone was removed there was nothing of it.
    let past = try await place.json("log", "--as-of", changes[3]["log"].text + "/3").array
    #expect(past.allSatisfy { $0["uncounted"].isNull })
  }

  @Test func whyTellsOfWhatHasNoEffect() async throws {
    let (place, id) = try await removed()
    #expect(
      try await place.golden("inspect", "why", id, "tag:travel") == """
        aaaaaaaa does not have the tag “travel”.

        ·  bbbbbbbb  <minute>  phone         added it
            It has no effect: its device was removed.
            It builds on change 2 of phone.

        """)
    try await place.json("title", id, "Lisbon")
    let told = try await place.json("inspect", "why", id, "title")["contenders"].array
    #expect(told.map { $0["fate"].text } == ["stands", "uncounted"])
    #expect(told.map { $0["value"].text } == ["Lisbon", "Trip"] && told[1]["by"].isNull)
    #expect(told[0]["role"].isNull && told[1]["role"].text == "removed")
    #expect(try await place.json("inspect", "why", id, "tag:other")["contenders"].array.isEmpty)
  }

  @Test func whyTellsOfWhatAReaderDid() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("tag", id, "travel")
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("devices", "restrict", "phone", "--to", "reader", "--yes")
    try await place.json("untag", id, "travel", home: "phone")
    try await place.json("field", id, "color", "red", home: "phone")
    for deed in ["pin", "delete"] { try await place.json(deed, id, home: "phone") }
    try await place.json("purge", id, "--yes", home: "phone")
    try await place.json("sync", daemon.address)
    for (facet, shown) in [
      ("tag:travel", ["stands", "uncounted"]), ("field:color", ["uncounted"]), ("field:size", []),
      ("pinned", ["uncounted"]),
      ("trash", ["uncounted"]), ("purge", ["uncounted"]), ("archived", []), ("tag:red", []),
    ] {
      let told = try await place.json("inspect", "why", id, facet)["contenders"].array
      #expect(told.map { $0["fate"].text } == shown, "\(facet)")
      #expect(told.filter { $0["fate"].text == "uncounted" }.allSatisfy { $0["role"].text == "reader" })
    }
    let purge = try await place.golden("inspect", "why", id, "purge")
    #expect(purge.hasPrefix("Nobody who might do it purged aaaaaaaa.\n"), "\(purge)")
  }

  @Test func saysThatADeviceMayOnlyRead() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("devices", "restrict", "phone", "--to", "reader", "--yes")
    try await place.json("notes", id, "no longer heard", home: "phone")
    try await place.json("sync", daemon.address)
    let notes = try #require(try await place.json("log").array.first { $0["device"].text == "phone" })
    #expect(notes["uncounted"]["role"].text == "reader" && notes["uncounted"]["isAll"].bool == true)
    let shown = try await place.golden("inspect", "show", notes["id"].text)
    #expect(shown.contains("\n  effect        none: its device may only read\n"), "\(shown)")
  }

  @Test func whyTellsOfAMessageThatHasNoEffect() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    let kept = try await place.json("say", id, "Where to?")["message"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("devices", "restrict", "phone", "--to", "reader", "--yes")
    let left = try await place.json("say", id, "To the sea.", home: "phone")["message"].text
    try await place.json("purge", kept, "--yes", home: "phone")
    let other = try await place.json("say", id, "By train.", home: "phone")["message"].text
    try await place.json("undo", home: "phone")
    try await place.json("sync", daemon.address)
    let told = try await place.golden("inspect", "why", left)
    #expect(
      told == """
        The message aaaaaaaa does not show: it has no effect.

        ·  aaaaaaaa  <minute>  phone         said “To the sea.”
            It has no effect: its device may only read.
            It builds on change 4 of laptop, change 1 of phone.

        """, "\(told)")
    for what in ["text", "place"] {
      let result = try await place.run("inspect", "why", left, what)
      #expect(
        result.status == 1 && result.errors.contains("see `anabranch inspect why \(left.prefix(8))`"), "\(result)")
    }
    let contenders = try await place.json("inspect", "why", left)["contenders"].array
    try #require(contenders.map { $0["fate"].text } == ["uncounted"])
    #expect(contenders[0]["role"].text == "reader")
    // So it is with what would have taken a message away.
    #expect(try await place.golden("inspect", "why", kept).hasPrefix("The message aaaaaaaa shows.\n"))
    let purged = try await place.json("inspect", "why", kept)["contenders"].array
    try #require(purged.map { $0["fate"].text } == ["stands", "uncounted"])
    #expect(purged[1]["kind"].count == 13)
    let undone = try await place.json("inspect", "why", other)["contenders"].array
    try #require(undone.map { $0["fate"].text } == ["uncounted", "uncounted"])
    #expect(undone[0]["isUndo"].bool == true && undone[1]["value"].text == "By train.")
    // A purge of the conversation takes it all the same.
    try await place.json("purge", id, "--yes")
    let gone = try await place.json("inspect", "why", left)["contenders"].array
    #expect(gone.map { $0["fate"].text } == ["stands", "purged"])
  }

  @Test func whyTellsOfWhatHasNoEffectOnAnImportedMessage() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let export = Histories.chatGPT(conversations: 1, messages: 2)
    let file = try place.write(export, to: "conversations.json")
    try await place.json("import", file)
    let id = try await place.json("list").array[0]["id"].text
    let message = try await place.json("show", id)["messages"].array[0]["id"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("devices", "restrict", "phone", "--to", "reader", "--yes")
    let imported = try await place.json("log", home: "phone").array[0]["id"].text
    try await place.json("undo", imported, home: "phone")
    let altered = try place.write(export.replacing("message 0 of 0", with: "altered"), to: "altered.json")
    try await place.json("import", altered, home: "phone")
    try await place.json("sync", daemon.address)
    let told = try await place.golden("inspect", "why", message)
    #expect(
      told == """
        The message aaaaaaaa shows.

        ✓  bbbbbbbb  <minute>  laptop        imported “message 0 of 0”
            It counts: nobody took it back.
            It builds on change 2 of laptop, change 1 of phone.

        ·  cccccccc  <minute>  phone         imported “altered”
            It has no effect: its device may only read.
            It builds on change 2 of phone.

        ·  dddddddd  <minute>  phone         took it back
            It has no effect: its device may only read.
            It builds on change 3 of laptop, change 1 of phone.

        """, "\(told)")
  }
}
