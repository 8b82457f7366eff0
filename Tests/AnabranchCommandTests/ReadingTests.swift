import Foundation
import Testing

/// The commands that read, as programs and as people see them.
@Suite(.timeLimit(.minutes(3))) struct ReadingTests {
  @Test func anEmptyReplicaHasNothing() async throws {
    let place = try Workplace()
    try await place.replica()
    for arguments in [["list"], ["list", "--trashed"], ["search", "x"]] {
      let json = try await Command.run(arguments + ["--json"], environment: place.environment())
      #expect(json.output == "[]\n" && json.status == 0)
      let text = try await Command.run(arguments, environment: place.environment())
      #expect(text.status == 0 && text.errors == "" && !text.output.isEmpty)
    }
  }

  @Test func listsConversations() async throws {
    let place = try Workplace()
    try await place.replica()
    let file = try place.write(Histories.chatGPT(conversations: 3, messages: 4), to: "export.json")
    try await place.json("import", file)
    let list = try await place.json("list")
    #expect(list.array.count == 3)
    for conversation in list.array {
      #expect(
        conversation.keys.isSuperset(of: [
          "id", "title", "messages", "tips", "tags", "diverged", "conflicts", "archived", "pinned", "trashed",
          "created", "updated", "model",
        ]))
      #expect(conversation["id"].text.isIdentifier)
      #expect(conversation["created"].text.isTime && conversation["updated"].text.isTime)
      #expect(conversation["diverged"].count == 0 && conversation["conflicts"].count == 0)
    }
    let byTitle = Dictionary(uniqueKeysWithValues: list.array.map { ($0["title"].text, $0) })
    #expect(byTitle["Conversation 0"]?["messages"].count == 5 && byTitle["Conversation 0"]?["tips"].count == 2)
    #expect(byTitle["Conversation 1"]?["messages"].count == 4 && byTitle["Conversation 1"]?["tips"].count == 1)
    #expect(byTitle["Conversation 1"]?["archived"].bool == true)
    #expect(byTitle["Conversation 2"]?["pinned"].bool == true)
    #expect(byTitle["Conversation 1"]?["created"].text == "2023-11-14T22:30:00.125Z")
    #expect(try await place.json("list", "--limit", "2").array.count == 2)
    // The one written last comes first, pinned ones or not.
    try await place.json("say", byTitle["Conversation 0"]?["id"].text ?? "", "new")
    #expect(try await place.json("list")[0]["title"].text == "Conversation 0")
  }

  @Test func missingTitlesAreNull() async throws {
    let place = try Workplace()
    try await place.replica()
    let text = Histories.chatGPT(conversations: 1, messages: 2)
    let file = try place.write(text.replacing("\"Conversation 0\"", with: "null"), to: "export.json")
    try await place.json("import", file)
    let listed = try await place.json("list")[0]
    #expect(listed["title"].isNull && listed.keys.contains("title"))
    let shown = try await place.json("show", listed["id"].text)
    #expect(shown["title"].isNull && shown.keys.contains("title"))
    let hit = try await place.json("search", "message")[0]
    #expect(hit["title"].isNull && hit.keys.contains("title"))
    #expect(try await place.run("list").output.contains("(no title)"))
    #expect(try await place.run("show", listed["id"].text).output.hasPrefix("(no title)\n"))
  }

  @Test func showsAConversationInLinearOrder() async throws {
    let place = try Workplace()
    let replica = try await place.replica()
    let file = try place.write(Histories.chatGPT(conversations: 1, messages: 4), to: "export.json")
    try await place.json("import", file)
    let id = try await place.json("list")[0]["id"].text
    let shown = try await place.json("show", id)
    #expect(shown.keys.isSuperset(of: ["id", "title", "tips", "messages", "diverged", "conflicts", "tags", "trashed"]))
    #expect(shown["id"].text == id && shown["title"].text == "Conversation 0")
    #expect(shown["diverged"].isArray && shown["conflicts"].isArray && shown["tags"].isArray)
    var seen: Set<String> = []
    for message in shown["messages"].array {
      #expect(message.keys.isSuperset(of: ["id", "parents", "role", "text", "replica", "created"]))
      #expect(message["id"].text.isIdentifier && message["created"].text.isTime)
      #expect(message["replica"].text == replica)
      #expect(seen.isSuperset(of: message["parents"].texts), "parents come before their children")
      seen.insert(message["id"].text)
    }
    #expect(seen.count == 5 && shown["tips"].array.count == 2)
    #expect(seen.isSuperset(of: shown["tips"].texts))
    let text = try await place.run("show", id).output
    for message in shown["messages"].array {
      #expect(text.contains(message["text"].text) && text.contains(message["id"].text.prefix(8)))
    }
    #expect(text.contains("├─╮") && text.contains("●"))
  }

  @Test func timesAgreeEverywhere() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    for number in 0..<20 { try await place.json("say", id, "\(number)") }
    let shown = try await place.json("show", id)["messages"].array.map { $0["created"].text }
    let export = try await place.run("export", "--format", "jsonl").output
    for time in shown { #expect(export.contains(time), "\(time)") }
  }

  @Test func searches() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "We stay in Alfama, 東京の秋, שלום עולם")["message"].text
    try await place.json("say", id, "Nothing of that")
    for query in ["alfama", "Alf*", "\"stay in\"", "東京", "の秋", "שלום", "alfama stay"] {
      let hits = try await place.json("search", query)
      #expect(hits.array.count == 1, "\(query)")
      #expect(hits[0].keys.isSuperset(of: ["conversation", "message", "snippet", "title"]))
      #expect(hits[0]["conversation"].text == id && hits[0]["message"].text == message)
      #expect(hits[0]["snippet"].text.contains("Alfama"))
      #expect(hits[0]["created"].text.isTime)
      #expect(try await place.run("search", query).output.contains("Alfama"))
    }
    for query in ["京東", "zzz", "alfama zzz", "\"in stay\"", "", "\"", "*", "AND", "a:b", "(", "'"] {
      let hits = try await place.run("search", "--json", "--", query)
      #expect(hits.status == 0 && hits.output == "[]\n", "\(query): \(hits)")
    }
    #expect(try await place.json("search", "of", "--limit", "1").array.count == 1)
  }

  @Test func wholeWordsAreFoundUnlessABeginningIsAskedFor() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    for text in ["much food", "a foo bar", "foo again", "料理東京"] { try await place.json("say", id, text) }
    let counts = [
      "foo": 2, "foo*": 3, "fo": 0, "bar foo": 1, "東": 1, "東京": 1, "\"much foo\"": 0,
    ]
    for (query, count) in counts {
      #expect(try await place.json("search", query).array.count == count, "\(query)")
    }
    let all = try await place.run("search", "foo", "--limit", "2")
    #expect(all.errors == "")
    let cut = try await place.run("search", "foo", "--limit", "1")
    #expect(cut.status == 0 && cut.errors.contains("the best 1") && cut.errors.contains("--limit"))
    #expect(try await place.run("search", "foo", "--limit", "1", "--json").errors == "")
    for hit in try await place.json("search", "foo*").array {
      #expect(try await place.run("search", "foo*").output.contains(hit["message"].text.prefix(8)))
    }
    #expect(try await place.json("search", "foo", "--limit", "\(Int.max)").array.count == 2)
  }

  @Test func statusCountsAndNames() async throws {
    let place = try Workplace()
    let replica = try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("say", id, "x")
    let status = try await place.json("status")
    #expect(
      status.keys.isSuperset(of: [
        "replica", "name", "stateHash", "versionVector", "conversations", "messages", "diverged", "conflicts", "peers",
        "onlyHere",
      ]))
    #expect(status["replica"].text == replica && status["name"].text == "laptop")
    #expect(status["stateHash"].text.isHash)
    #expect(status["conversations"].count == 1 && status["messages"].count == 1)
    #expect(status["diverged"].count == 0 && status["conflicts"].count == 0)
    #expect(status["peers"].isArray && status["peers"].array.isEmpty)
    #expect(status["versionVector"].keys == [replica])
    #expect(status["onlyHere"].count == status["versionVector"][replica].count)
    let text = try await place.run("status").output
    for part in [replica, "laptop", status["stateHash"].text, place.path("laptop")] { #expect(text.contains(part)) }
  }

  @Test func verifies() async throws {
    let place = try Workplace()
    try await place.replica()
    let file = try place.write(Histories.chatGPT(conversations: 3, messages: 4), to: "export.json")
    try await place.json("import", file)
    let verified = try await place.json("verify")
    #expect(verified.keys.isSuperset(of: ["ok", "changes", "stateHash"]))
    #expect(verified["ok"].bool == true && verified["changes"].count > 0)
    #expect(verified["stateHash"].text == (try await place.json("status")["stateHash"].text))
    #expect(try await place.run("verify").output.hasPrefix("✓"))
    #expect(try place.contents(of: "laptop").keys.allSatisfy { !$0.contains("verify") })
  }

  @Test func divergenceAndConflictsAreCountedAndShown() async throws {
    let place = try Workplace()
    let pair = try await Pair(place)
    let status = try await place.json("status")
    #expect(status["diverged"].count == 1 && status["conflicts"].count == 1)
    let listed = try await place.json("list")[0]
    #expect(listed["diverged"].count == 1 && listed["conflicts"].count == 1 && listed["tips"].count == 2)
    let shown = try await place.json("show", pair.conversation)
    #expect(shown["conflicts"].array.map { $0["title"].text }.sorted() == ["by laptop", "by phone"])
    #expect(shown["conflicts"].array.allSatisfy { $0["replica"].text.isIdentifier && $0["written"].text.isTime })
    #expect(shown["conflicts"][0]["title"].text == shown["title"].text)
    #expect(shown["diverged"].array.count == 1 && Set(shown["diverged"][0].texts) == Set(shown["tips"].texts))
    #expect(try await place.json("show", pair.conversation, home: "phone").canonical == shown.canonical)
    let text = try await place.run("show", pair.conversation).output
    #expect(text.contains("“by laptop”") && text.contains("“by phone”") && text.contains("@phone"))
    // Whoever goes on joins both lines, and a new title replaces both.
    try await place.json("say", pair.conversation, "joined")
    try await place.json("title", pair.conversation, "agreed")
    let joined = try await place.json("status")
    #expect(joined["diverged"].count == 0 && joined["conflicts"].count == 0)
  }
}

/// Two replicas that went on with one conversation apart, and met again.
struct Pair {
  let conversation: String

  init(_ place: Workplace) async throws {
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    conversation = id
    try await place.json("say", id, "first")
    try await Self.meet(place)
    try await place.json("say", id, "on the laptop")
    try await place.json("say", id, "on the phone", home: "phone")
    try await place.json("title", id, "by laptop")
    try await place.json("title", id, "by phone", home: "phone")
    try await Self.meet(place)
  }

  /// One exchange of the phone with the laptop.
  static func meet(_ place: Workplace) async throws {
    let daemon = try await Daemon(place)
    try await place.json("sync", daemon.address, home: "phone")
    try await daemon.end()
  }
}
