import Anabranch
import Foundation
import Testing

/// A disk alters a replica's database; what is sound of it goes on, and the rest comes back from others.
@Suite struct RepairTests {
  /// Alters each place of the database at which `words` stand. Returns how many there are.
  @discardableResult
  static func alter(_ words: String, in home: Home) throws -> Int {
    let url = URL(fileURLWithPath: home.database)
    var bytes = try Data(contentsOf: url)
    var count = 0
    while let range = bytes.range(of: Data(words.utf8)) {
      bytes.replaceSubrange(range, with: Data(repeating: UInt8(ascii: "#"), count: range.count))
      count += 1
    }
    try bytes.write(to: url)
    return count
  }

  static func names(_ home: Home) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: home.path).sorted()
  }

  /// A phone, and a laptop that has founded the space and said three things, the last of them to nobody; both closed.
  static func talk(_ homes: [Home]) async throws -> ObjectID {
    let laptop = try await Replica.create(at: homes[0], name: "Laptop")
    let phone = try await Replica.create(at: homes[1], name: "Phone")
    try await pair(laptop, phone)
    let chat = try await laptop.newConversation("Trip")
    try await laptop.say("to Lisbon in May", in: chat)
    try await laptop.say("with the night train", in: chat)
    try await syncAll(laptop, phone)
    try await laptop.say("nobody else knows", in: chat)
    try await laptop.close()
    try await phone.close()
    return chat
  }

  @Test func whatIsLostComesBackFromTheOtherDeviceAndTheRestFromTheDamagedFile() async throws {
    try await withHomes(2) { homes in
      let chat = try await Self.talk(homes)
      #expect(try Self.alter("to Lisbon in May", in: homes[0]) == 1)
      let check = try await Replica.check(at: homes[0])
      #expect(!check.found.isSound && check.found.faults.allSatisfy { $0.part == .log })
      #expect(check.isReadable && check.found.stateHash == nil && !check.found.hasComparedViews)

      let repair = try await Replica.repair(at: homes[0])
      #expect(repair.isNewLog && !repair.isAlone && repair.losses.count == 1)
      let loss = try #require(repair.losses.first)
      #expect(repair.names[loss.loss.log] == "Laptop")
      #expect(loss.holders.map(\.name) == ["Phone"])
      #expect(loss.holders[0].last < loss.loss.changes.upperBound)
      #expect(FileManager.default.fileExists(atPath: repair.kept))
      #expect(try await Replica.check(at: homes[0]).found.isSound)

      let (laptop, phone) = (try await Replica.open(at: homes[0]), try await Replica.open(at: homes[1]))
      #expect(await !laptop.isCopy, "the repair has told it where it is")
      try await syncAll(laptop, phone)
      #expect(try await laptop.messages(of: chat).map(\.text) == ["to Lisbon in May", "with the night train"])
      #expect(try await laptop.takeOver(from: repair.kept) > 0)
      #expect(try await laptop.messages(of: chat).count == 3)
      try await laptop.say("and on we go", in: chat)
      try await syncAll(laptop, phone)
      let texts = try await phone.messages(of: chat).map(\.text)
      #expect(texts == ["to Lisbon in May", "with the night train", "nobody else knows", "and on we go"])
      #expect(try await laptop.status().stateHash == phone.status().stateHash)
      for replica in [laptop, phone] {
        #expect(try await replica.verify().faults == [])
        try await replica.close()
      }
    }
  }

  @Test func whatARepairLostIsRememberedUntilItIsHere() async throws {
    try await withHomes(2) { homes in
      _ = try await Self.talk(homes)
      #expect(try Self.alter("to Lisbon in May", in: homes[0]) == 1)
      let first = try await Replica.repair(at: homes[0])
      let lost = try #require(first.losses.first?.loss)
      #expect(!lost.isEarlier)
      // Whoever was not told it by the repair, since that was killed once the new database was in its place.
      let status = try await Self.status(homes[0])
      #expect(status.unkept.map(\.log) == [lost.log] && status.unkept.map(\.changes) == [lost.changes])
      let found = try await Replica.check(at: homes[0]).found
      let log = try #require(found.logs.first { $0.log == lost.log })
      #expect(found.isSound && log.unkept == lost.changes.upperBound && log.known == log.unkept)
      #expect(log.sound == lost.changes.lowerBound - 1)

      let second = try await Replica.repair(at: homes[0])
      #expect(second.losses.map(\.loss.changes) == [lost.changes] && second.losses.first?.loss.isEarlier == true)
      #expect(second.losses.first?.holders.map(\.name) == ["Phone"])
      #expect(second.salvage.isTakenOver && !second.isNewLog)
      // Nor does any other one after that forget it.
      let next = try await Replica.repair(at: homes[0])
      #expect(next.losses.map(\.loss.changes) == [lost.changes] && next.losses.first?.loss.isEarlier == true)
      #expect(try await Self.status(homes[0]).unkept == status.unkept)

      let (laptop, phone) = (try await Replica.open(at: homes[0]), try await Replica.open(at: homes[1]))
      try await syncAll(laptop, phone)
      let rest = try await laptop.status().unkept
      #expect(rest.map(\.changes.upperBound) == [lost.changes.upperBound])
      #expect(rest.allSatisfy { $0.changes.lowerBound > lost.changes.lowerBound })
      #expect(try await laptop.takeOver(from: first.kept) > 0)
      #expect(try await laptop.status().unkept.isEmpty)
      for replica in [laptop, phone] { try await replica.close() }

      // The same change, which has come back, is damaged again: that is no loss of before.
      #expect(try Self.alter("to Lisbon in May", in: homes[0]) == 1)
      let last = try await Replica.repair(at: homes[0])
      #expect(last.losses.contains { $0.loss.log == lost.log && !$0.loss.isEarlier })
      #expect(!last.salvage.isTakenOver)
    }
  }

  @Test func whatIsOnlyReadIsNotCalledARepair() async throws {
    try await withHomes(2) { homes in
      _ = try await Self.talk(homes)
      #expect(try Self.alter("to Lisbon in May", in: homes[0]) == 1)
      let remains = try await Replica.readRemains(at: homes[0]).replica
      #expect(try await remains.status().unkept == [])
      try await remains.close()
    }
  }

  private static func status(_ home: Home) async throws -> ReplicaStatus {
    let replica = try await Replica.read(at: home)
    let status = try await replica.status()
    try await replica.close()
    return status
  }

  @Test func aReplicaWhoseLogIsSoundGoesOnInIt() async throws {
    try await withHomes(2) { homes in
      let chat = try await Self.talk(homes)
      var laptop = try await Replica.open(at: homes[0])
      let before = try await laptop.status()
      try await laptop.close()
      let repair = try await Replica.repair(at: homes[0])
      #expect(!repair.isNewLog && repair.losses.isEmpty && repair.salvage.faults == [])
      laptop = try await Replica.open(at: homes[0])
      #expect(await !laptop.isCopy)
      let after = try await laptop.status()
      #expect(after.log == before.log && after.stateHash == before.stateHash && after.vector == before.vector)
      try await laptop.say("one more", in: chat)
      #expect(try await laptop.status().vector.entries.count == before.vector.entries.count)
      try await laptop.close()
    }
  }

  @Test func aRemovedDeviceIsNotBelievedAfterARepair() async throws {
    try await withHomes(3) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      let phone = try await Replica.create(at: homes[1], name: "Phone")
      let tablet = try await Replica.create(at: homes[2], name: "Tablet")
      let chat = try await laptop.newConversation("before anybody was let in")
      try await pair(laptop, phone, tablet)
      try await syncAll(laptop, phone)
      try await laptop.say("something", in: chat)
      let all = try await (phone.device(), tablet.device())
      try await laptop.restrict(all.1, to: .outsider)
      try await laptop.close()
      #expect(try Self.alter("before anybody was let in", in: homes[0]) == 1)
      let repair = try await Replica.repair(at: homes[0])
      #expect(repair.isNewLog && !repair.isAlone)
      let again = try await Replica.open(at: homes[0])
      #expect(try await again.isLetIn(all.0))
      #expect(try await !again.isLetIn(all.1))
      // Nobody is let in anew for it.
      let server = try await phone.serve(on: "127.0.0.1:0")
      try await again.sync(with: server.address)
      await server.stop()
      #expect(try await again.isLetIn(all.0))
      #expect(try await !again.isLetIn(all.1))
      #expect(try await again.summary(of: chat).title == "before anybody was let in")
      #expect(try await again.takeOver(from: repair.kept) > 0)
      let tabletNow = try #require(try await again.devices().first { $0.device == all.1 })
      #expect(tabletNow.role == .outsider && !tabletNow.isRemovalLost)
      for replica in [again, phone, tablet] { try await replica.close() }
    }
  }

  @Test func aSecondRepairStillKnowsWhoWasRemoved() async throws {
    try await withHomes(3) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      let phone = try await Replica.create(at: homes[1], name: "Phone")
      let tablet = try await Replica.create(at: homes[2], name: "Tablet")
      _ = try await laptop.newConversation("before anybody was let in")
      try await pair(laptop, phone, tablet)
      try await syncAll(laptop, phone)
      let all = try await (phone.device(), tablet.device())
      try await laptop.restrict(all.1, to: .outsider)
      for replica in [laptop, phone, tablet] { try await replica.close() }
      #expect(try Self.alter("before anybody was let in", in: homes[0]) == 1)
      for _ in 0..<2 {
        _ = try await Replica.repair(at: homes[0])
        let again = try await Replica.open(at: homes[0])
        #expect(try await again.isLetIn(all.0))
        #expect(try await !again.isLetIn(all.1))
        try await again.close()
      }
    }
  }

  @Test func aCopyThatWasPutBackGoesOnInAnotherLogThoughAllOfItIsSound() async throws {
    try await withHomes(2) { homes in
      let chat = try await Self.talk(homes)
      let older = try Data(contentsOf: URL(fileURLWithPath: homes[0].database))
      let laptop = try await Replica.open(at: homes[0])
      try await laptop.say("under the next number", in: chat)
      try await laptop.close()
      try older.write(to: URL(fileURLWithPath: homes[0].database))
      let repair = try await Replica.repair(at: homes[0])
      #expect(repair.losses.isEmpty && repair.salvage.isOwnLogWhole && repair.isNewLog)
    }
  }

  @Test func nothingIsTouchedWhereAnotherProcessWritesOrNothingCanBeRead() async throws {
    try await withHomes(2) { homes in
      _ = try await Self.talk(homes)
      let laptop = try await Replica.open(at: homes[0])
      await #expect { try await Replica.repair(at: homes[0]) } throws: { ($0 as? AnabranchError)?.code == .locked }
      try await laptop.close()
      let names = try Self.names(homes[0])
      let junk = Data(repeating: 0x2a, count: 50_000)
      try junk.write(to: URL(fileURLWithPath: homes[0].database))
      await #expect {
        try await Replica.check(at: homes[0])
      } throws: {
        ($0 as? AnabranchError)?.code == .format && ($0 as? AnabranchError)?.remedy == Check.replacing
      }
      await #expect { try await Replica.repair(at: homes[0]) } throws: { ($0 as? AnabranchError)?.code == .format }
      #expect(try Data(contentsOf: URL(fileURLWithPath: homes[0].database)) == junk)
      #expect(try Set(Self.names(homes[0])).isSubset(of: names + ["history.sqlite-shm", "history.sqlite-wal"]))
    }
  }

  @Test func aFileThatSomebodyHandedOverIsCheckedWhereItLies() async throws {
    try await withHomes(2) { homes in
      _ = try await Self.talk(homes)
      let laptop = try await Replica.open(at: homes[0])
      let backup = homes[1].path + "/backup"
      try await laptop.backUp(to: backup)
      try await laptop.close()
      let names = try Self.names(homes[1])
      #expect(try await Replica.check(database: backup).found.isSound)
      var bytes = try Data(contentsOf: URL(fileURLWithPath: backup))
      let range = try #require(bytes.range(of: Data("with the night train".utf8)))
      bytes[range.lowerBound] ^= 1
      try bytes.write(to: URL(fileURLWithPath: backup))
      let check = try await Replica.check(database: backup)
      #expect(check.found.messages.count == 1 && check.found.messages[0].contains("does not have the hash"))
      #expect(check.names.values.contains("Phone"))
      #expect(try Self.names(homes[1]) == names)
    }
  }
}
