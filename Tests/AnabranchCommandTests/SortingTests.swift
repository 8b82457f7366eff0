import Foundation
import Testing

/// Folders, fields, pins, settings, `read` and `context`.
@Suite(.timeLimit(.minutes(3))) struct SortingTests {
  @Test func sortsAndMarks() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "keep this")["message"].text
    try await place.json("folder", id, "Trips")
    try await place.json("folder", id, "2026 and later")
    try await place.json("field", id, "state", "open")
    try await place.json("pin", message)
    try await place.json("archive", id)
    try await place.json("read", id)
    let shown = try await place.json("show", id)
    #expect(shown["folders"].texts == ["2026 and later", "Trips"] && shown["fields"]["state"].text == "open")
    #expect(shown["messages"][0]["pinned"].bool == true && shown["unread"].count == 0)
    let text = try await place.run("show", id).output
    for word in ["in Trips", "state: open", "pinned"] { #expect(text.contains(word), "\(word)") }
    #expect(try await place.json("list", "--folder", "Trips")[0]["archived"].bool == true)
    #expect(try await place.json("list", "--folder", "Trip").array.isEmpty)
    #expect(try await place.run("list", "--tag", "none").output.contains("No conversations there."))
    for line in text.split(separator: "\n") { #expect(line.count <= 80) }

    try await place.json("unfolder", id, "Trips")
    try await place.json("field", id, "state")
    try await place.json("unpin", message)
    try await place.json("unarchive", id)
    let after = try await place.json("show", id)
    #expect(after["folders"].texts == ["2026 and later"] && after["fields"].keys.isEmpty)
    #expect(after["messages"][0]["pinned"].bool == false)
    try await place.run("unfolder", id, "Trips", "--json").failure("not-found")
    #expect(try await place.run("folder", id, " ").status == 64)
    #expect(try await place.json("pin", id)["message"].isNull)
  }

  @Test func keepsSettings() async throws {
    let place = try Workplace()
    try await place.replica()
    #expect(try await place.run("settings").output == "Nothing is set.\n")
    #expect(try await place.json("settings", "theme", "dark")["local"].bool == false)
    try await place.json("settings", "--local", "font", "12")
    let all = try await place.json("settings").array
    #expect(all.map { $0["name"].text } == ["theme", "font"] && all.map { $0["local"].bool } == [false, true])
    #expect(try await place.json("settings", "theme")[0]["value"].text == "dark")
    try await place.json("settings", "theme", "--remove")
    try await place.run("settings", "theme", "--json").failure("not-found")
    #expect(try await place.run("settings", "--remove").status == 64)
    #expect(try await place.run("settings").output == "font = 12 (this device)\n")
  }

  @Test func givesAModelWhatFits() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    for number in 0..<8 {
      try await place.json(
        "say", id, "Message number \(number) about trains", "--role", number.isMultiple(of: 2) ? "user" : "assistant")
    }
    let context = try await place.json("context", id, "--budget", "60")
    #expect(context["omitted"].count > 0 && context["tokens"].count <= 60)
    #expect(context["messages"].array.last?["text"].text == "Message number 7 about trains")
    let printed = try await place.run("context", id, "--budget", "60", "--format", "openai")
    #expect(printed.output.hasPrefix(#"{"messages":[{"role":"system","content":"["#))
    #expect(printed.errors.contains("left out"))
    #expect(try await place.run("context", id).output.hasPrefix("# Trip\n\n## user\n"))
    let tip = try await place.json("show", id)["messages"][1]["id"].text
    #expect(try await place.json("context", id, "--tip", tip)["messages"].array.count == 2)
    try await place.run("context", id, "--budget", "3", "--json").failure("invalid")
    #expect(try await place.run("context", id, "--budget", "0").status == 64)
    #expect(try await place.run("context", id, "--format", "xml").status == 64)
  }
}
