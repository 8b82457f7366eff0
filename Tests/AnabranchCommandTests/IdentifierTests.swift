import Foundation
import Testing

/// Identifiers in and out: one printed form, and the beginnings that are enough.
@Suite(.timeLimit(.minutes(3))) struct IdentifierTests {
  @Test func aUniqueBeginningIsEnough() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "x")["message"].text
    for text in [id, String(id.prefix(4)), String(id.prefix(31)), id.uppercased(), String(id.prefix(9)).uppercased()] {
      #expect(try await place.json("show", text)["id"].text == id)
      #expect(try await place.json("tag", text, "t")["conversation"].text == id)
    }
    #expect(try await place.json("branch", String(message.prefix(4)), "y")["conversation"].text == id)
    #expect(
      try await place.json("say", String(id.prefix(5)), "z", "--parent", String(message.prefix(6)))["conversation"].text
        == id)
    for text in [String(id.prefix(3)), "", "x" + id.dropFirst(), id + "0", "../../x", "%00", "\u{1B}[31m", "0x12"] {
      try await place.run("show", "--json", "--", text).failure("invalid")
    }
  }

  @Test func anAmbiguousBeginningListsItsCandidates() async throws {
    let place = try Workplace()
    try await place.replica()
    let file = try place.write(Histories.chatGPT(conversations: 1_500, messages: 1), to: "export.json")
    try await place.json("import", file)
    let ids = try await place.json("list").array.map { $0["id"].text }
    #expect(ids.count == 1_500 && ids.allSatisfy(\.isIdentifier))
    let groups = Dictionary(grouping: ids) { String($0.prefix(4)) }
    let several = try #require(groups.first { $0.value.count > 1 })
    let error = try await place.run("show", several.key, "--json").failure("ambiguous")
    for id in several.value { #expect(error["message"].text.contains(id)) }
    #expect(error["remedy"].text.contains("digits"))
    #expect(try await place.run("delete", several.key).status == 1)
    #expect(try await place.json("list", "--trashed").array.isEmpty)
    for id in several.value {
      let digits = (5...32).first { digits in several.value.filter { $0.hasPrefix(id.prefix(digits)) }.count == 1 }
      #expect(try await place.json("show", String(id.prefix(digits ?? 32)))["id"].text == id)
    }
  }

  @Test func messagesWithTheSameBeginningDoNotHideAConversation() async throws {
    let place = try Workplace()
    try await place.replica()
    // An export of ours chooses identifiers: forty messages before a conversation in the order of identifiers.
    let conversation = "abcd" + String(repeating: "f", count: 28)
    let names = (0..<40).map { "abcd" + String(format: "%028x", $0) }
    let lines =
      ["{\"anabranch\":1,\"format\":\"history\"}"]
      + ["{\"conversation\":{\"id\":\"\(conversation)\",\"source\":\"anabranch\",\"title\":\"Trip\"}}"]
      + names.map {
        "{\"message\":{\"conversation\":\"\(conversation)\",\"id\":\"\($0)\",\"role\":\"user\",\"text\":\"x\"}}"
      } + ["{\"end\":{\"conversations\":1,\"messages\":40}}"]
    try await place.json("import", try place.write(lines.joined(separator: "\n") + "\n", to: "export.jsonl"))
    #expect(try await place.json("show", "abcd")["id"].text == conversation)
    let error = try await place.run("branch", "abcd", "x", "--json").failure("ambiguous")
    #expect(error["message"].text.contains(names[0]))
  }
}
