import Foundation
import Testing

/// `attach`, `attachments`, `fetch`, `detach`, and what the others say of files.
@Suite(.timeLimit(.minutes(3))) struct AttachingTests {
  private static func photo(_ place: Workplace) throws -> String {
    let path = place.path("photo.png")
    let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  @Test func aFileGoesInAndComesOut() async throws {
    let place = try Workplace()
    try await place.replica()
    let photo = try Self.photo(place)
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "look", "--attach", photo)["message"].text
    let listed = try await place.json("attachments", message).array
    #expect(listed.count == 1 && listed[0]["name"].text == "photo.png" && listed[0]["mediaType"].text == "image/png")
    #expect(listed[0]["bytes"].count == 700_000 && listed[0]["present"].bool == true)
    #expect(try await place.json("show", id)["messages"][0]["attachments"].array.count == 1)
    #expect(try await place.run("show", id).output.contains("photo.png  700 kB"))

    let out = place.path("out.png")
    #expect(try await place.json("fetch", listed[0]["id"].text, "-o", out)["present"].bool == true)
    #expect(try Data(contentsOf: URL(filePath: out)) == Data(contentsOf: URL(filePath: photo)))
    let again = try await place.json("attach", message, photo).array
    #expect(again[0]["id"].text == listed[0]["id"].text, "it is attached already")
    #expect(try await place.json("status")["files"].count == 1)

    try await place.json("detach", listed[0]["id"].text)
    #expect(try await place.json("attachments", id).array.isEmpty)
    try await place.run("detach", listed[0]["id"].text, "--json").failure("not-found")
    try await place.run("attach", message, place.path("none"), "--json").failure("not-found")
    try await place.run("attach", message, place.folder, "--json").failure("invalid")
    try await place.run("attach", "0123456789", photo, "--json").failure("not-found")
  }

  @Test func aDeviceThatFetchesNothingSaysWhoHasIt() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let photo = try Self.photo(place)
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "look")["message"].text
    let daemon = try await Daemon(place)
    // Handed over to the daemon, which has another working folder.
    try await place.json("attach", message, photo)
    try await place.run("settings", "attachments.fetch", "lots", "--local", "--json", home: "phone").failure("invalid")
    try await place.json("settings", "attachments.fetch", "none", "--local", home: "phone")
    try await place.json("sync", daemon.address, home: "phone")
    let lacking = try await place.json("attachments", id, home: "phone")[0]
    #expect(lacking["present"].bool == false && lacking["exists"].bool == true)
    #expect(lacking["holders"].array.map(\.text) == ["laptop"])
    #expect(try await place.run("attachments", id, home: "phone").output.contains("on laptop"))
    #expect(try await place.json("status", home: "phone")["filesLacking"].count == 1)
    let out = place.path("out.png")
    try await place.run("fetch", lacking["id"].text, "-o", out, "--json", home: "phone").failure("not-found")
    #expect(!FileManager.default.fileExists(atPath: out))
    let fetched = try await place.json("fetch", lacking["id"].text, "--from", daemon.address, home: "phone")
    #expect(fetched["present"].bool == true)
    #expect(try await place.json("verify", home: "phone")["faults"].array.isEmpty)

    let preview = try await place.json("purge", lacking["id"].text, "--dry-run", home: "phone")
    #expect(preview["kind"].text == "attachment" && preview["files"].count == 1 && preview["name"].text == "photo.png")
    try await place.json("purge", lacking["id"].text, "--yes", "--now", home: "phone")
    #expect(try await place.json("attachments", id, home: "phone").array.isEmpty)
    try await place.run("fetch", lacking["id"].text, "--json", home: "phone").failure("purged")
    #expect(try place.bytes(of: "photo.png", in: "phone").isEmpty)
  }

  @Test func anExportTakesFilesAlong() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("other")
    let photo = try Self.photo(place)
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("say", id, "look", "--attach", photo)
    let file = place.path("history.jsonl")
    #expect(try await place.json("export", "--format", "jsonl", "-o", file, "--files")["files"].count == 1)
    try await place.run("export", "--format", "jsonl", "--files", "--json").failure("usage", status: 64)
    let imported = try await place.json("import", file, home: "other")
    #expect(imported["files"].count == 1 && imported["filesMissing"].count == 0)
    let chat = try await place.json("list", home: "other")[0]["id"].text
    let attached = try await place.json("attachments", chat, home: "other")[0]
    let out = place.path("out.png")
    try await place.json("fetch", attached["id"].text, "-o", out, home: "other")
    #expect(try Data(contentsOf: URL(filePath: out)) == Data(contentsOf: URL(filePath: photo)))
    #expect(try await place.json("import", file, home: "other")["new"].count == 0)
    #expect(try await place.run("export", "--format", "markdown").output.contains("*Attached: `photo.png`"))
    // Brought back to where it came from, it is there already.
    try await place.json("import", file)
    #expect(try await place.json("attachments", id).array.count == 1)

    let page = place.path("my page.md")
    try await place.json("export", "--format", "markdown", "-o", page, "--files")
    let text = try String(contentsOfFile: page, encoding: .utf8)
    let link = try #require(text.firstMatch(of: /\[`photo.png`\]\(([^)]*)\)/)?.1).removingPercentEncoding ?? ""
    #expect(try Data(contentsOf: URL(filePath: place.path(link))) == Data(contentsOf: URL(filePath: photo)))
    #expect(text.contains("![](my%20page.md.files/"))
  }

  @Test func aPurgeSaysWhatElseHasTheSame() async throws {
    let place = try Workplace()
    try await place.replica()
    let photo = try Self.photo(place)
    let id = try await place.json("new", "Trip")["conversation"].text
    let first = try await place.json("say", id, "look", "--attach", photo)["message"].text
    let second = try await place.json("say", id, "again", "--attach", photo)["message"].text
    #expect(try await place.json("purge", first, "--dry-run")["stays"].array.count == 1)
    let purged = try await place.run("purge", first, "--yes", "--now").output
    #expect(purged.contains("something else has attached") && !purged.contains("no byte"))
    #expect(try await place.run("purge", second, "--yes", "--now").output.contains("no byte of it is left"))

    try await place.json("draft", id, "a pasted password")
    let said = try await place.json("draft", id, "--say")["message"].text
    let left = try await place.json("purge", said, "--yes", "--now")
    #expect(left["stays"].array.first?.text.contains("--draft --past") == true)
    #expect(try await place.json("purge", id, "--draft", "--past", "--yes", "--now")["erased"].bool == true)
    #expect(try place.bytes(of: "a pasted password", in: "laptop").isEmpty)
  }

  @Test func aFileIsWrittenIntoAFolderUnderItsOwnNameAndReplacesNothing() async throws {
    let place = try Workplace()
    try await place.replica()
    let photo = try Self.photo(place)
    let id = try await place.json("new", "Trip")["conversation"].text
    // A file says enough without words.
    try await place.json("say", id, "", "--attach", photo)
    try await place.run("say", id, "", "--json").failure("invalid")
    let attached = try await place.json("attachments", id)[0]["id"].text
    #expect(try await place.json("attachments", attached)[0]["name"].text == "photo.png")
    let folder = place.path("out")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try await place.json("fetch", attached, "-o", folder)
    #expect(try Data(contentsOf: URL(filePath: folder + "/photo.png")) == Data(contentsOf: URL(filePath: photo)))
    try await place.run("fetch", attached, "-o", folder, "--json").failure("exists")
  }
}
