import Foundation
import Testing

/// `purge`, and what `status` says of it.
@Suite(.timeLimit(.minutes(3))) struct PurgingTests {
  @Test func asksBeforeItTakesAnything() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("say", id, "to edcrfvtgbp")
    try await place.run("purge", id, "--json").failure("invalid")
    let preview = try await place.json("purge", id, "--dry-run")
    #expect(preview["kind"].text == "conversation" && preview["messages"].count == 1 && preview["contents"].count == 2)
    #expect(preview["title"].text == "Trip" && preview["devices"].array.isEmpty)
    #expect(try await place.run("purge", id, "-n").output.contains("1 message, 2 contents"))
    #expect(try await place.json("list").array.count == 1)

    let purged = try await place.json("purge", id, "--yes")
    #expect(purged["erased"].bool == false && purged["id"].text == id)
    #expect(try await place.json("list").array.isEmpty)
    try await place.run("show", id, "--json").failure("purged")
    try await place.run("purge", id, "--yes", "--json").failure("purged")
    try await place.run("purge", "0123456789", "--yes", "--json").failure("not-found")
    let status = try await place.json("status")["purges"][0]
    #expect(status["id"].text == id && status["erased"].bool == false && status["outstanding"].array.count == 1)
    #expect(try await place.run("status").output.contains("goes from this device after"))

    // What waits for its day can be hurried.
    #expect(try await place.json("purge", id, "--now")["erased"].bool == true)
    try await place.run("purge", id, "--now", "--yes", "--json").failure("purged")
    #expect(try place.bytes(of: "edcrfvtgbp", in: "laptop").isEmpty)
  }

  @Test func takesAMessageAtOnceAndSaysWhoHasNot() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "to wsxedcrfvt")["message"].text
    try await place.json("say", id, "by train", "--role", "assistant")
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    let purged = try await place.json("purge", message, "--now", "--yes")
    #expect(purged["erased"].bool == true)
    #expect(try await place.run("show", id).output.contains("(purged)"))
    let shown = try await place.json("show", id)["messages"].array
    #expect(shown.map { $0["purged"].bool } == [true, false] && shown[0]["text"].text == "")
    #expect(try place.bytes(of: "wsxedcrfvt", in: "laptop").isEmpty)
    #expect(try await place.run("status").output.contains("not confirmed by phone"))

    // The daemon does it by itself, and says so.
    try await place.json("sync", daemon.address)
    try await place.wait(for: "the phone to overwrite it") { try place.bytes(of: "wsxedcrfvt", in: "phone").isEmpty }
    try await place.wait(for: "the phone's receipt") {
      try await place.json("sync", daemon.address)
      return try await place.json("status")["purges"][0]["outstanding"].array.isEmpty
    }
    #expect(try await place.run("status").output.contains("1 purge, confirmed by every device"))
    #expect(try await place.json("verify")["faults"].array.isEmpty)
  }
}

extension Workplace {
  /// The files of a home in which `words` stand.
  func bytes(of words: String, in home: String) throws -> [String] {
    let folder = URL(filePath: path(home))
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { name in
      try Data(contentsOf: folder.appending(path: name)).range(of: Data(words.utf8)) != nil
    }
  }
}
