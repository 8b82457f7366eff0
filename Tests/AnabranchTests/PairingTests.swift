import Foundation
import Synchronization
import Testing

@testable import Anabranch

/// Devices that come into a space, and are kept out of it.
@Suite struct PairingTests {
  /// Lets `newcomer` into the space of `host` by a code, and returns what the exchange after that did.
  @discardableResult
  private func join(
    _ newcomer: Replica, to host: Replica, as role: MemberRole = .owner, isLetIn: Bool = true
  ) async throws -> SyncSummary {
    let server = try await host.serve(on: "127.0.0.1:0")
    defer { Task { await server.stop() } }
    let invitation = try await host.invite(as: role)
    let answering = Task {
      var events: [InvitationEvent] = []
      for await event in invitation.events {
        events.append(event)
        if case .asked(let newcomer) = event { try await host.answer(newcomer, isLetIn: isLetIn) }
      }
      return events
    }
    let code = try PairingCode(invitation.code.description)
    let result: Result<SyncSummary, any Error>
    do {
      result = .success(try await newcomer.join(code))
    } catch {
      result = .failure(error)
    }
    let events = try await answering.value
    await server.stop()
    let device = try await newcomer.device()
    #expect(events.contains { if case .asked(let asked) = $0 { asked.device == device } else { false } })
    return try result.get()
  }

  private func withThree(_ body: (Replica, Replica, Replica) async throws -> Void) async throws {
    try await withHomes(3) { homes in
      var devices: [Replica] = []
      for (home, name) in zip(homes, ["Laptop", "Phone", "Desktop"]) {
        devices.append(try await Replica.create(at: home, name: name))
      }
      _ = try await devices[0].found()
      try await body(devices[0], devices[1], devices[2])
      for device in devices {
        #expect(try await device.verify().faults == [])
        try await device.close()
      }
    }
  }

  @Test func aCodeThatIsMisspelledIsSaidToBe() throws {
    let code = PairingCode(secret: (0..<32).map { UInt8($0) }, addresses: ["127.0.0.1:4850"]).description
    #expect(try PairingCode(code.uppercased()).description == code)
    for place in [0, 1, 7, 40] {
      var letters = Array(code)
      letters[place] = letters[place] == "q" ? "r" : "q"
      let error = #expect(throws: AnabranchError.self) { try PairingCode(String(letters)) }
      #expect(error?.message.contains("misspelled") == true, "\(place): \(error?.message ?? "")")
    }
    let short = #expect(throws: AnabranchError.self) { try PairingCode(String(code.dropFirst(5))) }
    #expect(short?.message.contains("letters and digits") == true)
  }

  @Test func historiesOfBothSidesMerge() async throws {
    try await withThree { laptop, phone, desktop in
      let trip = try await laptop.newConversation("Trip")
      try await laptop.say("Where to?", in: trip)
      // The phone belongs to a space already, with a history that came from the desktop.
      _ = try await phone.found()
      try await join(desktop, to: phone)
      let recipes = try await desktop.newConversation("Recipes")
      try await desktop.say("How long does dough rise?", in: recipes)
      try await syncAll(phone, desktop)
      try await join(phone, to: laptop)
      for device in [laptop, phone] {
        #expect(try await device.messages(of: trip).map(\.text) == ["Where to?"])
        #expect(try await device.messages(of: recipes).map(\.text) == ["How long does dough rise?"])
        #expect(try await device.devices().map(\.name) == ["Laptop", "Phone"])
      }
      #expect(try await laptop.status().stateHash == phone.status().stateHash)
      // The desktop has stayed where it was: it meets nobody, until it comes in too.
      let server = try await laptop.serve(on: "127.0.0.1:0")
      await #expect(throws: AnabranchError.self) { try await desktop.sync(with: server.address) }
      await server.stop()
      try await join(desktop, to: phone)
      try await syncAll(phone, desktop, laptop)
      #expect(try await desktop.devices().map(\.name) == ["Laptop", "Phone", "Desktop"])
    }
  }

