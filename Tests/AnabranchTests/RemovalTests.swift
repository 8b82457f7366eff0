import Anabranch
import Foundation
import Testing

/// What a device says that may not, or not any more.
@Suite struct RemovalTests {
  private func sync(_ replica: Replica, with other: Replica) async throws {
    let server = try await other.serve(on: "127.0.0.1:0")
    defer { Task { await server.stop() } }
    try await replica.sync(with: server.address)
    await server.stop()
  }

  @Test func afterARemovalOnlyWhatOthersBuiltOnStays() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Trip")
      try await laptop.say("Where to?", in: chat)
      try await syncAll(laptop, phone, desktop)

      // The phone is stolen and goes on; the desktop, which has not heard of that, answers one of its messages.
      try await laptop.restrict(phone.device(), to: .outsider)
      let answered = try await phone.say("To the sea", in: chat)
      try await phone.newConversation("Nobody builds on this")
      try await sync(phone, with: desktop)
      try await desktop.say("Which sea?", in: chat, as: .assistant, at: .after(answered))
      try await phone.say("Never mind", in: chat)
      try await phone.setTitle("Stolen", of: chat)
      try await phone.purge(chat, immediately: true)
      try await sync(phone, with: desktop)
      #expect(try await desktop.conversations().map(\.title) == ["Nobody builds on this"])

