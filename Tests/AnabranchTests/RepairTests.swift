import Anabranch
import Foundation
import Testing

/// A disk alters a replica's database; what is sound of it goes on, and the rest comes back from others.
@Suite struct RepairTests {
  /// Alters each place of the database at which `words` stand. Returns how many there are.
  @discardableResult
  private static func alter(_ words: String, in home: Home) throws -> Int {
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

  private static func names(_ home: Home) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: home.path).sorted()
  }

  /// A phone, and a laptop that has founded the space and said three things, the last of them to nobody; both closed.
  private static func talk(_ homes: [Home]) async throws -> ObjectID {
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
      #expect(status.lost.map(\.log) == [lost.log] && status.lost.map(\.changes) == [lost.changes])
      let found = try await Replica.check(at: homes[0]).found
      let log = try #require(found.logs.first { $0.log == lost.log })
      #expect(found.isSound && log.lost == lost.changes.upperBound && log.known == log.lost)
      #expect(log.sound == lost.changes.lowerBound - 1)

      let second = try await Replica.repair(at: homes[0])
      #expect(second.losses.map(\.loss.changes) == [lost.changes] && second.losses.first?.loss.isEarlier == true)
      #expect(second.losses.first?.holders.map(\.name) == ["Phone"])
      #expect(second.salvage.isWhole && !second.isNewLog)
      #expect(try await Self.status(homes[0]).lost == status.lost)

      let (laptop, phone) = (try await Replica.open(at: homes[0]), try await Replica.open(at: homes[1]))
      try await syncAll(laptop, phone)
      let rest = try await laptop.status().lost
      #expect(rest.map(\.changes.upperBound) == [lost.changes.upperBound])
      #expect(rest.allSatisfy { $0.changes.lowerBound > lost.changes.lowerBound })
      #expect(try await laptop.takeOver(from: first.kept) > 0)
      #expect(try await laptop.status().lost.isEmpty)
      for replica in [laptop, phone] { try await replica.close() }

      // The same change, which has come back, is damaged again: that is no loss of before.
      #expect(try Self.alter("to Lisbon in May", in: homes[0]) == 1)
      let third = try await Replica.repair(at: homes[0])
      #expect(third.losses.contains { $0.loss.log == lost.log && !$0.loss.isEarlier })
      #expect(!third.salvage.isWhole)
    }
  }

  @Test func whatIsOnlyReadIsNotCalledARepair() async throws {
    try await withHomes(2) { homes in
      _ = try await Self.talk(homes)
      #expect(try Self.alter("to Lisbon in May", in: homes[0]) == 1)
      let remains = try await Replica.readRemains(at: homes[0]).replica
      #expect(try await remains.status().lost == [])
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

  @Test func purgesWaitForTheKeptFileUntilAllThatIsInItIsHere() async throws {
    try await withHomes(2) { homes in
      let chat = try await Self.talk(homes)
      var laptop = try await Replica.open(at: homes[0])
      let secret = try await laptop.say("a password", in: chat)
      try await laptop.say("another one", in: chat)
      try await laptop.purge(secret, immediately: true)
      while try await laptop.eraseStep() == .more {}
      let file = Array(repeating: UInt8(7), count: 100_000)
      let last = try await laptop.say("see the file, which nobody else has", in: chat)
      _ = try await laptop.attach([AttachmentBytes(file, name: "only here")], to: last)
      try await laptop.close()
      #expect(try Self.alter("to Lisbon in May", in: homes[0]) == 1)
      let repair = try await Replica.repair(at: homes[0])
      laptop = try await Replica.open(at: homes[0])
      let phone = try await Replica.open(at: homes[1])
      // It was carried out, and comes again.
      try await syncAll(laptop, phone)
      let known = try #require(try await laptop.messages(of: chat).first?.id)
      try await laptop.purge(known, immediately: true)
      #expect(try await laptop.eraseStep() == .waiting)
      #expect(try await laptop.untakenFiles() == [repair.kept])
      #expect(FileManager.default.fileExists(atPath: repair.kept))
      #expect(try await laptop.takeOver(from: repair.kept) > 0)
      #expect(try await laptop.untakenFiles().isEmpty)
      while try await laptop.eraseStep() == .more {}
      #expect(!FileManager.default.fileExists(atPath: repair.kept), "what was purged since lies in it")
      let files = try await laptop.attachmentTotals()
      #expect(files.whole == 1 && files.lacking == 0)
      for replica in [laptop, phone] { try await replica.close() }
    }
  }

  @Test func theKeptFileGoesWithTheNextPurgeWhereNothingWasLost() async throws {
    try await withHomes(2) { homes in
      let chat = try await Self.talk(homes)
      let repair = try await Replica.repair(at: homes[0])
      #expect(repair.salvage.isWhole)
      let laptop = try await Replica.open(at: homes[0])
      #expect(try await laptop.untakenFiles().isEmpty)
      let known = try #require(try await laptop.messages(of: chat).first?.id)
      try await laptop.purge(known, immediately: true)
      while try await laptop.eraseStep() == .more {}
      #expect(!FileManager.default.fileExists(atPath: repair.kept))
      try await laptop.close()
    }
  }

  @Test func aPersonMayRemoveTheKeptFile() async throws {
    try await withHomes(2) { homes in
      let chat = try await Self.talk(homes)
      #expect(try Self.alter("nobody else knows", in: homes[0]) == 1)
      let repair = try await Replica.repair(at: homes[0])
      let laptop = try await Replica.open(at: homes[0])
      let known = try #require(try await laptop.messages(of: chat).first?.id)
      try await laptop.purge(known, immediately: true)
      #expect(try await laptop.eraseStep() == .waiting)
      try FileManager.default.removeItem(atPath: repair.kept)
      while try await laptop.eraseStep() == .more {}
      #expect(try await laptop.eraseStep() == .idle)
      try await laptop.close()
    }
  }

  @Test func nothingIsLeftBesideTheDatabaseThatIsKept() async throws {
    try await withHomes(2) { homes in
      _ = try await Self.talk(homes)
      #expect(try Self.alter("nobody else knows", in: homes[0]) == 1)
      // Whoever reads has SQLite make files beside it.
      #expect(try await !Replica.check(at: homes[0]).found.isSound)
      let repair = try await Replica.repair(at: homes[0])
      let names = try Self.names(homes[0]).filter { !$0.hasPrefix("history.sqlite-") }
      let kept = URL(filePath: repair.kept).lastPathComponent
      #expect(names == ["device.key", "history.sqlite", kept, "origin", "writer.lock"])
    }
  }

  @Test func whatWasCutOffLeavesNothing() async throws {
    try await withHomes(2) { homes in
      let chat = try await Self.talk(homes)
      let ended = Process()
      ended.executableURL = URL(filePath: "/bin/true")
      try ended.run()
      ended.waitUntilExit()
      let kept = ".damaged-20260101T000000Z"
      let leftovers = [
        ".verify-\(ended.processIdentifier)-1", ".verify-\(ended.processIdentifier)-1-journal", ".partial-repair",
        ".partial-repair-wal", ".partial-repair.verify", ".partial", ".schema-3.backup.partial",
      ]
      func leave(_ names: [String]) throws {
        for name in names { try Data("a password".utf8).write(to: URL(filePath: homes[0].database + name)) }
      }
      func rest() throws -> [String] {
        try Self.names(homes[0]).filter { $0.hasPrefix("history.sqlite.") }.map { String($0.dropFirst(14)) }
      }
      let running = ".verify-\(ProcessInfo.processInfo.processIdentifier)-1"
      try leave(leftovers + [running, kept, kept + "-shm", ".schema-3.backup"])
      try Data().write(to: URL(filePath: homes[0].database + kept + "-wal"))
      let laptop = try await Replica.open(at: homes[0])
      #expect(try rest() == [kept, ".schema-3.backup", running])
      // And a purge takes what was left since.
      try FileManager.default.removeItem(atPath: homes[0].database + kept)
      try FileManager.default.removeItem(atPath: homes[0].database + running)
      try leave(leftovers)
      let known = try #require(try await laptop.messages(of: chat).first?.id)
      try await laptop.purge(known, immediately: true)
      while try await laptop.eraseStep() == .more {}
      #expect(try rest() == [])
      try await laptop.close()

      // So does a repair, of what another one left.
      try leave(leftovers + [kept + "-shm"])
      #expect(try Self.alter("with the night train", in: homes[0]) == 1)
      let repair = try await Replica.repair(at: homes[0])
      #expect(try rest() == [String(repair.kept.dropFirst(homes[0].database.count))])
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
      for attempt in ["check", "repair"] {
        await #expect {
          if attempt == "check" {
            _ = try await Replica.check(at: homes[0])
          } else {
            _ = try await Replica.repair(at: homes[0])
          }
        } throws: {
          ($0 as? AnabranchError)?.code == .format
        }
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: homes[0].database)) == junk)
      #expect(try Set(Self.names(homes[0])).isSubset(of: names + ["history.sqlite-shm", "history.sqlite-wal"]))
    }
  }

  @Test func aRepairThatWasCutOffAtItsLastStepIsTold() async throws {
    try await withHomes(2) { homes in
      _ = try await Self.talk(homes)
      let kept = homes[0].database + ".damaged-20260101T000000Z"
      try FileManager.default.moveItem(atPath: homes[0].database, toPath: kept)
      await #expect { try await Replica.open(at: homes[0]) } throws: {
        let error = $0 as? AnabranchError
        return error?.code == .notFound && error?.message.contains("cut off") == true
          && error?.remedy.contains(homes[0].database) == true
      }
      try FileManager.default.moveItem(atPath: kept, toPath: homes[0].database)
      try await Replica.open(at: homes[0]).close()
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
