import Foundation
import Testing

/// What `log` and `undo` say was done, and is left.
@Suite(.timeLimit(.minutes(3))) struct UndoWordsTests {
  private func conversation() async throws -> (place: Workplace, id: String) {
    let place = try Workplace()
    try await place.replica()
    return (place, try await place.json("new", "Trip")["conversation"].text)
  }

  private func lastAction(_ place: Workplace) async throws -> JSON {
    try await place.json("log", "--limit", "1").array[0]
  }

  @Test func namesTheTitleThatShowed() async throws {
    let (place, id) = try await conversation()
    try await place.replica("phone")
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    // What shows of several is the later one, on whichever device it was written.
    for homes in [["laptop", "phone"], ["phone", "laptop"]] {
      try await place.json("title", id, "Lisbon", home: homes[0])
      try await place.json("title", id, "Porto", home: homes[1])
      try await place.json("sync", daemon.address)
      #expect(try await place.json("list")[0]["title"].text == "Porto")
      try await place.json("title", id, "Lisbon in May")
      #expect(try await lastAction(place)["text"].text == "renamed “Porto” to “Lisbon in May”")
      try await place.json("sync", daemon.address)
    }
  }

  @Test func listsWhatSeveralActionsDid() async throws {
    let (place, id) = try await conversation()
    try await place.json("title", id, "Lisbon")
    let first = try await lastAction(place)["id"].text
    for tag in ["sea", "sun"] { try await place.json("tag", id, tag) }
    let told = ["tagged “Lisbon” “sun”", "tagged “Lisbon” “sea”", "renamed “Trip” to “Lisbon”"]
    let preview = try await place.json("undo", "-n", "--from", "laptop", "--since", first)
    #expect(preview["told"].array.map { $0["text"].text } == told)
    #expect(preview["told"].array.map { $0["id"].text } == preview["actions"].texts)
    let lines = try await place.run("undo", "-n", "--from", "laptop", "--since", first).output.split(separator: "\n")
    #expect(lines[0] == "would undo 3 actions: 3 things")
    #expect(lines[1] == "  \(preview["actions"][0].text.prefix(8))  tagged “Lisbon” “sun”" && lines.count == 4)
    for number in 1...9 { try await place.json("tag", id, "tag\(number)") }
    let long = try await place.run("undo", "--from", "laptop", "--since", first)
    #expect(long.output.contains("\n  … and 2 more\n") && long.output.contains("“tag1”"), "\(long)")
    #expect(!long.output.contains("“sea”"))
  }

  @Test func saysThatAPurgeIsForGood() async throws {
    let (place, id) = try await conversation()
    try await place.json("purge", id, "--yes", "--now")
    let log = try await place.json("log").array
    let receipt = try #require(log.first { $0["text"].text == "carried out a purge" })
    let purge = try #require(log.first { $0["text"].text.hasPrefix("purged") })
    for action in [receipt, purge] {
      let refused = try await place.run("undo", action["id"].text)
      #expect(refused.status == 1 && refused.errors.contains("a purge is for good"), "\(refused)")
      let left = try await place.json("undo", "-n", action["id"].text)["remaining"].array
      #expect(left.map { $0["reason"].text } == ["final"])
    }
  }

  @Test func namesTheMessageThatHasNoEffect() async throws {
    let (place, id) = try await conversation()
    try await place.replica("phone")
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("devices", "restrict", "phone", "--to", "reader", "--yes")
    let message = try await place.json("say", id, "no longer heard", home: "phone")["message"].text
    try await place.json("sync", daemon.address)
    let left = try await place.json("undo", "-n", message)["remaining"][0]
    #expect(left["object"].text == message && left["reason"].text == "uncounted")
    #expect(left["text"].text.hasPrefix("what was done to message \(message.prefix(8)) has no effect"))
  }

  @Test func tellsThatAFieldWasRemoved() async throws {
    let (place, id) = try await conversation()
    func text() async throws -> String { try await lastAction(place)["text"].text }
    try await place.json("field", id, "fare", "12 = twelve")
    #expect(try await text() == "set fare = 12 = twelve of “Trip”")
    try await place.json("field", id, "fare")
    #expect(try await text() == "took the field “fare” from “Trip”")
    try await place.json("settings", "color", "red")
    #expect(try await text() == "set color = red of the settings")
    try await place.json("settings", "color", "--remove")
    #expect(try await text() == "took “color” from the settings")
  }

  @Test func saysWhatAReaderMayNotDo() async throws {
    let (place, id) = try await conversation()
    try await place.replica("phone")
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("devices", "restrict", "phone", "--to", "reader", "--yes")
    try await place.json("sync", daemon.address)
    let refused = try await place.run("title", id, "Lisbon", home: "phone")
    #expect(refused.errors.contains("this device may only read, and to write a title takes more"), "\(refused)")
    let said = try await place.run("say", id, "Hello", home: "phone")
    #expect(said.errors.contains("this device may only read, and to write a message takes more"), "\(said)")
  }
}