      try await syncAll(laptop, desktop)
      for replica in [laptop, desktop] {
        #expect(try await replica.conversations().map(\.title) == ["Trip"], "nor is it purged")
        let texts = try await replica.messages(of: chat).map(\.text)
        #expect(texts == ["Where to?", "To the sea", "Which sea?"])
        #expect(try await replica.search("never mind").isEmpty)
        #expect(try await replica.status().uncounted > 0)
        #expect(try await replica.purges().isEmpty)
      }
      await #expect(throws: AnabranchError.self) { try await sync(phone, with: laptop) }
      let name = try #require(try await laptop.devices().first { $0.role == .outsider }).name
      let error = await #expect(throws: AnabranchError.self) { try await sync(laptop, with: phone) }
      #expect(
        error?.message.contains("“\(name)”") == true && error?.message.contains("was removed") == true,
        "\(error?.message ?? "")")
    }
  }

  /// To take back what has no effect would name it, and so give it one.
  /// Else nobody could let a device in any more.
  @Test func theOnlyOwnerStaysOne() async throws {
    try await withHomes(3) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      let phone = try await Replica.create(at: homes[1], name: "Phone")
      _ = try await laptop.found()
      let space = try #require(try await laptop.space())
      try await laptop.enrol(phone.device(), as: .writer)
      try await phone.join(space, invitedBy: laptop.device(), as: .writer)
      for role in [MemberRole.outsider, .reader, .writer] {
        let error = await #expect(throws: AnabranchError.self) { try await laptop.restrict(laptop.device(), to: role) }
        #expect(error?.code == .invalid && error?.message.contains("only owner") == true)
      }
      #expect(try await laptop.devices().map(\.role) == [.owner, .writer])
      // With another one it may go.
      let desktop = try await Replica.create(at: homes[2], name: "Desktop")
      try await pair(laptop, desktop)
      try await laptop.restrict(laptop.device(), to: .reader)
      #expect(try await laptop.devices().map(\.role).filter { $0 == .owner }.count == 1)
      for replica in [laptop, phone, desktop] { try await replica.close() }
    }
  }

  @Test func whatHasNoEffectIsNotTakenBack() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Trip")
      try await syncAll(laptop, phone, desktop)
      try await laptop.restrict(phone.device(), to: .outsider)
      try await phone.setTitle("Stolen", of: chat)
      let stolen = try await phone.last()
      try await sync(phone, with: desktop)
      try await syncAll(laptop, desktop)
      let summary = try await laptop.undo(stolen)
      #expect(summary.undo == nil && summary.reversed == 0)
      #expect(summary.remaining.map(\.reason) == [.uncounted])
      #expect(try await laptop.conversations().map(\.title) == ["Trip"])
      #expect(try await laptop.status().uncounted == 1)
    }
  }

  @Test func whoHearsOfItsOwnRemovalIsToldWhenItWrites() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      _ = try await laptop.say("Which way?", in: chat)
      try await syncAll(laptop, phone)
      try await phone.restrict(phone.device(), to: .outsider)
      let error = await #expect(throws: AnabranchError.self) { try await phone.say("To the sea", in: chat) }
      #expect(error?.code == .denied && error?.message.contains("removed from the history") == true)
      #expect(try await phone.messages(of: chat).map(\.text) == ["Which way?"])
      // What it has read it would tell nobody either.
      let reading = await #expect(throws: AnabranchError.self) { try await phone.markRead(chat) }
      #expect(reading?.code == .denied)
    }
  }

  @Test func whatAWriterPurgesStays() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Trip")
      try await laptop.say("Where to?", in: chat)
      let other = try await laptop.newConversation("Recipes")
      try await syncAll(laptop, phone, desktop)
      try await laptop.restrict(phone.device(), to: .writer)
      // It has not heard of that.
      try await phone.purge(chat)
      try await phone.say("How long does dough rise?", in: other)
      try await syncAll(laptop, phone, desktop)
      for replica in [laptop, phone, desktop] {
        #expect(try await replica.messages(of: chat).map(\.text) == ["Where to?"])
        #expect(try await replica.messages(of: other).map(\.text) == ["How long does dough rise?"])
        #expect(try await replica.status().uncounted == 1)
      }
      await #expect(throws: AnabranchError.self) { try await phone.purge(chat) }
    }
  }

  @Test func whatANewcomerHoldsCountsUntilTheRosterComes() async throws {
    try await withHomes(2) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      let phone = try await Replica.create(at: homes[1], name: "Phone")
      // What the phone has, nobody let in yet.
      let chat = try await phone.newConversation("Before")
      try await phone.say("Written alone", in: chat)
      _ = try await laptop.found()
      let space = try #require(try await laptop.space())
      try await phone.join(space, invitedBy: laptop.device(), as: .owner)
      #expect(try await phone.conversations().map(\.title) == ["Before"], "what it holds counts until it hears more")
      try await laptop.enrol(phone.device(), as: .owner)
      try await syncAll(laptop, phone)
      #expect(try await laptop.conversations().map(\.title) == ["Before"])
      #expect(try await laptop.status().uncounted == 0)
      for device in [laptop, phone] { try await device.close() }
    }
  }

  @Test func whoWasLetInBySomebodyRemovedIsLetInAnew() async throws {
    try await withHomes(4) { homes in
      var replicas: [Replica] = []
      for (home, name) in zip(homes, ["Laptop", "Phone", "Desktop", "Tablet"]) {
        replicas.append(try await Replica.create(at: home, name: name))
      }
      let (laptop, phone, desktop, tablet) = (replicas[0], replicas[1], replicas[2], replicas[3])
      _ = try await laptop.found()
      let space = try #require(try await laptop.space())
      func admit(_ newcomer: Replica, by inviter: Replica) async throws {
        try await inviter.enrol(newcomer.device(), as: .owner)
        try await newcomer.join(space, invitedBy: inviter.device(), as: .owner)
      }
      try await admit(phone, by: laptop)
      try await sync(phone, with: laptop)
      try await admit(desktop, by: phone)
      try await sync(desktop, with: phone)
      let chat = try await tablet.newConversation("On the tablet")
      try await admit(tablet, by: laptop)
      // The desktop has not heard of that when it takes the laptop's rights; the phone has.
      try await sync(phone, with: laptop)
      try await desktop.restrict(laptop.device(), to: .outsider)
      try await sync(desktop, with: phone)
      let device = try await tablet.device()
      #expect(try await desktop.devices().first { $0.device == device }?.role == .outsider)
      await #expect(throws: AnabranchError.self) { try await sync(tablet, with: desktop) }

      try await desktop.enrol(device, as: .owner)
      #expect(try await desktop.devices().first { $0.device == device }?.role == .owner)
      try await tablet.join(space, invitedBy: desktop.device(), as: .owner)
      try await sync(tablet, with: desktop)
      #expect(try await desktop.conversations().map(\.id) == [chat])
      for replica in replicas { try await replica.close() }
    }
  }
}
