import AnabranchCore
import Foundation
import Testing

@testable import Anabranch

/// How the key of a device is kept, and how that changes.
@Suite struct KeyProtectionTests {
  private func protect(
    _ home: Home, _ phrase: String, _ access: KeyAccess = .system
  ) async throws {
    try await Replica.protectKey(at: home, by: .passphrase(Passphrase(phrase), cost: .low), access: access)
  }

  private func access(_ phrase: String) throws -> KeyAccess {
    KeyAccess(passphrase: try Passphrase(phrase))
  }

  private func device(_ home: Home, _ access: KeyAccess) async throws -> Digest {
    let replica = try await Replica.open(at: home, access: access)
    let device = try await replica.device()
    try await replica.close()
    return device
  }

  private func opening(_ home: Home, _ access: KeyAccess = .system, fails code: AnabranchError.Code) async {
    await expectFailure(code) { _ = try await Replica.open(at: home, access: access) }
  }

  @Test func writingNeedsThePassphraseAndReadingDoesNot() async throws {
    try await withHomes(2) { homes in
      let (home, backup) = (homes[0], homes[1].path)
      let replica = try await Replica.create(at: home, name: "Laptop")
      let key = try await replica.device()
      try await replica.newConversation("Trip")
      try await replica.close()
      #expect(try Replica.keyProtection(at: home) == .none)

      try await protect(home, "one")
      #expect(try Replica.keyProtection(at: home) == .passphrase)
      await opening(home, fails: .passphraseNeeded)
      await opening(home, try access("two"), fails: .wrongPassphrase)
      #expect(try await device(home, access("one")) == key)
      let reader = try await Replica.read(at: home)
      #expect(try await reader.conversations().map(\.title) == ["Trip"])
      #expect(try await reader.verify().faults == [])
      try await reader.backUp(to: backup)
      try await reader.close()
      let copied = try Data(contentsOf: URL(filePath: backup))
      #expect(copied.range(of: try Data(home.keyBytes)) == nil)
      #expect(copied.range(of: try Data(DeviceKey.load(at: home.key, with: access("one")).secret)) == nil)

      // Another one, then none.
      await expectFailure(.passphraseNeeded) { try await protect(home, "two") }
      try await protect(home, "two", access("one"))
      await opening(home, try access("one"), fails: .wrongPassphrase)
      #expect(try await device(home, access("two")) == key)
      try await Replica.protectKey(at: home, by: .none, access: access("two"))
      #expect(try await device(home, .system) == key)
      #expect(try home.keyBytes.count == 32)
    }
  }

