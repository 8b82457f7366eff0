import Foundation
import Testing

@testable import Anabranch

/// The folder of a replica, and the key in it.
@Suite struct HomeTests {
  private func mode(of path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  /// An end in the midst of making the key leaves no key behind; one of an earlier version left a file without a byte.
  @Test func aKeyThatWasNotFinishedIsMadeAnew() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      try home.makeFolder()
      try Data().write(to: URL(filePath: home.key))
      try Data([1, 2, 3]).write(to: URL(filePath: home.key + ".partial"))
      let replica = try await Replica.create(at: home, name: "Laptop")
      let device = try await replica.device()
      try await replica.close()
      #expect(try DeviceKey.load(at: home.key, with: .system).publicKey == device)
      #expect(try mode(of: home.key) == 0o600)
      #expect(!FileManager.default.fileExists(atPath: home.key + ".partial"))
    }
  }

  @Test func aKeyThatIsThereIsKept() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      try home.makeFolder()
      let key = try DeviceKey.create(at: home.key)
      let replica = try await Replica.create(at: home, name: "Laptop")
      #expect(try await replica.device() == key.publicKey)
      try await replica.close()
    }
  }

  @Test func nobodyElseEntersTheFolder() async throws {
    try await withHomes(1) { homes in
      let (home, files) = (homes[0], FileManager.default)
      try files.createDirectory(
        atPath: home.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
      try await Replica.create(at: home, name: "Laptop").close()
      #expect(try mode(of: home.path) == 0o700)
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: home.path)
      try await Replica.open(at: home).close()
      #expect(try mode(of: home.path) == 0o700)
    }
  }
}
