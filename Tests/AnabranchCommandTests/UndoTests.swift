import Foundation
import Testing

/// `log` and `undo`.
@Suite(.timeLimit(.minutes(3))) struct UndoTests {
  @Test func undoesTheLastThingAndThatAgain() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip to Lisbon")["conversation"].text
    try await place.json("title", id, "Lisbon")
    try await place.json("say", id, "Which way is it to the sea, and is it far?")
    let log = try await place.json("log").array
    #expect(
      log.map { $0["text"].text } == [
        "said “Which way is it to the sea, and is it f…”", "renamed “Trip to Lisbon” to “Lisbon”",
        "began “Trip to Lisbon”", "let “laptop” in, as owner",
      ])
    #expect(log.allSatisfy { $0["device"].text == "laptop" && $0["undoneBy"].isNull })
    let lines = try await place.run("log").output.split(separator: "\n")
    #expect(lines.count == 4 && lines.allSatisfy { $0.count <= 80 })
    #expect(try await place.run("log", "--limit", "1").output.split(separator: "\n").count == 1)

    let preview = try await place.json("undo", "--dry-run")
    #expect(preview["reversed"].count == 1 && preview["undo"].isNull && preview["dryRun"].bool == true)
    let undone = try await place.json("undo")
    #expect(undone["actions"].array.map(\.text) == [log[0]["id"].text])
    #expect(try await place.json("show", id)["messages"].array.isEmpty)
    #expect(try await place.run("undo").output.contains("undone: 1 thing"))
    #expect(try await place.json("list")[0]["title"].text == "Trip to Lisbon")
    let marked = try await place.run("log").output
    #expect(marked.contains("undid") && marked.contains("undone"))
    // Back again, by the name that was told.
    try await place.json("undo", String(undone["undo"].text.prefix(12)))
    #expect(try await place.json("show", id)["messages"].array.count == 1)
    try await place.run("undo", String(log[1]["id"].text.prefix(12)), "--json").failure("exists")
    try await place.run("undo", "0123456789", "--json").failure("not-found")
    try await place.run("undo", "xyz", "--json").failure("invalid")
    #expect(try await place.json("verify")["faults"].array.isEmpty)
  }

  @Test func takesBackWhatAMergeBroughtThroughTheDaemon() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    let title = try await place.json("title", id, "From the phone", home: "phone")
    #expect(title["conversation"].text == id)
    try await place.json("say", id, "Hello?", home: "phone")
    try await place.json("read", id, home: "phone")
    try await place.json("sync", daemon.address)
    let since = try await place.json("log", "--device", "phone").array[2]["id"].text
    let undone = try await place.json("undo", "--from", "phone", "--since", since)
    #expect(undone["actions"].array.count == 3 && undone["reversed"].count == 2)
    #expect(undone["remaining"].array.map { $0["reason"].text } == ["final"])
    #expect(try await place.json("list")[0]["title"].text == "Trip")
    #expect(try await place.json("show", id)["messages"].array.isEmpty)
    // The daemon carries undoing out too.
    try await place.json("sync", daemon.address)
    try await place.json("undo", undone["undo"].text, home: "phone")
    #expect(try await place.json("list", home: "phone")[0]["title"].text == "From the phone")
    try await place.run("undo", "--from", "phone", "--json").failure("usage", status: 64)
    try await place.run("undo", "--from", "nobody", "--since", since, "--json").failure("not-found")
    try await place.run("log", "--device", "nobody", "--json").failure("not-found")
  }
}
