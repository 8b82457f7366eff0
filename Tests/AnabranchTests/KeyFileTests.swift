import AnabranchCore
import Crypto
import Foundation
import Testing

@testable import Anabranch

/// The bytes of a device's key, as they lie in its file.
@Suite struct KeyFileTests {
  private static let secret = [UInt8](repeating: 0x11, count: 32)

  /// The file of the example in `docs/storage.md`.
  private static func example(_ phrase: String = "correct horse bätterie") throws -> KeyFile {
    .sealed(
      try SealedKey(
        secret, under: Passphrase(phrase), cost: .low, salt: [UInt8](repeating: 0x22, count: 16),
        nonce: [UInt8](repeating: 0x33, count: 12), context: KeyFile.sealedHead))
  }

  private static func key() throws -> DeviceKey {
    try DeviceKey(seed: #require(Bytes16(secret).map { AnabranchCore.Digest(head: $0, tail: $0) }))
  }

  /// What another implementation made of the same: Python's `hashlib.scrypt` and `cryptography`.
  @Test func itsBytesAreThoseOfTheDocument() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let document = try String(contentsOf: root.appending(path: "docs/storage.md"), encoding: .utf8)
    let block = try #require(document.components(separatedBy: "```key-files\n").dropFirst().first)
      .components(separatedBy: "```")[0]
    var written: [String: String] = [:]
    for line in block.split(separator: "\n") {
      let parts = line.split(separator: "=").map { $0.trimmingCharacters(in: .whitespaces) }
      written[parts[0], default: ""] += parts[1]
    }
    #expect(written.count == 2)
    #expect(try Hexadecimal.encode(Self.example().bytes) == written["under a passphrase"])
    let inKeyring = KeyFile.keyring(publicKey: try Self.key().publicKey)
    #expect(Hexadecimal.encode(inKeyring.bytes) == written["in a keyring"])
  }

