import Foundation
import Testing

/// `inspect why MESSAGE place`, as it reads at 80 columns.
@Suite(.timeLimit(.minutes(3))) struct InspectPlaceTests {
  /// What two devices said after the same message, without knowing of each other.
  private func diverged() async throws -> (place: Workplace, messages: [JSON]) {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("say", id, "Where to?")
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("say", id, "To the sea.", home: "phone")
    try await place.json("say", id, "Or the lake.", home: "phone")
    try await place.json("say", id, "Not before June.")
    try await place.json("sync", daemon.address)
    return (place, try await place.json("show", id)["messages"].array)
  }

  @Test func tellsWhatIsReadBeforeAMessageAndWhy() async throws {
    let (place, messages) = try await diverged()
    let names = messages.map { $0["id"].text }
    #expect(messages.map { $0["text"].text } == ["Where to?", "To the sea.", "Or the lake.", "Not before June."])
    #expect(
      try await place.golden("inspect", "why", names[0], "place") == """
        aaaaaaaa is read as message 1 of 4 in “Trip”.

        It follows nothing: it is a beginning.

        Nothing stands beside it: all others lead to it, or follow from it.

        """)
    let last = """
      aaaaaaaa is read as message 4 of 4 in “Trip”.

      It follows the message that its writer was shown last:
          bbbbbbbb  <minute>  user       “Where to?”

      Beside it, since neither follows from the other:

      ↑ before it: 2 messages, phone
          cccccccc  <minute>  user       “To the sea.”
          cccccccc was written first, at <time>, and aaaaaaaa at
          <time>, by their writers' clocks: the earlier one goes
          first, with what goes on from it.

      """
    #expect(try await place.golden("inspect", "why", names[3], "place") == last)
    let coloured = try await place.run("inspect", "why", names[3], "place", "--color", "always").output
    #expect(coloured.contains(/^\u{1B}\[1m[0-9a-f]{8} is read as message 4 of 4 in “Trip”\.\u{1B}\[0m\n/))
    #expect(coloured.contains("\n\u{1B}[36m↑ before it: 2 messages, phone\u{1B}[0m\n    \u{1B}[33m"))
    let plain = try await place.run("inspect", "why", names[3], "place").output
    #expect(coloured.replacing(/\u{1B}\[\d*m/, with: "") == plain)
    #expect(
      try await place.golden("inspect", "why", names[2], "place").contains(
        """
            bbbbbbbb  <minute>  user       “To the sea.”
        Nothing else follows that, so it is read right after it.

        Beside it, since neither follows from the other:

        ↓ after it: 1 message, laptop
            cccccccc  <minute>  user       “Not before June.”
            bbbbbbbb was written first,
        """))
    let why = try await place.json("inspect", "why", names[3], "place")
    #expect(why["what"].text == "place" && why["position"].count == 4 && why["messages"].count == 4)
    #expect(why["parents"].texts == [names[0]] && why["run"]["first"].text == names[3])
    let beside = why["beside"][0]
    #expect(beside["run"]["first"].text == names[1] && beside["run"]["last"].text == names[2])
    #expect(beside["devices"].texts == ["phone"] && beside["reads"].text == "before")
    #expect(beside["compared"].texts == [names[1], names[3]] && beside["rule"].text == "time")
  }

  @Test func tellsWhatIsJoinedAndWhatBranches() async throws {
    let (place, messages) = try await diverged()
    let id = try await place.json("list").array[0]["id"].text
    let joined = try await place.json("say", id, "June it is.")["message"].text
    let told = try await place.golden("inspect", "why", joined, "place")
    #expect(told.contains("It follows the 2 ends that its writer was shown, and joins them:\n"))
    #expect(told.contains("“Or the lake.”\n") && told.contains("“Not before June.”\n"))
    let branch = try await place.json("branch", messages[1]["id"].text, "To the hills.")["message"].text
    let other = try await place.golden("inspect", "why", branch, "place")
    #expect(other.contains("It starts a branch: an edited turn, or another answer.\n"))
    #expect(other.contains("↑ before it: 1 message, phone, another branch\n"))
    #expect(try await place.json("inspect", "why", branch, "place")["startsLine"].bool == true)
    // What was taken back is nowhere.
    try await place.json("undo")
    try await place.run("inspect", "why", branch, "place", "--json").failure("not-found")
    try await place.run("inspect", "why", id, "place", "--json").failure("not-found")
  }

  /// Where the last of two answers to one message is read, each of that time, as ChatGPT exports them.
  private func answers(_ times: [String], to time: String = "null", reading index: Int = 2) async throws -> String {
    let place = try Workplace()
    try await place.replica()
    func node(_ id: String, after parent: String, _ time: String) -> String {
      """
      "\(id)": {"id": "\(id)", "parent": \(parent), "children": [], "message": {"id": "\(id)", "author": {"role": "user"},
        "create_time": \(time), "content": {"content_type": "text", "parts": ["\(id)"]}}}
      """
    }
    let nodes = [
      node("a", after: "null", time), node("b", after: "\"a\"", times[0]), node("c", after: "\"a\"", times[1]),
    ]
    let file = try place.write(
      """
      [{"id": "lisbon", "title": "Lisbon", "create_time": null, "update_time": 1718000000.0, "current_node": "c",
        "mapping": {\(nodes.joined(separator: ", "))}}]
      """, to: "export.json")
    try await place.json("import", file)
    let messages = try await place.json("show", place.json("list").array[0]["id"].text)["messages"].array
    #expect(messages.count == 3)
    return try await place.golden("inspect", "why", messages[index]["id"].text, "place")
      .replacingOccurrences(of: "\n    ", with: " ")
  }

  @Test func tellsThatATimeIsThatOfWhatAMessageFollows() async throws {
    let told = try await answers(["1718000009.0", "null"], to: "1718000000.0")
    #expect(
      told.replacing("<time>", with: "").contains(
        "as their sources date them: the earlier one goes first, with what goes on from it. The time of cccccccc is that of"
      ),
      "\(told)")
    #expect(
      try await answers(["1718000009.0", "1718000001.0"], to: "1718000005.0").contains("is before that of what it"))
  }

  @Test func tellsThatMessagesHaveNoTime() async throws {
    let neither = try await answers(["null", "null"])
    #expect(
      neither.contains(
        "cccccccc  undated  user       “b” Neither has a time: the lesser identifier, cccccccc, goes before aaaaaaaa, with"
      ),
      "\(neither)")
    let one = try await answers(["null", "1718000000.0"])
    #expect(
      one.contains(
        "cccccccc has no time, and counts as written in 1970: the earlier one, cccccccc, goes before aaaaaaaa, with what"
      ),
      "\(one)")
    #expect(!(neither + one).contains("1970-"))
  }
}