  @Test func theFileIsItsOwnersAloneAndSaltedAnew() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      try await Replica.create(at: home, name: "Laptop").close()
      let secret = try home.keyBytes
      var files: Set<[UInt8]> = []
      for _ in 0..<3 {
        try await protect(home, "one", access("one"))
        let bytes = try home.keyBytes
        files.insert(Array(bytes[13..<41]))
        #expect(bytes.count == 121)
        #expect(Data(bytes).range(of: Data(secret)) == nil)
        #expect(try FileManager.default.attributesOfItem(atPath: home.key)[.posixPermissions] as? Int == 0o600)
      }
      #expect(files.count == 3)
    }
  }

  @Test func whatTheFileSaidBeforeIsOverwritten() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      try await Replica.create(at: home, name: "Laptop").close()
      let file = try #require(FileHandle(forReadingAtPath: home.key))
      let (copy, secret) = (home.path + "/mine", try home.keyBytes)
      try await protect(home, "one")
      #expect(try file.readToEnd() == Data(count: 32))
      try file.close()
      // What somebody gave another name is theirs.
      try await Replica.protectKey(at: home, by: .none, access: access("one"))
      try FileManager.default.linkItem(atPath: home.key, toPath: copy)
      try await protect(home, "one")
      #expect(try Data(contentsOf: URL(filePath: copy)) == Data(secret))
    }
  }

  /// The file has one of the two contents at every moment, so the one or the other passphrase opens it.
  @Test func anEndInTheMidstOfAChangeLeavesOneOfTheTwo() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      try await Replica.create(at: home, name: "Laptop").close()
      let secret = try home.keyBytes
      try await protect(home, "one")
      let old = try home.keyBytes
      // Between writing and renaming, and in the midst of writing: the new file would have been the key itself.
      for written in [secret, Array(secret.prefix(7)), []] {
        try Data(written).write(to: URL(filePath: home.key + ".partial"))
        let file = try #require(FileHandle(forReadingAtPath: home.key + ".partial"))
        await opening(home, fails: .passphraseNeeded)
        #expect(try home.keyBytes == old)
        // Whoever opens it next, with or without the passphrase, takes that away from the disk.
        #expect(!FileManager.default.fileExists(atPath: home.key + ".partial"))
        #expect(try file.readToEnd() ?? Data() == Data(count: written.count))
        try file.close()
      }
      try Data(secret).write(to: URL(filePath: home.key + ".partial"))
      try await protect(home, "two", access("one"))
      _ = try await device(home, access("two"))
      #expect(try !FileManager.default.contentsOfDirectory(atPath: home.path).contains { $0.hasSuffix(".partial") })
    }
  }

  @Test func whoHoldsTheReplicaIsNotDisturbed() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      let replica = try await Replica.create(at: home, name: "Laptop")
      let before = try home.keyBytes
      await expectFailure(.locked) { try await protect(home, "one") }
      #expect(try home.keyBytes == before)
      try await replica.close()
      // Who wants to write is told that it is held before anything else.
      try await protect(home, "one")
      let held = try await Replica.open(at: home, access: access("one"))
      await opening(home, fails: .locked)
      try await held.close()
    }
  }

  @Test func aLinkIsNotReplaced() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      try await Replica.create(at: home, name: "Laptop").close()
      let elsewhere = home.path + "/elsewhere"
      try FileManager.default.moveItem(atPath: home.key, toPath: elsewhere)
      try FileManager.default.createSymbolicLink(atPath: home.key, withDestinationPath: elsewhere)
      await expectFailure(.invalid) { try await protect(home, "one") }
      #expect(try Data(contentsOf: URL(filePath: elsewhere)).count == 32)
    }
  }

  @Test func whereThereIsNoReplicaThereIsNothingToProtect() async throws {
    try await withHomes(1) { homes in
      await expectFailure(.notFound) { _ = try Replica.keyProtection(at: homes[0]) }
      await expectFailure(.notFound) { try await protect(homes[0], "one") }
    }
  }

  @Test func aProtectedKeyThatIsThereAlreadyIsKept() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      try await Replica.create(at: home, name: "Laptop").close()
      try await protect(home, "one")
      let key = try await device(home, access("one"))
      for name in try FileManager.default.contentsOfDirectory(atPath: home.path) where name.hasPrefix("history.") {
        try FileManager.default.removeItem(atPath: home.path + "/" + name)
      }
      await expectFailure(.passphraseNeeded) { _ = try await Replica.create(at: home, name: "Again") }
      let replica = try await Replica.create(at: home, name: "Again", access: access("one"))
      #expect(try await replica.device() == key)
      try await replica.close()
    }
  }

  // MARK: The keyring

  @Test func aKeyringHasTheKeyInsteadOfTheFile() async throws {
    try await withHomes(1) { homes in
      let (home, keyring) = (homes[0], FakeKeyring())
      try await Replica.create(at: home, name: "Laptop").close()
      let secret = try home.keyBytes
      let key = try await device(home, .system)
      let access = KeyAccess(keyring: keyring)
      try await Replica.protectKey(at: home, by: .keyring, access: access)
      #expect(try Replica.keyProtection(at: home) == .keyring)
      #expect(try Data(home.keyBytes).range(of: Data(secret)) == nil)
      #expect(keyring.secrets == [key.description: secret])
      #expect(try await device(home, access) == key)
      await opening(home, KeyAccess(), fails: .noKeyring)
      // Once more changes nothing.
      try await Replica.protectKey(at: home, by: .keyring, access: access)
      #expect(try await device(home, access) == key)
      // And out of it: then it is not there any more.
      let both = KeyAccess(passphrase: try Passphrase("one"), keyring: keyring)
      try await protect(home, "one", both)
      #expect(try Replica.keyProtection(at: home) == .passphrase)
      #expect(keyring.secrets.isEmpty)
      #expect(try await device(home, both) == key)
    }
  }

  @Test func aKeyringThatFailsCostsNoKey() async throws {
    try await withHomes(1) { homes in
      let (home, keyring) = (homes[0], FakeKeyring())
      let access = KeyAccess(keyring: keyring)
      try await Replica.create(at: home, name: "Laptop").close()
      let before = try home.keyBytes
      func moving(to protection: NewKeyProtection, fails code: AnabranchError.Code) async {
        await expectFailure(code) { try await Replica.protectKey(at: home, by: protection, access: access) }
      }
      keyring.set { $0.isLocked = true }
      await moving(to: .keyring, fails: .noKeyring)
      keyring.set { ($0.isLocked, $0.keepsNothing) = (false, true) }
      await moving(to: .keyring, fails: .noKeyring)
      keyring.set { ($0.keepsNothing, $0.altersWhatItKeeps) = (false, true) }
      await moving(to: .keyring, fails: .noKeyring)
      #expect(try home.keyBytes == before)

      keyring.set { $0.altersWhatItKeeps = false }
      try await Replica.protectKey(at: home, by: .keyring, access: access)
      keyring.set { $0.isLocked = true }
      await opening(home, access, fails: .noKeyring)
      await moving(to: .none, fails: .noKeyring)
      #expect(try Replica.keyProtection(at: home) == .keyring)
      // It comes out, and the keyring has it as well: that is said.
      keyring.set { ($0.isLocked, $0.letsNothingGo) = (false, true) }
      await moving(to: .none, fails: .noKeyring)
      #expect(try home.keyBytes == before)

      keyring.set { $0.letsNothingGo = false }
      try await Replica.protectKey(at: home, by: .keyring, access: access)
      keyring.set { state in state.secrets = state.secrets.mapValues { _ in [UInt8](repeating: 7, count: 32) } }
      await opening(home, access, fails: .damaged)
      keyring.set { $0.secrets = [:] }
      await opening(home, access, fails: .notFound)
    }
  }
}
