import AnabranchCore
import Foundation
import Testing

@testable import Anabranch

/// Keys that lie in another home than their device's.
@Suite struct KeyMatchingTests {
  /// A phone and a laptop of one space, both closed; in the laptop's home lies the phone's key. Returns the laptop's.
  private static func exchangeKeys(_ homes: [Home]) async throws -> Data {
    let laptop = try await Replica.create(at: homes[0], name: "Laptop")
    let phone = try await Replica.create(at: homes[1], name: "Phone")
    try await pair(laptop, phone)
    try await laptop.newConversation("Trip")
    try await syncAll(laptop, phone)
    try await laptop.close()
    try await phone.close()
    let key = try Data(homes[0].keyBytes)
    try put(Data(homes[1].keyBytes), in: homes[0])
    return key
  }

  private static func put(_ key: Data, in home: Home) throws {
    try key.write(to: URL(filePath: home.key))
  }

  /// The files in a home, but those that SQLite has beside an open database.
  private static func names(_ home: Home) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: home.path).sorted().filter {
      !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm")
    }
  }

  private static func logs(_ home: Home) async throws -> Int {
    let replica = try await Replica.read(at: home)
    let count = try await replica.status().vector.entries.count
    try await replica.close()
    return count
  }

  @Test func nothingIsWrittenWithTheKeyOfAnotherDevice() async throws {
    try await withHomes(2) { homes in
      let right = try await Self.exchangeKeys(homes)
      let before = try await Self.logs(homes[0])
      let opening = try #require(
        await #expect(throws: AnabranchError.self) { _ = try await Replica.open(at: homes[0]) })
      #expect(opening.code == .wrongKey)
      #expect(opening.message.contains("“Laptop”") && opening.message.contains("“Phone”"))
      let check = try await Replica.check(at: homes[0])
      #expect(check.keyFault == opening && !check.isSound && check.found.isSound)
      #expect(try await Self.logs(homes[0]) == before)

      try Self.put(right, in: homes[0])
      #expect(try await Replica.check(at: homes[0]).isSound)
      let laptop = try await Replica.open(at: homes[0])
      try await laptop.newConversation("Work")
      try await laptop.close()
      #expect(try await Self.logs(homes[0]) == before, "in the log of before")
    }
  }

  @Test func norDoesARepairGoOnWithIt() async throws {
    try await withHomes(2) { homes in
      let right = try await Self.exchangeKeys(homes)
      let before = try Self.names(homes[0])
      await expectFailure(.wrongKey) { _ = try await Replica.repair(at: homes[0]) }
      #expect(try Self.names(homes[0]) == before)
      try Self.put(right, in: homes[0])
      #expect(try await !Replica.repair(at: homes[0]).isNewLog)
    }
  }

  /// As any copy does, and with any key.
  @Test func withoutWhatMarksItTheHistoryGoesOnInALogOfThatDevice() async throws {
    try await withHomes(2) { homes in
      _ = try await Self.exchangeKeys(homes)
      let before = try await Self.logs(homes[0])
      try FileManager.default.removeItem(atPath: homes[0].origin)
      let laptop = try await Replica.open(at: homes[0])
      try await laptop.newConversation("Work")
      let phone = try await Replica.open(at: homes[1])
      #expect(try await laptop.device() == phone.device())
      for replica in [laptop, phone] { try await replica.close() }
      #expect(try await Self.logs(homes[0]) == before + 1)
    }
  }

  @Test func whoseKeyIsInACopyIsTold() async throws {
    try await withHomes(3) { homes in
      let right = try await Self.exchangeKeys(homes)
      try FileManager.default.removeItem(atPath: homes[0].origin)
      let copy = try #require(await Replica.check(at: homes[0]).key)
      #expect(copy.name == "Phone" && copy.writerName == "Laptop" && copy.isOfAnother && copy.place == .within)
      // One that nobody has let in.
      try await Replica.create(at: homes[2], name: "Tablet").close()
      try Self.put(Data(homes[2].keyBytes), in: homes[0])
      let check = try await Replica.check(at: homes[0])
      let key = try #require(check.key)
      #expect(key.isOfAnother && key.place == .unknown && key.name == nil && check.isSound)
      let reader = try await Replica.read(at: homes[0])
      #expect(try await reader.keyStanding() == key)
      try await reader.close()

      try Self.put(right, in: homes[0])
      let own = try #require(await Replica.check(at: homes[0]).key)
      #expect(!own.isOfAnother && own.place == .within && own.name == "Laptop")
    }
  }

  @Test func ofOneThatIsAloneNothingIsToBeSaid() async throws {
    try await withHomes(1) { homes in
      try await Replica.create(at: homes[0], name: "Laptop").close()
      let key = try #require(await Replica.check(at: homes[0]).key)
      #expect(!key.isOfAnother && key.place == .within)
    }
  }

  @Test func whoseKeyItIsUnderAPassphraseIsToldOnceThatIsKnown() async throws {
    try await withHomes(2) { homes in
      _ = try await Self.exchangeKeys(homes)
      let one = try Passphrase("one")
      try await Replica.protectKey(at: homes[0], by: .passphrase(one, cost: .low), access: .system)
      #expect(try await Replica.check(at: homes[0]).keyFault == nil)
      await expectFailure(.wrongKey) {
        _ = try await Replica.open(at: homes[0], access: KeyAccess(passphrase: one))
      }
    }
  }
}
