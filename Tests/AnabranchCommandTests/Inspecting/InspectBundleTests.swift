import Anabranch
import Foundation
import Testing

@Suite("A bug report") struct InspectBundleTests {
  /// What nobody may find in a report; of letters that are in no pseudonym.
  private static let markers = (0..<12).map { "Zq\(["ux", "wy", "vk"][$0 % 3])marker\($0)zzq" }

  /// A replica in which each kind of content has a marker.
  private static func written() async throws -> (place: Workplace, conversation: String) {
    let (place, id) = try await Workplace.merged()
    let file = try place.write("what \(markers[0]) says", to: "\(markers[1]).txt")
    try await place.json("title", id, markers[2])
    try await place.json("tag", id, markers[3])
    try await place.json("folder", id, markers[4])
    try await place.json("field", id, markers[5], markers[6])
    try await place.json("notes", id, markers[7])
    try await place.json("draft", id, markers[8])
    let message = try await place.json("say", id, "Before \(markers[9]) after")["message"].text
    try await place.json("attach", message, file)
    try await place.json("edit", message, "Before \(markers[10]) after")
    try await place.json("new", markers[11])
    return (place, id)
  }

  @Test("Has what it says, of a mode of its owner's, and passes its own check")
  func golden() async throws {
    let (place, _) = try await Workplace.merged()
    let report = place.path("report.bundle")
    let said = try await place.golden("inspect", "bundle", report)
    #expect(
      // Not by the folder's own name, which may look like a hash.
      said.replacing(/\S+\/report/, with: "…/report").replacing(/[0-9.]+ kB/, with: "N kB").replacing(
        /\d+ (changes|contents)/, with: { "N \($0.output.1)" })
          == """
          ✓ …/report.bundle, N kB
            N changes of 2 logs, 1 conversation
            Nothing that anybody wrote is in it: of N contents only lengths are, and
            which of them were equal. Who wrote when, and after what, is in it.

          """)
    let facts = try FileManager.default.attributesOfItem(atPath: report)
    #expect((facts[.posixPermissions] as? Int) == 0o600)
    #expect(!FileManager.default.fileExists(atPath: report + ".partial"))
    let checked = try await place.json("inspect", "bundle", "--check", report)
    let log = try await place.json("inspect", "log", "--limit", "10000").array
    #expect(checked["faults"].array.isEmpty && checked["logs"].count == 2)
    #expect(checked["changes"].count == log.count)
    let again = try await place.run("inspect", "bundle", report, "--json")
    try again.failure("exists")
    #expect(FileManager.default.contents(atPath: report)?.count == checked["bytes"].count)
  }

  @Test("Nothing that anybody wrote is in it, however it is looked for", .needsPython)
  func nothingWritten() async throws {
    let (place, _) = try await Self.written()
    let report = place.path("report.bundle")
    let summary = try await place.json("inspect", "bundle", "--verify", report)
    #expect(summary["contents"].count > 12 && summary["faults"].array.isEmpty)
    let bytes = try #require(FileManager.default.contents(atPath: report))
    let database = try #require(FileManager.default.contents(atPath: place.path("laptop/history.sqlite")))
    let log = FileManager.default.contents(atPath: place.path("laptop/history.sqlite-wal")) ?? Data()
    for marker in Self.markers {
      let words = Data(marker.utf8)
      #expect(database.range(of: words) != nil || log.range(of: words) != nil, "the history has \(marker)")
      // Of eight bytes on, so that a part of it is found too.
      for start in 0...(words.count - 8) {
        #expect(bytes.range(of: words[start..<start + 8]) == nil, "\(marker)")
      }
    }
    for word in ["Lisbon", "travel", "Which way", "laptop", "phone", "text/plain", place.folder] {
      #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word)")
    }
    // The same history twice has other pseudonyms, and the same log.
    let other = place.path("other.bundle")
    try await place.json("inspect", "bundle", other)
    let second = try #require(FileManager.default.contents(atPath: other))
    #expect(second.count == bytes.count && second != bytes)
    try await expectNothingPacked(in: report, of: place)
  }

  /// Fails where something can be unpacked, from anywhere in a file on, and has a marker.
  private func expectNothingPacked(in file: String, of place: Workplace) async throws {
    let script = """
      import sys, zlib
      data = open(sys.argv[1], "rb").read()
      assert b"marker" in zlib.decompress(zlib.compress(b"a marker"))
      for start in range(len(data)):
          for bits in (15, -15, 31):
              try:
                  said = zlib.decompressobj(bits).decompress(data[start:], 1 << 20)
              except zlib.error:
                  continue
              assert b"marker" not in said and b"Lisbon" not in said, start
      print("nothing")
      """
    let path = try place.write(script, to: "unpack.py")
    let result = try await place.shell("python3 '\(path)' '\(file)'")
    #expect(result.output == "nothing\n", "\(result.errors)")
  }

  @Test("A home is read and not written, beside a daemon and as a file that somebody handed over")
  func besideOthers() async throws {
    let (place, id) = try await Self.written()
    let backup = place.path("backup")
    try await place.json("backup", backup)
    let before = try place.contents(of: "laptop")
    try await place.json("inspect", "bundle", place.path("one.bundle"))
    // A reader in write-ahead mode may touch the index beside the file, which holds nothing of it.
    let after = try place.contents(of: "laptop").filter { !$0.key.hasSuffix("-shm") && !$0.key.hasSuffix("-wal") }
    #expect(after == before.filter { !$0.key.hasSuffix("-shm") && !$0.key.hasSuffix("-wal") })

    try await place.json("inspect", "bundle", "--database", backup, place.path("two.bundle"))
    let daemon = try await Daemon(place)
    try await place.json("say", id, "while it runs")
    try await place.json("inspect", "bundle", place.path("three.bundle"))
    _ = daemon
    for name in ["one", "two", "three"] {
      let checked = try await place.json("inspect", "bundle", "--check", place.path("\(name).bundle"), home: "none")
      #expect(checked["faults"].array.isEmpty, "\(name)")
    }
  }

  @Test("It counts conversations, and nothing else that things are said of")
  func counts() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("settings", "theme", "dark")
    for (file, count) in [("none", 0), ("one", 1), ("two", 2)] {
      #expect(try await place.json("inspect", "bundle", place.path(file))["conversations"].count == count)
      #expect(try await place.json("inspect", "bundle", "--check", place.path(file))["conversations"].count == count)
      try await place.json("new", file)
    }
  }

  @Test("What a verification found makes it no report of a sound history", .needsPython)
  func damaged() async throws {
    let (place, id) = try await Workplace.merged()
    let message = try await place.json("say", id, "See this")["message"].text
    try await place.json("attach", message, try place.write("the words of a file", to: "words.txt"))
    try await place.damage("the words of a file")
    let report = place.path("report.bundle")
    #expect(try await place.json("inspect", "bundle", report, "--verify")["faults"].array.count == 1)
    let checked = try await place.run("inspect", "bundle", "--check", report)
    #expect(checked.status == 1 && checked.output.contains("the replica's verification: block 0"), "\(checked)")
    let json = try await place.run("inspect", "bundle", "--check", report, "--json")
    #expect(try json.status == 1 && json.json()["faults"].array.count == 1)
  }

  @Test("A verification of a file that somebody handed over does not write to its folder")
  func handedOver() async throws {
    let (place, _) = try await Workplace.merged()
    try FileManager.default.createDirectory(atPath: place.path("given"), withIntermediateDirectories: false)
    try await place.json("backup", place.path("given/backup"))
    func changed() throws -> Date? {
      try FileManager.default.attributesOfItem(atPath: place.path("given"))[.modificationDate] as? Date
    }
    let before = try changed()
    try await place.json(
      "inspect", "bundle", place.path("report"), "--verify", "--database", place.path("given/backup"))
    #expect(try changed() == before)
    try await place.json("inspect", "check", "--database", place.path("given/backup"))
    #expect(try changed() == before)
  }

  @Test("What is no report, or was altered or cut, is told")
  func broken() async throws {
    let (place, _) = try await Workplace.merged()
    let report = place.path("report.bundle")
    try await place.json("inspect", "bundle", report)
    let bytes = try #require(FileManager.default.contents(atPath: report))
    for (name, altered) in [
      ("cut", bytes.prefix(bytes.count - 3)), ("text", Data("hello".utf8)), ("empty", Data()),
      ("bit", bytes.prefix(200) + [bytes[200] ^ 4] + bytes.suffix(from: 201)),
    ] {
      try altered.write(to: URL(filePath: place.path(name)))
      try await place.run("inspect", "bundle", "--check", place.path(name), "--json").failure("format")
    }
    try await place.run("inspect", "bundle", "--check", place.path("nowhere"), "--json").failure("not-found")
    try await place.run("inspect", "bundle", place.path("no/such/folder"), "--json").failure("io")
    #expect(try await place.run("inspect", "bundle", "--check", "--verify", report).status == 64)
  }
}
