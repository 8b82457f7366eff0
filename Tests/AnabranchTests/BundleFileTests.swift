import AnabranchWire
import Foundation
import Testing

@testable import Anabranch

@Suite("The file of a bug report") struct BundleFileTests {
  private static let last = BundleEntry.end(changes: 0, views: 0)

  private static func names(_ home: Home) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: home.path).sorted()
  }

  /// Makes the folder of a home, and gives a path in it.
  private static func path(in home: Home) throws -> String {
    try FileManager.default.createDirectory(atPath: home.path, withIntermediateDirectories: true)
    return home.path + "/report"
  }

  @Test("One that somebody else writes stays, and whoever is refused leaves it as it is")
  func besideAnother() async throws {
    try await withHomes(1) { homes in
      let path = try Self.path(in: homes[0])
      let one = try BundleFile(at: path)
      let error = #expect(throws: AnabranchError.self) { _ = try BundleFile(at: path) }
      #expect(error?.code == .exists && error?.message.contains(".partial") == true)
      #expect(try Self.names(homes[0]) == ["report.partial"])
      try one.finish(Self.last)
      #expect(try Self.names(homes[0]) == ["report"])
    }
  }

  @Test(
    "Where a file system has no links, it gets its name all the same, and takes nobody else's",
    arguments: [EPERM, ENOTSUP])
  func withoutLinks(reason: Int32) async throws {
    try await withHomes(1) { homes in
      let path = try Self.path(in: homes[0])
      let refused = { (_: String, _: String) -> Int32 in
        errno = reason
        return -1
      }
      let (one, two) = (try BundleFile(at: path), try BundleFile(at: path + "2"))
      try one.finish(Self.last, link: refused)
      #expect(try Self.names(homes[0]) == ["report", "report2.partial"])
      #expect(try BundleFile.bytes(at: path).count == Int(one.bytes))
      try Data("mine".utf8).write(to: URL(fileURLWithPath: path + "2"))
      #expect(throws: AnabranchError.self) { try two.finish(Self.last, link: refused) }
      two.abandon()
      #expect(try Self.names(homes[0]) == ["report", "report2"])
      #expect(try BundleFile.bytes(at: path + "2") == Array("mine".utf8))
    }
  }

  @Test(
    "What was found in a file that somebody handed over does not name it, and is looked for without writing beside it")
  func faultsOfHandedOver() async throws {
    try await withHomes(2) { homes in
      let replica = try await Replica.create(at: homes[0], name: "Laptop")
      try await replica.say("words", in: replica.newConversation("Trip"))
      let file = try Self.path(in: homes[1]).replacing("report", with: "divorce papers.sqlite")
      try await replica.backUp(to: file)
      try await replica.close()
      let sound = try Data(contentsOf: URL(fileURLWithPath: file))
      var told: [String] = []
      for page in 1..<(sound.count / 4_096) {
        var bytes = sound
        bytes.replaceSubrange(page * 4_096..<(page + 1) * 4_096, with: Data(repeating: 0xA5, count: 4_096))
        try bytes.write(to: URL(fileURLWithPath: file))
        // A folder tells when something was made in it, or taken away.
        let long = Date(timeIntervalSince1970: 1_000_000_000)
        try FileManager.default.setAttributes([.modificationDate: long], ofItemAtPath: homes[1].path)
        guard let damaged = try? await Replica.read(database: file) else { continue }
        let bundle = homes[0].path + "/bundle-\(page)"
        if let summary = try? await damaged.writeBundle(to: bundle, by: "tests", isVerified: true) {
          told += summary.faults
        }
        try await damaged.close()
        let facts = try FileManager.default.attributesOfItem(atPath: homes[1].path)
        #expect(facts[.modificationDate] as? Date == long)
      }
      #expect(
        told.contains { $0.contains("…") } && told.allSatisfy { !$0.contains("papers") && !$0.contains("divorce") },
        "\(told)")
    }
  }
}
