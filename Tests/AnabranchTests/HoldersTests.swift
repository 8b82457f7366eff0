import Anabranch
import Foundation
import Testing

@Suite("Who has a change, as far as is known here")
struct HoldersTests {
  private static func holdings(of change: ChangeID, on replica: Replica) async throws -> [String: Holding] {
    let found = try await replica.holders().holdings(of: change)
    return Dictionary(uniqueKeysWithValues: found.map { ($0.device.name, $0.holding) })
  }

  private static func last(_ replica: Replica) async throws -> ChangeID {
    let status = try await replica.status()
    return ChangeID(log: status.log, sequence: status.vector[status.log])
  }

  @Test("Who was never met is named, who wrote it has it, and of who was removed only its author is told")
  func everybody() async throws {
    try await withHomes(3) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      let phone = try await Replica.create(at: homes[1], name: "Phone")
      let desk = try await Replica.create(at: homes[2], name: "Desk")
      let chat = try await laptop.newConversation("Trip")
      try await pair(laptop, phone, desk)
      try await syncAll(laptop, phone)
      let shared = try await Self.last(laptop)
      let unnamed = String(try await desk.device().description.prefix(8))
      #expect(try await Self.holdings(of: shared, on: laptop) == ["Phone": .said, unnamed: .neverMet])
      #expect(try await Self.holdings(of: shared, on: phone) == ["Laptop": .said, unnamed: .neverMet])
      try await laptop.say("nobody else knows", in: chat)
      let own = try await Self.last(laptop)
      #expect(try await Self.holdings(of: own, on: laptop) == ["Phone": .unsaid, unnamed: .neverMet])

      // The desk hears of the phone's words through the laptop, and never meets it.
      try await phone.say("from afar", in: chat)
      let theirs = try await Self.last(phone)
      try await syncAll(laptop, phone)
      try await syncAll(laptop, desk)
      #expect(try await Self.holdings(of: theirs, on: desk) == ["Laptop": .said, "Phone": .wrote])
      #expect(try await Self.holdings(of: shared, on: desk) == ["Laptop": .said, "Phone": .neverMet])
      try await laptop.restrict(phone.device(), to: .outsider)
      #expect(try await Self.holdings(of: theirs, on: laptop) == ["Desk": .said, "Phone": .wroteOutside])
      #expect(try await Self.holdings(of: shared, on: laptop) == ["Desk": .said])
      for replica in [laptop, phone, desk] { try await replica.close() }
    }
  }

  @Test("A device that goes on in another log may not have what it wrote, or said that it has, before")
  func setBack() async throws {
    try await withHomes(3) { homes in
      var laptop = try await Replica.create(at: homes[0], name: "Laptop")
      let phone = try await Replica.create(at: homes[1], name: "Phone")
      let desk = try await Replica.create(at: homes[2], name: "Desk")
      let chat = try await laptop.newConversation("Trip")
      try await syncAll(laptop, phone, desk)
      try await laptop.close()
      let older = try Data(contentsOf: URL(filePath: homes[0].database))
      laptop = try await Replica.open(at: homes[0])
      try await laptop.say("the phone alone has this", in: chat)
      let lost = try await Self.last(laptop)
      try await phone.say("and answers", in: chat)
      let answer = try await Self.last(phone)
      try await syncAll(laptop, phone)
      #expect(try await Self.holdings(of: lost, on: phone) == ["Laptop": .said, "Desk": .neverMet])
      #expect(try await Self.holdings(of: answer, on: phone) == ["Laptop": .said, "Desk": .neverMet])
      try await laptop.close()

      // The laptop is put back, which it notices, and the phone hears of it by the desk.
      try older.write(to: URL(filePath: homes[0].database))
      laptop = try await Replica.open(at: homes[0])
      try await laptop.say("since", in: chat)
      let since = try await Self.last(laptop)
      #expect(since.log != lost.log)
      try await syncAll(laptop, desk)
      try await laptop.close()
      try await syncAll(desk, phone)
      #expect(try await Self.holdings(of: lost, on: phone) == ["Laptop": .wroteBefore, "Desk": .said])
      #expect(try await Self.holdings(of: answer, on: phone) == ["Laptop": .saidBefore, "Desk": .said])
      #expect(try await Self.holdings(of: since, on: phone) == ["Laptop": .wrote, "Desk": .said])
      for replica in [phone, desk] { try await replica.close() }
    }
  }
}
