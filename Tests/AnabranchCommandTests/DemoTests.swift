import Foundation
import Testing

/// The demonstration.
@Suite(.timeLimit(.minutes(3))) struct DemoTests {
  @Test func showsThreeDevicesDivergeAndMerge() async throws {
    let place = try Workplace()
    let demo = try await place.shell("TIMEFORMAT='%U %S'; time $anabranch demo")
    #expect(demo.status == 0)
    // Time of its own, since other tests run beside it.
    let seconds = demo.errors.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    #expect(seconds.count == 2 && seconds.reduce(0, +) < 10, "\(demo.errors)")
    let text = demo.output
    for part in [
      "Laptop", "Phone", "Desktop", "“Lisbon by tram”", "“Lisbon in the rain”", "#travel", "deletes", "├─╮", "@Phone",
      "@Laptop", "later by hybrid time",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    let hashes = text.matches(of: /(?m)^  (?:Laptop|Phone|Desktop) +([0-9a-f]{64})$/).map { $0.1 }
    #expect(hashes.count == 3 && Set(hashes).count == 1)
    #expect(!text.contains("\u{1B}"), "plain in a pipe")
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("tmp")) == [])
    // It needs no home and makes none.
    #expect(!FileManager.default.fileExists(atPath: place.path("laptop")))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("user")) == [])
  }

  @Test func speaksJSONToo() async throws {
    let place = try Workplace()
    let demo = try await place.json("demo")
    #expect(demo["equal"].bool == true)
    #expect(demo["stateHashes"].keys == ["Laptop", "Phone", "Desktop"])
    #expect(demo["titles"].array.map { $0["title"].text }.sorted() == ["Lisbon by tram", "Lisbon in the rain"])
    #expect(demo["trashed"].bool == false && demo["diverged"].count == 1)
  }

  @Test func coloursOnDemand() async throws {
    let place = try Workplace()
    #expect(try await place.run("demo", "--color", "always").output.contains("\u{1B}["))
    #expect(try await !place.run("demo", "--color", "always", "--json").output.contains("\u{1B}"))
  }

  @Test func withoutATemporaryFolderItSaysSo() async throws {
    let place = try Workplace()
    let demo = try await place.run("demo", "--json", with: ["TMPDIR": place.path("missing")])
    #expect(try demo.failure("io")["remedy"].text.contains("TMPDIR"))
  }
}
