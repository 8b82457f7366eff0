import Anabranch
import Foundation
import Testing

/// Devices that come back by the recovery phrase.
@Suite(.timeLimit(.minutes(2))) struct RecoveryTests {
  /// A laptop that founded a space with `phrase`, and a phone that it has let in as `role`; each holds what the other does.
  private func withPhone(
    as role: MemberRole, _ body: (Replica, Replica, RecoveryPhrase) async throws -> Void
  ) async throws {
    try await withHomes(2) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      let phone = try await Replica.create(at: homes[1], name: "Phone")
      let phrase = try await laptop.found()
      try await laptop.enrol(phone.device(), as: role)
      try await phone.join(#require(try await laptop.space()), invitedBy: laptop.device(), as: role)
      try await sync(phone, laptop)
      try await body(laptop, phone, phrase)
      for replica in [laptop, phone] {
        #expect(try await replica.verify().faults == [])
        try await replica.close()
      }
    }
  }

  /// What a restored device writes before anybody let it in counts on it alone; so not in a backup of it either, which goes on as
  /// another one.
  @Test func aBackupOfARestoredBackupIsSound() async throws {
    try await withPhone(as: .owner) { laptop, _, _ in
      try await withHomes(3) { homes in
        let files = ["/first", "/second"].map { homes[2].path + $0 }
        try FileManager.default.createDirectory(atPath: homes[2].path, withIntermediateDirectories: true)
        let chat = try await laptop.newConversation("Trip")
        try await laptop.backUp(to: files[0])
        let restored = try await Replica.restore(from: files[0], to: homes[0], name: "Restored")
        // What the laptop did is not the last thing done here.
        let last = try await restored.lastAction()
        #expect(last == nil, "\(String(describing: last))")
        try await restored.say("Where to?", in: chat)
        #expect(try await restored.messages(of: chat).map(\.text) == ["Where to?"])
        try await restored.backUp(to: files[1])
        try await restored.close()
        let again = try await Replica.restore(from: files[1], to: homes[1], name: "Again")
        #expect(try await again.verify().faults == [])
        #expect(try await again.status().uncounted > 0)
        try await again.close()
      }
    }
  }

  private func sync(_ one: Replica, _ other: Replica) async throws {
    let server = try await other.serve(on: "127.0.0.1:0")
    try await one.sync(with: server.address)
    await server.stop()
  }

  @Test(arguments: [MemberRole.reader, .writer]) func aDeviceThatMayDoLessBecomesAnOwner(role: MemberRole) async throws
  {
    try await withPhone(as: role) { laptop, phone, phrase in
      try await phone.recover(by: phrase)
      #expect(try await phone.devices().map(\.role) == [.owner, .owner])
      try await phone.newConversation("Mine again")
      _ = try await phone.invite(at: [])
      try await sync(phone, laptop)
      #expect(try await laptop.devices().map(\.role) == [.owner, .owner])
      #expect(try await laptop.conversations().map(\.title) == ["Mine again"])
    }
  }

  @Test func aReaderKeepsTheOthersOut() async throws {
    try await withPhone(as: .reader) { laptop, phone, phrase in
      try await phone.recover(by: phrase, isAlone: true)
      let devices = try await phone.devices()
      #expect(devices.filter { $0.role == .owner }.map(\.name) == ["Phone"] && devices.count == 2)
      #expect(try await !meets(phone, laptop))
    }
  }

  /// What was taken is not given back: nothing is changed, and nobody is told otherwise.
  @Test func rightsThatWereTakenStayTaken() async throws {
    try await withPhone(as: .owner) { laptop, phone, phrase in
      try await laptop.restrict(phone.device(), to: .writer)
      try await sync(phone, laptop)
      let before = try await phone.status().logHash
      await #expect { try await phone.recover(by: phrase) } throws: { ($0 as? AnabranchError)?.code == .invalid }
      #expect(try await phone.status().logHash == before)
      #expect(try await phone.devices().map(\.role) == [.owner, .writer])
    }
  }
}
