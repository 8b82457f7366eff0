import Anabranch
import Foundation
import Testing

/// Databases that were copied or put back, and are written all the same.
@Suite struct CopiedHomeTests {
  private static func copy(_ home: Home, to other: Home) throws {
    try? FileManager.default.removeItem(atPath: other.path)
    try FileManager.default.copyItem(atPath: home.path, toPath: other.path)
  }

  /// Puts the bytes of `file` into the file at `path`, as `cp` does.
  private static func overwrite(_ path: String, with file: Data) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: file)
    try handle.close()
  }

  private static func logs(_ replica: Replica) async throws -> Int {
    try await replica.status().vector.entries.count
  }

  @Test func aCopiedFolderGoesOnInALogOfItsOwn() async throws {
    try await withHomes(3) { homes in
      let phone = try await Replica.create(at: homes[0], name: "Phone")
      var laptop = try await Replica.create(at: homes[1], name: "Laptop")
      try await pair(phone, laptop)
      let chat = try await laptop.newConversation("Trip")
      try await laptop.close()
      try Self.copy(homes[1], to: homes[2])

      laptop = try await Replica.open(at: homes[1])
      let copy = try await Replica.open(at: homes[2])
      let areCopies = await [laptop.isCopy, copy.isCopy]
      #expect(areCopies == [false, true])
      try await laptop.say("on the laptop", in: chat)
      try await copy.say("on its copy", in: chat)
      for replica in [laptop, copy, laptop] { try await syncAll(phone, replica) }
      let texts = try await phone.messages(of: chat).map(\.text)
      #expect(Set(texts) == ["on the laptop", "on its copy"])
      #expect(try await phone.status().stateHash == laptop.status().stateHash)
      for replica in [phone, laptop, copy] { try await replica.close() }
      #expect(try await !Self.isCopyOnOpening(homes[2]), "it is at home there by now")
    }
  }

  @Test(.timeLimit(.minutes(1))) func aHomeThatIsReplacedJustBeforeItServesIsToldOf() async throws {
    try await withHomes(2) { homes in
      let phone = try await Replica.create(at: homes[0], name: "Phone")
      try FileManager.default.moveItem(atPath: homes[0].path, toPath: homes[1].path)
      try Self.copy(homes[1], to: homes[0])
      let server = try await phone.serve(on: "127.0.0.1:0", discovery: false)
      let event = await server.events.first { $0 == .movedAway }
      #expect(event == .movedAway)
      await server.stop()
      try await phone.close()
    }
  }

  private static func isCopyOnOpening(_ home: Home) async throws -> Bool {
    let replica = try await Replica.open(at: home)
    let isCopy = await replica.isCopy
    try await replica.close()
    return isCopy
  }

  @Test func aDatabaseThatIsPutBackIsNoticedAndLosesNothing() async throws {
    try await withHomes(2) { homes in
      let phone = try await Replica.create(at: homes[0], name: "Phone")
      var laptop = try await Replica.create(at: homes[1], name: "Laptop")
      try await pair(phone, laptop)
      let chat = try await laptop.newConversation("Trip")
      try await laptop.close()
      let database = homes[1].path + "/history.sqlite"
      let old = try Data(contentsOf: URL(fileURLWithPath: database))

      laptop = try await Replica.open(at: homes[1])
      try await laptop.say("said after the copy was made", in: chat)
      try await syncAll(phone, laptop)
      try await laptop.close()
      try Self.overwrite(database, with: old)

      laptop = try await Replica.open(at: homes[1])
      #expect(await laptop.isCopy)
      try await laptop.say("said after it was put back", in: chat)
      try await syncAll(phone, laptop)
      #expect(try await laptop.messages(of: chat).count == 2)
      #expect(try await laptop.verify().faults == [])
      for replica in [phone, laptop] { try await replica.close() }
      #expect(try await !Self.isCopyOnOpening(homes[1]))
    }
  }

  @Test func whatIsBeingWrittenGoesOnInTheCopy() async throws {
    try await withHomes(2) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      let chat = try await laptop.newConversation("Trip")
      let answer = try await laptop.say("First", in: chat, as: .assistant)
      try await laptop.append(", second", to: answer)
      try await laptop.append(", third", to: answer)
      try Self.copy(homes[0], to: homes[1])
      let copy = try await Replica.open(at: homes[1])
      #expect(try await copy.messages(of: chat).map(\.text) == ["First, second, third"])
      #expect(try await Self.logs(copy) == 2)
      #expect(try await copy.verify().faults == [])
      for replica in [laptop, copy] { try await replica.close() }
    }
  }

  @Test func whereWhatLiesBesideTheDatabaseIsLostItIsTakenForACopy() async throws {
    try await withHomes(1) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      try await laptop.close()
      #expect(try await !Self.isCopyOnOpening(homes[0]))
      try FileManager.default.removeItem(atPath: homes[0].path + "/origin")
      #expect(try await Self.isCopyOnOpening(homes[0]))
    }
  }
}
