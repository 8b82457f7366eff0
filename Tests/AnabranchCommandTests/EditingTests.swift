import Foundation
import Testing

/// `edit`, `notes` and `draft`.
@Suite(.timeLimit(.minutes(3))) struct EditingTests {
  @Test func changesWhatAMessageSays() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "three nights in Alfama")["message"].text
    let edited = try await place.json("edit", message, "four nights in Alfama")
    #expect(edited["conversation"].text == id && edited["message"].text == message)
    #expect(edited.keys == ["conversation", "message"])
    let again = try await place.json("edit", message, stdin: "four nights in Alfama\n")
    #expect(again["unchanged"].bool == true)
    let shown = try await place.json("show", id)["messages"].array
    #expect(shown.map { $0["text"].text } == ["four nights in Alfama"] && shown.map { $0["edited"].bool } == [true])
    #expect(try await place.run("show", id).output.contains("edited"))
    #expect(try await place.json("search", "four")[0]["message"].text == message)
    #expect(try await place.json("search", "three").array.isEmpty)
    let versions = try await place.json("history", message).array
    #expect(versions.map { $0["version"].count } == [0, 1] && versions.map { $0["inserted"].count } == [22, 4])
    #expect(!versions[0]["change"].isText && versions[1]["replica"].isText && !versions[0]["replica"].isText)
    #expect(try await place.run("history", message).output.contains("it began with 22 characters"))

    try await place.run("edit", id, "text", "--json").failure("not-found")
    try await place.run("edit", message, "--json", stdin: "\n").failure("invalid")
    #expect(try await place.json("verify")["faults"].array.isEmpty)
  }

  @Test func keepsNotesAsTheyStand() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    #expect(try await place.json("notes", id)["text"].text == "")
    let text = "Book the train,\n\n  " + String(repeating: "long ", count: 40) + "東京 \u{1B}[31m"
    #expect(try await place.json("notes", id, "-", stdin: text)["conversation"].text == id)
    #expect(try await place.json("notes", id)["text"].text == text + "\n")
    #expect(try await place.run("notes", id).output == text + "\n")
    #expect(try await place.json("show", id)["notes"].text == text + "\n")
    try await place.json("notes", id, "")
    #expect(try await place.json("notes", id)["text"].text == "")
    try await place.run("notes", id, "--edit", "--json").failure("invalid")
  }

  @Test func notesThatTwoDevicesBeginStandBelowEachOther() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("notes", id, "buy milk")
    try await place.json("notes", id, "call Bob", home: "phone")
    try await place.json("sync", daemon.address)
    let lines = try await place.run("notes", id).output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.sorted() == ["", "buy milk", "call Bob"])
    for word in ["milk", "call"] { #expect(try await place.json("search", word).array.count == 1) }
  }

  @Test func saysADraft() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.run("draft", id, "--say", "--json").failure("invalid")
    try await place.json("draft", id, "Shall", "we?")
    #expect(try await place.json("show", id)["draft"].text == "Shall we?")
    let message = try await place.json("draft", id, "--say")["message"].text
    let shown = try await place.json("show", id)
    #expect(shown["draft"].text == "" && shown["messages"][0]["id"].text == message)
    #expect(shown["messages"][0]["text"].text == "Shall we?")
    #expect(try await place.run("draft", id, "--say", "text").status == 64)
  }
}
