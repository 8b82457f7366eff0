import Foundation
import Testing

/// What `inspect why` and `inspect diff` say where several did the same, where clocks and sources date things, and of characters.
@Suite(.timeLimit(.minutes(3))) struct InspectTruthTests {
  @Test func allReplicasNameTheSameUndoOfTwo() async throws {
    let (place, daemon, id) = try await Workplace.synced()
    try await place.json("title", id, "Lisbon")
    let titled = try await place.json("log").array[0]["id"].text
    try await place.json("sync", daemon.address)
    for home in ["laptop", "phone"] { try await place.json("undo", titled, home: home) }
    try await place.json("sync", daemon.address)
    let told = try await place.run("inspect", "why", id, "title").output
    #expect(told.contains(/Taken back by the undo [0-9a-f]{8} on (laptop|phone) and 1 more\.\n/), "\(told)")
    #expect(try await place.run("inspect", "why", id, "title", "--home", place.path("phone")).output == told)
    let contenders = try await place.json("inspect", "why", id, "title")["contenders"].array
    #expect(contenders.map { $0["fate"].text } == ["stands", "withdrawn"])
    #expect(contenders.map { $0["moreUndos"].count } == [0, 1])
    // Undone in turn, the one leaves the other.
    let first = contenders[1]["byAction"].text
    let home = contenders[1]["by"].text.contains(try await place.json("status")["log"].text) ? "laptop" : "phone"
    try await place.json("undo", first, home: home)
    try await place.json("sync", daemon.address)
    let after = try await place.json("inspect", "why", id, "title")["contenders"].array
    #expect(after[1]["fate"].text == "withdrawn" && after[1]["moreUndos"].count == 0)
    #expect(after[1]["byAction"].text != first)
  }

  /// People do not count Unicode scalars.
  @Test func countsOnlyWhatPeopleCount() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "👨‍👩‍👧‍👦 and the cat")["message"].text
    try await place.json("edit", message, "👨‍👩‍👧‍👦 and")
    let told = try await place.golden("inspect", "why", message, "text")
    #expect(told.contains("said “👨‍👩‍👧‍👦 and the cat”\n    Part of it shows.\n"), "\(told)")
    let why = try await place.json("inspect", "why", message, "text")
    #expect(why["bases"][0]["words"]["count"].count == 19 && why["baseShown"].count == 11)
  }

  @Test func tellsThatOnlyEditsThatCountAreMeant() async throws {
    let (place, daemon, id) = try await Workplace.synced()
    let message = try await place.json("say", id, "hello you")["message"].text
    try await place.json("sync", daemon.address)
    try await place.json("devices", "restrict", "phone", "--to", "reader", "--yes")
    try await place.json("edit", message, "hello YOU", home: "phone")
    try await place.json("edit", message, "hello there")
    try await place.json("sync", daemon.address)
    let told = try await place.golden("inspect", "why", message, "text").replacing("\n    ", with: " ")
    #expect(told.contains("Its writer had seen all before it; nobody whose edits count wrote meanwhile."), "\(told)")
  }

  /// What ChatGPT exports of one conversation with a message, as of some second.
  private func export(_ words: String, second: Int, model: String = "gpt-4") -> String {
    """
    [{"id": "lisbon", "title": "Lisbon", "create_time": 1718000000.0, "update_time": \(second).0, "current_node": "a",
      "mapping": {"a": {"id": "a", "parent": null, "children": [], "message": {
        "id": "a", "author": {"role": "assistant"}, "create_time": 1718000000.0,
        "metadata": {"model_slug": "\(model)"}, "content": {"content_type": "text", "parts": ["\(words)"]}}}}}]
    """
  }

  @Test func anImportThatWasUndoneIsTakenBackInBothAnswers() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let old = try place.write(export("In May?", second: 1_718_000_300), to: "old.json")
    let new = try place.write(export("In May, or June?", second: 1_718_000_400), to: "new.json")
    try await place.json("import", old)
    let message = try await place.json("show", place.json("list").array[0]["id"].text)["messages"].array[0]["id"].text
    try await place.json("edit", message, "In May, or never?")
    try await place.json("import", new, home: "phone")
    try await place.json("undo", home: "phone")
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    let contenders = try await place.json("inspect", "why", message)["contenders"].array
    #expect(contenders.contains { $0["device"].text == "phone" && $0["fate"].text == "withdrawn" })
    let bases = try await place.json("inspect", "why", message, "text")["bases"].array
    #expect(bases.map { $0["standing"].text } == ["shown", "withdrawn"])
    let told = try await place.golden("inspect", "why", message, "text")
    #expect(told.contains(/imported “In May, or June\?”\n    Taken back by the undo \w{8} on phone\.\n/), "\(told)")
  }

  @Test func diffSaysThatTheModelOfAMessageIsAnother() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("import", try place.write(export("In May.", second: 1_718_000_300), to: "old.json"))
    let before = try await place.json("inspect", "log", "--limit", "1")[0]
    let new = export("In May.", second: 1_718_000_400, model: "gpt-5")
    try await place.json("import", try place.write(new, to: "new.json"))
    let point = "\(before["log"].text)/\(before["sequence"].count)"
    let told = try await place.run("inspect", "diff", point).output
    #expect(told.contains(/assistant  “In May\.”  another model\n/), "\(told)")
    let message = try await place.json("inspect", "diff", point)["conversations"][0]["messages"][0]
    #expect(message["modelBefore"].text == "gpt-4" && message["modelAfter"].text == "gpt-5")
  }

  @Test func diffSaysWhatWasRead() async throws {
    let (place, daemon, id) = try await Workplace.synced()
    try await place.json("read", id)
    try await place.json("say", id, "By train.", "--role", "assistant", home: "phone")
    try await place.json("sync", daemon.address)
    let before = try await place.json("inspect", "log", "--limit", "1")[0]
    try await place.json("read", id)
    let point = "\(before["log"].text)/\(before["sequence"].count)"
    let told = try await place.run("inspect", "diff", point).output
    #expect(told.contains("unread") && !told.contains("What differs does not show."), "\(told)")
  }
}
