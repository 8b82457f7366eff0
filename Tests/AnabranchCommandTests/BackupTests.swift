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
    try await place.pair("copy")
    try await place.json("sync", daemon.address, home: "copy")
    try await place.json("sync", daemon.address, home: "phone")
    var hashes: Set<String> = []
    for home in ["laptop", "phone", "copy"] {
      let status = try await place.json("status", home: home)
      hashes.insert(status["stateHash"].text)
      // The copy went on in a log of its own, from one: no number of the original was used twice. That has let it in, too.
      #expect(status["versionVector"][original].count == vector + 1)
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

  /// Alters one letter of a message wherever it stands in a file, behind SQLite's back.
  private func alter(_ word: String, in path: String) throws {
    var bytes = try #require(FileManager.default.contents(atPath: path))
    var altered = 0
    while let range = bytes.range(of: Data(word.utf8)) {
      bytes[range.lowerBound] ^= 1
      altered += 1
    }
    #expect(altered > 0)
    try bytes.write(to: URL(filePath: path))
  }

  @Test func damageIsNeitherBackedUpNorRestored() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("say", id, "Tram 28 goes up to Alfama")
    let good = place.path("good")
    try await place.json("backup", good)
    try FileManager.default.copyItem(atPath: good, toPath: place.path("bad"))
    try alter("Alfama", in: place.path("bad"))
    let error = try await place.run("restore-backup", place.path("bad"), "--json", home: "copy").failure("damaged")
    #expect(error["message"].text.contains(place.path("bad")) && error["remedy"].text.contains("another backup"))
    #expect(!FileManager.default.fileExists(atPath: place.path("copy")), "no home is left behind")
    try await place.json("restore-backup", good, home: "copy")

    try alter("Alfama", in: place.path("laptop/history.sqlite"))
    let other = try await place.run("backup", place.path("worse"), "--json").failure("damaged")
    #expect(other["message"].text.contains("laptop/history.sqlite") && other["remedy"].text.contains("inspect check"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder).allSatisfy { !$0.contains("worse") })
  }

  @Test func damagedPagesAreNotRestored() async throws {
    let place = try Workplace()
    try await place.replica()
    let file = try place.write(Histories.chatGPT(conversations: 20, messages: 20), to: "export.json")
    try await place.json("import", file)
    try await place.json("backup", place.path("backup"))
    let handle = try #require(FileHandle(forUpdatingAtPath: place.path("backup")))
    let size = try handle.seekToEnd()
    for page in stride(from: UInt64(4), to: size / 4096, by: 3) {
      try handle.seek(toOffset: page * 4096)
      handle.write(Data(repeating: 0xA5, count: 4096))
    }
    try handle.close()
    let error = try await place.run("restore-backup", place.path("backup"), "--json", home: "copy").failure("damaged")
    #expect(error["message"].text.contains(place.path("backup")))
    #expect(!FileManager.default.fileExists(atPath: place.path("copy")))
  }

  @Test func badPlacesAreNamedInPlainWords() async throws {
    let place = try Workplace()
    try await place.replica()
    let file = try place.write("text", to: "file")
    let long = place.path(String(repeating: "x", count: 300))
    func refused(_ arguments: String..., as code: String, home: String = "laptop") async throws {
      let environment = place.environment(home: home)
      let error = try await Command.run(arguments + ["--json"], environment: environment).failure(code)
      #expect(!error["message"].text.contains("Error Domain") && !error["remedy"].text.isEmpty, "\(error.canonical)")
    }
    for target in [file + "/below", place.path("no/where"), long] { try await refused("backup", target, as: "io") }
    for home in ["file", "file/below"] { try await refused("init", "--name", "x", as: "format", home: home) }
    try await refused("init", "--name", "x", as: "io", home: String(repeating: "x", count: 300))
    try await refused("restore-backup", place.folder, as: "format", home: "copy")
    try await refused("restore-backup", file + "/below", as: "not-found", home: "copy")
  }
}