  @Test func whoIsNotLetInGetsNothing() async throws {
    try await withThree { laptop, phone, _ in
      try await laptop.newConversation("Trip")
      await #expect { try await join(phone, to: laptop, isLetIn: false) } throws: {
        ($0 as? AnabranchError)?.code == .denied
      }
      #expect(try await phone.conversations().isEmpty)
      #expect(try await phone.space() == nil)
      #expect(try await laptop.devices().map(\.name) == ["Laptop"])
    }
  }

  @Test func aWrongCodeIsTriedFiveTimes() async throws {
    try await withThree { laptop, phone, _ in
      let server = try await laptop.serve(on: "127.0.0.1:0")
      let other = try await laptop.invite(at: [])
      // The code of an invitation that has ended is one that is not known.
      let invitation = try await laptop.invite(at: [])
      for _ in 0..<5 {
        await #expect(throws: AnabranchError.self) { try await phone.join(other.code, at: server.address) }
      }
      var events: [InvitationEvent] = []
      for await event in invitation.events { events.append(event) }
      #expect(events == (0..<5).reversed().map { .wrongCode(triesLeft: $0) } + [.expired])
      // By now the right one is not listened to either.
      await #expect(throws: AnabranchError.self) { try await phone.join(invitation.code, at: server.address) }
      #expect(try await laptop.devices().count == 1)
      await server.stop()
    }
  }

  @Test func aCodeIsGoodForOneDevice() async throws {
    try await withThree { laptop, phone, desktop in
      let server = try await laptop.serve(on: "127.0.0.1:0")
      let invitation = try await laptop.invite()
      let answering = Task {
        for await event in invitation.events {
          if case .asked(let newcomer) = event { try await laptop.answer(newcomer, isLetIn: true) }
        }
      }
      try await phone.join(invitation.code)
      try await answering.value
      await #expect(throws: AnabranchError.self) { try await desktop.join(invitation.code) }
      #expect(try await laptop.devices().map(\.name) == ["Laptop", "Phone"])
      await server.stop()
    }
  }

  @Test(.timeLimit(.minutes(1))) func aRemovedDeviceIsCutOffAtOnce() async throws {
    try await withThree { laptop, phone, _ in
      try await join(phone, to: laptop)
      let server = try await laptop.serve(on: "127.0.0.1:0")
      let other = try await phone.serve(on: "127.0.0.1:0", peers: [server.address])
      var events = server.events.makeAsyncIterator()
      while let event = await events.next() { if case .caughtUp = event { break } }
      try await laptop.restrict(phone.device(), to: .outsider)
      while let event = await events.next() { if case .disconnected = event { break } }
      // What is said from now on stays where it is.
      let chat = try await laptop.newConversation("Without the phone")
      try await Task.sleep(for: .milliseconds(200))
      await #expect(throws: AnabranchError.self) { try await phone.conversation(chat) }
      await other.stop()
      await #expect(throws: AnabranchError.self) { try await phone.sync(with: server.address) }
      #expect(try await laptop.devices().map(\.role) == [.owner, .outsider])
      // It may come back, but only as a new device.
      await #expect(throws: AnabranchError.self) { try await laptop.enrol(phone.device(), as: .owner) }
      await server.stop()
    }
  }

  @Test func onlyOwnersChangeWhoBelongs() async throws {
    try await withThree { laptop, phone, desktop in
      try await join(phone, to: laptop, as: .writer)
      await #expect { try await phone.invite() } throws: { ($0 as? AnabranchError)?.code == .denied }
      await #expect { try await phone.restrict(laptop.device(), to: .outsider) } throws: {
        ($0 as? AnabranchError)?.code == .denied
      }
      try await join(desktop, to: laptop)
      try await desktop.rename(phone.device(), to: "Old phone")
      try await syncAll(laptop, desktop, phone)
      #expect(try await phone.devices().map(\.name) == ["Laptop", "Old phone", "Desktop"])
    }
  }

  @Test func aPhraseIsReadAsItIsWritten() async throws {
    try await withHomes(1) { homes in
      let replica = try await Replica.create(at: homes[0], name: "Laptop")
      let phrase = try await replica.found()
      #expect(try RecoveryPhrase(phrase.description) == phrase)
      #expect(try RecoveryPhrase(phrase.description.uppercased().replacing(" ", with: "-")) == phrase)
      var words = phrase.description.split(separator: " ").map(String.init)
      #expect(words.count == 9 && words.allSatisfy { $0.count == 5 })
      words.swapAt(0, 1)
      if words[0] != words[1] {
        #expect(throws: AnabranchError.self) { try RecoveryPhrase(words.joined(separator: " ")) }
      }
      #expect(throws: AnabranchError.self) { try RecoveryPhrase(words.dropLast().joined(separator: " ")) }
      await #expect(throws: AnabranchError.self) { try await replica.found() }
      try await replica.close()
    }
  }

  @Test func aReaderReadsAndAWriterDoesNotPurge() async throws {
    try await withThree { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Trip")
      let message = try await laptop.say("hello", in: chat)
      try await join(phone, to: laptop, as: .reader)
      try await join(desktop, to: laptop, as: .writer)
      await #expect { try await phone.say("me too", in: chat) } throws: { ($0 as? AnabranchError)?.code == .denied }
      await #expect { try await phone.rename(laptop.device(), to: "Mine") } throws: {
        ($0 as? AnabranchError)?.code == .denied
      }
      try await phone.markRead(chat)
      try await phone.rename(phone.device(), to: "Old phone")
      try await desktop.say("me too", in: chat)
      await #expect { try await desktop.purge(message) } throws: { ($0 as? AnabranchError)?.code == .denied }
      try await syncAll(laptop, phone, desktop)
      #expect(try await phone.messages(of: chat).map(\.text) == ["hello", "me too"])
      #expect(try await laptop.devices().map(\.name) == ["Laptop", "Old phone", "Desktop"])
      // What it may do is told at once, also where it was cut only now.
      try await laptop.restrict(desktop.device(), to: .reader)
      try await syncAll(laptop, phone, desktop)
      await #expect { try await desktop.say("again", in: chat) } throws: { ($0 as? AnabranchError)?.code == .denied }
      #expect(try await phone.devices().map(\.role) == [.owner, .reader, .reader])
    }
  }

  /// It is told before it asks, so that it can come in as a writer afterwards.
  @Test func aReaderBringsNoHistoryAlong() async throws {
    try await withThree { laptop, phone, _ in
      try await phone.newConversation("Mine")
      let server = try await laptop.serve(on: "127.0.0.1:0")
      let invitation = try await laptop.invite(as: .reader)
      await #expect { try await phone.join(invitation.code) } throws: { ($0 as? AnabranchError)?.code == .invalid }
      var events: [InvitationEvent] = []
      for await event in invitation.events { events.append(event) }
      guard case .wentAway(_, let reason)? = events.first else { return #expect(Bool(false), "\(events)") }
      #expect(reason.contains("a device that only reads") && events.count == 1)
      await server.stop()
      #expect(try await phone.conversations().map(\.title) == ["Mine"])
      #expect(try await phone.space() == nil)
      #expect(try await laptop.devices().count == 1)
      try await join(phone, to: laptop, as: .writer)
      #expect(try await laptop.conversations().map(\.title) == ["Mine"])
    }
  }

  /// A role is not raised, and whoever tries is told just that; as what it was before it comes in.
  @Test func whoWasLetInToDoLessStaysThat() async throws {
    try await withThree { laptop, phone, _ in
      try await laptop.enrol(phone.device(), as: .reader)
      await #expect { try await join(phone, to: laptop, as: .writer) } throws: {
        ($0 as? AnabranchError)?.message.contains("let in before, to do less") == true
      }
      try await join(phone, to: laptop, as: .reader)
      #expect(try await phone.devices().map(\.role) == [.owner, .reader])
    }
  }

  @Test func whoComesInIsToldWhereAndMayDecline() async throws {
    try await withThree { laptop, phone, _ in
      let server = try await laptop.serve(on: "127.0.0.1:0")
      let invitation = try await laptop.invite(as: .writer)
      let asked = Mutex<[Inviter]>([])
      await #expect {
        try await phone.join(invitation.code) { inviter in
          asked.withLock { $0.append(inviter) }
          return false
        }
      } throws: {
        ($0 as? AnabranchError)?.code == .interrupted
      }
      let device = try await laptop.device()
      #expect(asked.withLock { $0 } == [Inviter(device: device, name: "Laptop", role: .writer)])
      var events: [InvitationEvent] = []
      for await event in invitation.events { events.append(event) }
      let newcomer = try await phone.device()
      #expect(events == [.wentAway(newcomer, reason: "it does not want to come in")])
      #expect(try await phone.space() == nil)
      await server.stop()
    }
  }

  /// Where the first address leads to somebody else, the next one is tried.
  @Test func eachAddressOfACodeIsTried() async throws {
    try await withThree { laptop, phone, desktop in
      let (other, server) = (try await desktop.serve(on: "127.0.0.1:0"), try await laptop.serve(on: "127.0.0.1:0"))
      let invitation = try await laptop.invite(at: [other.address, server.address])
      async let admitted = laptop.admit(by: invitation)
      try await phone.join(invitation.code)
      #expect(try await admitted.name == "Phone")
      await other.stop()
      await server.stop()
    }
  }

  @Test func aSpaceIsFoundedByAPhraseThatWasShownBefore() async throws {
    try await withHomes(1) { homes in
      let replica = try await Replica.create(at: homes[0], name: "Laptop")
      let phrase = await replica.makePhrase()
      #expect(try await replica.space() == nil)
      try await replica.found(by: phrase)
      #expect(try await replica.devices().map(\.role) == [.owner])
      try await replica.recover(by: RecoveryPhrase(phrase.description))
      try await replica.close()
    }
  }

  @Test func aWrongWordIsNamedByItsPlace() {
    let words = "lusab bahab secret"
    #expect { try RecoveryPhrase(words) } throws: {
      let message = ($0 as? AnabranchError)?.message ?? ""
      return message.contains("word 3") && !message.contains("secret")
    }
  }

  @Test func thePhraseLetsAPersonBackIn() async throws {
    try await withHomes(4) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      let phrase = try await laptop.found()
      let phone = try await Replica.create(at: homes[1], name: "Phone")
      try await join(phone, to: laptop)
      let chat = try await laptop.newConversation("Trip")
      try await syncAll(laptop, phone)
      let backup = homes[3].path + ".backup"
      defer { try? FileManager.default.removeItem(atPath: backup) }
      try await phone.backUp(to: backup)

      let restored = try await Replica.restore(from: backup, to: homes[2], name: "New")
      let other = try await Replica.create(at: homes[3], name: "Stranger")
      let wrong = try await other.found()
      await #expect { try await restored.recover(by: wrong) } throws: { ($0 as? AnabranchError)?.code == .denied }
      try await restored.recover(by: RecoveryPhrase(phrase.description), isAlone: true)
      #expect(try await restored.devices().filter { $0.role == .owner }.map(\.name) == ["New"])
      #expect(try await restored.conversations().map(\.id) == [chat])
      // Whoever has the others now is not met any more, and what they say against it counts for nothing.
      let server = try await restored.serve(on: "127.0.0.1:0")
      await #expect(throws: AnabranchError.self) { try await laptop.sync(with: server.address) }
      await server.stop()
      try await join(other, to: restored)
      #expect(try await other.conversations().map(\.id) == [chat])
      for replica in [laptop, phone, restored, other] { try await replica.close() }
    }
  }
}