  @Test func opensByItsPassphraseOnly() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      try home.makeFolder()
      try home.writeKey(try Self.example().bytes)
      // However Unicode writes it.
      for phrase in ["correct horse b\u{E4}tterie", "correct horse ba\u{308}tterie"] {
        let key = try DeviceKey.load(at: home.key, with: KeyAccess(passphrase: Passphrase(phrase)))
        #expect(try key.publicKey == Self.key().publicKey)
      }
      for phrase in ["correct horse batterie", "correct horse bätterie ", "Correct horse bätterie"] {
        let access = KeyAccess(passphrase: try Passphrase(phrase))
        await expectFailure(.wrongPassphrase) { _ = try DeviceKey.load(at: home.key, with: access) }
      }
      await expectFailure(.passphraseNeeded) { _ = try DeviceKey.load(at: home.key, with: .system) }
    }
  }

  @Test func everyDamagedByteIsRefused() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      try home.makeFolder()
      let access = KeyAccess(passphrase: try Passphrase("correct horse bätterie"), keyring: FakeKeyring())
      for whole in [try Self.example().bytes, KeyFile.keyring(publicKey: try Self.key().publicKey).bytes] {
        for index in whole.indices {
          for change: UInt8 in [0x01, 0x80, 0xFF] {
            var bytes = whole
            bytes[index] ^= change
            try home.writeKey(bytes)
            await expectFailure(.damaged, "\(index)") { _ = try DeviceKey.load(at: home.key, with: access) }
          }
        }
        // Cut, and longer.
        for count in whole.indices {
          try home.writeKey(Array(whole.prefix(count)))
          await expectFailure(.damaged, "\(count)") { _ = try DeviceKey.load(at: home.key, with: access) }
        }
        try home.writeKey(whole + [0])
        await expectFailure(.damaged, "longer") { _ = try DeviceKey.load(at: home.key, with: access) }
      }
    }
  }

  /// Somebody who alters the file mends its checksum, too.
  @Test func everyForgedByteIsRefused() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      try home.makeFolder()
      let access = KeyAccess(passphrase: try Passphrase("correct horse bätterie"))
      let whole = try Self.example().bytes.dropLast(32)
      for index in whole.indices {
        var bytes = Array(whole)
        bytes[index] ^= 1
        try home.writeKey(bytes + SHA256.hash(data: bytes))
        let expected: AnabranchError.Code =
          switch index {
          case ..<8: .damaged
          case 8: .newer
          case 9: .newer
          // No parallelism at all.
          case 12: .damaged
          default: .wrongPassphrase
          }
        await expectFailure(expected, "\(index)") { _ = try DeviceKey.load(at: home.key, with: access) }
      }
    }
  }

  @Test func aHostileFileAsksForNoMoreWorkThanThereIs() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      try home.makeFolder()
      let access = KeyAccess(passphrase: try Passphrase("x"))
      for parameters: [UInt8] in [
        [0, 8, 1], [9, 8, 1], [20, 8, 1], [63, 8, 1], [64, 8, 1], [255, 255, 255], [17, 0, 1], [17, 8, 0],
        [17, 255, 1],
        [19, 16, 1], [10, 8, 255], [16, 1, 1],
      ] {
        var bytes = Array(try Self.example().bytes.dropLast(32))
        bytes.replaceSubrange(10..<13, with: parameters)
        try home.writeKey(bytes + SHA256.hash(data: bytes))
        await expectFailure(.damaged, "\(parameters)") { _ = try DeviceKey.load(at: home.key, with: access) }
      }
    }
  }

  @Test func everyCostThatIsAllowedCanBePaid() async throws {
    var allowed = 0
    for logRounds in UInt8.min...UInt8.max {
      for blockSize in UInt8.min...UInt8.max {
        for parallelism: UInt8 in [0, 1, 2, 4, 5, 255] {
          guard let cost = ScryptCost(logRounds: logRounds, blockSize, parallelism) else { continue }
          allowed += 1
          #expect(128 * Int(blockSize) << Int(logRounds) <= 512 << 20)
          // What takes long is left to the arithmetic.
          guard logRounds == 10 || (blockSize == 1 && logRounds == 15) else { continue }
          let sealed = try SealedKey(
            Self.secret, under: Passphrase("x"), cost: cost, salt: [1], nonce: [UInt8](repeating: 0, count: 12),
            context: [])
          #expect(sealed.cost == cost)
        }
      }
    }
    #expect(allowed > 300)
    #expect(ScryptCost.standard == (try ScryptCost(logRounds: 17)))
    for wrong in [Int.min, -1, 9, 20, 256, Int.max] {
      await expectFailure(.invalid, "\(wrong)") { _ = try ScryptCost(logRounds: wrong) }
    }
  }

  @Test func whatIsNoPassphraseIsRefused() async throws {
    for wrong in [
      "", "two\nlines", "nul\0", "\u{7F}", String(repeating: "x", count: 1_025), String(repeating: "ä", count: 513),
    ] {
      await expectFailure(.invalid, wrong.debugDescription) { _ = try Passphrase(wrong) }
    }
    await expectFailure(.invalid) { _ = try Passphrase(utf8: [0xFF]) }
    await expectFailure(.invalid) { _ = try Passphrase(utf8: [0x61, 0xC3]) }
    _ = try Passphrase(String(repeating: "x", count: 1_024))
    // NFC and not NFKC: what looks different is different.
    #expect(try Passphrase("ﬁ") != Passphrase("fi"))
    #expect(try Passphrase("한") == Passphrase("\u{1112}\u{1161}\u{11AB}"))
  }

  @Test func isItsOwnersAlone() async throws {
    try await withHomes(1) { homes in
      let home = homes[0]
      try home.makeFolder()
      try home.writeKey(try Self.example().bytes)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: home.key)
      await expectFailure(.invalid) { _ = try KeyFile(at: home.key) }
    }
  }
}
