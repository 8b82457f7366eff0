import Anabranch
import Foundation
import Synchronization
import Testing

/// What goes from the trash by itself, and that nothing goes unannounced.
@Suite struct RetentionTests {
  /// A device whose clock a test sets.
  private final class Clock: Sendable {
    private let days = Mutex(0.0)
    private static let start: Int64 = 1_800_000_000_000

    func pass(days more: Double) { days.withLock { $0 += more } }

    var surroundings: Surroundings {
      Surroundings(
        wall: { Self.start + Int64(self.days.withLock { $0 } * 86_400_000) }, random: Surroundings.system.random,
        uptime: Surroundings.system.uptime)
    }
  }

  @Test func nothingGoesUnlessItIsSetAndThenOnlyAnnounced() async throws {
    try await withHomes(1) { homes in
      let clock = Clock()
      let laptop = try await Replica.create(at: homes[0], name: "Laptop", surroundings: clock.surroundings)
      let chat = try await laptop.newConversation("Old news")
      let kept = try await laptop.newConversation("Kept after all")
      try await laptop.delete(chat)
      try await laptop.delete(kept)
      clock.pass(days: 400)
      #expect(try await laptop.expireTrash() == TrashExpiry())
      #expect(try await laptop.trash().map(\.expires) == [nil, nil])

      for word in ["soon", "-3", "0", "9999999999999999"] {
        await #expect(throws: AnabranchError.self, "\(word)") {
          try await laptop.setSetting(Replica.trashDaysSetting, to: word)
        }
        #expect(try await laptop.expireTrash() == TrashExpiry(), "\(word)")
      }
      try await laptop.setSetting(Replica.trashDaysSetting, to: "500")
      #expect(try await laptop.expireTrash() == TrashExpiry())
      try await laptop.setSetting(Replica.trashDaysSetting, to: "30")
      let first = try await laptop.expireTrash()
      #expect(Set(first.announced.map(\.title)) == ["Old news", "Kept after all"] && first.purged.isEmpty)
      let vector = try await laptop.status().vector
      clock.pass(days: 0.9)
      #expect(try await laptop.expireTrash() == TrashExpiry())
      #expect(try await laptop.status().vector == vector)
      try await laptop.restore(kept)
      clock.pass(days: 0.2)
      #expect(try await laptop.expireTrash().purged.map(\.record.id) == [chat])
      #expect(try await laptop.expireTrash() == TrashExpiry())
      #expect(try await laptop.conversations().map(\.id) == [kept])
      await #expect { _ = try await laptop.conversation(chat) } throws: { ($0 as? AnabranchError)?.code == .purged }

      // What was taken out of the trash and put there again is announced anew.
      try await laptop.delete(kept)
      clock.pass(days: 40)
      #expect(try await laptop.expireTrash().announced.map(\.record.id) == [kept])
      clock.pass(days: 2)
      try await laptop.setSetting(Replica.trashDaysSetting, to: nil)
      #expect(try await laptop.expireTrash() == TrashExpiry())
      try await laptop.setSetting(Replica.trashDaysSetting, to: "30")
      #expect(try await laptop.expireTrash().announced.map(\.record.id) == [kept])
      #expect(try await laptop.verify().faults == [])
      try await laptop.close()
    }
  }
}
