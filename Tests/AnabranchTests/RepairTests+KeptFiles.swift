import Anabranch
import Foundation
import Testing

/// What a repair keeps beside the new database, and what it leaves there.
extension RepairTests {
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
      #expect(repair.salvage.isTakenOver)
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
}
