import Foundation
import Testing

/// Copies: the right way, and the known disaster.
@Suite(.timeLimit(.minutes(3))) struct BackupTests {
  @Test func aBackupBecomesADeviceOfItsOwn() async throws {
    let place = try Workplace()
    let original = try await place.replica()
    try await place.replica("phone")
    let daemon = try await Daemon(place)
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("say", id, "before")
    let file = place.path("backup.sqlite")
    let report = try await place.json("backup", file)
    #expect(report["file"].text == file && report["bytes"].count > 0)
    // What is written after it reaches the phone, not the backup.
    try await place.json("say", id, "after")
    try await place.json("sync", daemon.address, home: "phone")
    let vector = try await place.json("status")["versionVector"][original].count

    let restored = try await place.json("restore-backup", file, "--name", "again", home: "copy")
    #expect(restored["conversations"].count == 1 && restored["messages"].count == 1)
    #expect(restored["replica"].text.isIdentifier && restored["replica"].text != original)
    #expect(try await place.json("status", home: "copy")["name"].text == "again")
    let said = try await place.json("say", id, "on the copy", home: "copy")["message"].text
    try await place.json("sync", daemon.address, home: "copy")
    try await place.json("sync", daemon.address, home: "phone")
    var hashes: Set<String> = []
    for home in ["laptop", "phone", "copy"] {
      let status = try await place.json("status", home: home)
      hashes.insert(status["stateHash"].text)
      // The copy went on in a log of its own, from one: no number of the original was used twice.
      #expect(status["versionVector"][original].count == vector)
      #expect(status["versionVector"].keys.contains(restored["replica"].text))
      let messages = try await place.json("show", id, home: home)["messages"].array
      #expect(Set(messages.map { $0["text"].text }) == ["before", "after", "on the copy"])
      #expect(messages.first { $0["id"].text == said }?["replica"].text == restored["replica"].text)
      #expect(try await place.json("verify", home: home)["ok"].bool == true)
    }
    #expect(hashes.count == 1)
    try await daemon.end()
  }

  @Test func aBackupNeverOverwrites() async throws {
    let place = try Workplace()
    try await place.replica()
    let file = try place.write("mine", to: "file")
    try await place.run("backup", file, "--json").failure("exists")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
    try await place.run("backup", place.path("no/where"), "--json").failure("io")
    try await place.run("backup", place.folder, "--json").failure("exists")
  }

  @Test func aBackupIsNotOpenToOthersAndHasNoKey() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("new", "Trip")
    try await place.json("backup", place.path("backup"))
    let bytes = try #require(FileManager.default.contents(atPath: place.path("backup")))
    let key = try #require(FileManager.default.contents(atPath: place.path("laptop/device.key")))
    #expect(bytes.range(of: key) == nil)
    let facts = try FileManager.default.attributesOfItem(atPath: place.path("backup"))
    #expect((facts[.posixPermissions] as? Int ?? 0) & 0o077 == 0)
    #expect(!FileManager.default.fileExists(atPath: place.path("backup-wal")))
  }

  @Test func aCopyMadeByHandIsRefused() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("new", "Trip")
    let daemon = try await Daemon(place)
    try await place.json("new", "Other")
    try FileManager.default.copyItem(atPath: place.path("laptop/history.sqlite"), toPath: place.path("copied"))
    let error = try await place.run("restore-backup", place.path("copied"), "--json", home: "copy").failure("format")
    #expect(error["message"].text.contains("replica in use") && error["remedy"].text.contains("anabranch backup"))
    try await daemon.end()
    // What is refused leaves nothing behind.
    #expect((try? place.contents(of: "copy").isEmpty) ?? true)
  }

  @Test func whatIsNoBackupIsRefused() async throws {
    let place = try Workplace()
    let text = try place.write("text", to: "text")
    try await place.run("restore-backup", text, "--json", home: "copy").failure("format")
    let empty = try place.write("", to: "empty")
    try await place.run("restore-backup", empty, "--json", home: "copy").failure("format")
    try await place.run("restore-backup", place.path("nothing"), "--json", home: "copy").failure("not-found")
    #expect((try? place.contents(of: "copy").isEmpty) ?? true)
    // And the home can be used for something else.
    try await place.replica("copy")
  }

  @Test func aDatabaseInAnothersHomeOpensALogOfItsOwn() async throws {
    let place = try Workplace()
    let original = try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.replica("other")
    // The known disaster: the file copied over that of another device.
    let script = "rm \"$folder\"/other/history.sqlite*; cp \"$folder\"/laptop/history.sqlite* \"$folder/other\""
    #expect(try await place.shell(script).status == 0)
    try await place.json("say", id, "on the copy", home: "other")
    try await place.json("say", id, "on the original")
    let daemon = try await Daemon(place)
    try await place.json("sync", daemon.address, home: "other")
    try await daemon.end()
    let (here, there) = (try await place.json("status"), try await place.json("status", home: "other"))
    #expect(here["stateHash"].text == there["stateHash"].text)
    #expect(there["replica"].text != original && here["messages"].count == 2)
  }
}
