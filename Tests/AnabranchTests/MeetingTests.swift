import Anabranch
import Testing

/// With whom a device holds a session.
@Suite(.timeLimit(.minutes(2))) struct MeetingTests {
  /// Lets `newcomer` come in where `host` shows a code, with a yes.
  private func comeIn(_ newcomer: Replica, by host: Replica) async throws {
    let server = try await host.serve(on: "127.0.0.1:0")
    let invitation = try await host.invite()
    let admitting = Task { try await host.admit(by: invitation) }
    let result = await Result { try await newcomer.join(invitation.code) }
    await server.stop()
    _ = try? await admitting.value
    _ = try result.get()
  }

  /// A laptop has removed its phone, which has not heard of it and has let in a stranger: for the laptop that one never was
  /// let in, but it knows the space.
  ///
  /// `body` gets the laptop, the phone and the stranger, and a tablet that belongs to nobody.
  private func withStranger(_ body: (Replica, Replica, Replica, Replica) async throws -> Void) async throws {
    try await withHomes(4) { homes in
      var devices: [Replica] = []
      for (home, name) in zip(homes, ["Laptop", "Phone", "Stranger", "Tablet"]) {
        devices.append(try await Replica.create(at: home, name: name))
      }
      try await pair(devices[0], devices[1])
      let server = try await devices[0].serve(on: "127.0.0.1:0")
      try await devices[1].sync(with: server.address)
      await server.stop()
      try await devices[0].restrict(devices[1].device(), to: .outsider)
      try await comeIn(devices[2], by: devices[1])
      try await devices[0].newConversation("Not for the others")
      try await body(devices[0], devices[1], devices[2], devices[3])
      for device in devices { try await device.close() }
    }
  }

  @Test func whoseCodeIsTakenInOnesOwnSpaceIsNotLetInByThat() async throws {
    try await withStranger { laptop, _, stranger, _ in
      await #expect(throws: AnabranchError.self) { try await comeIn(laptop, by: stranger) }
      let isMet = try await meets(laptop, stranger)
      #expect(!isMet)
      #expect(try await stranger.conversations().isEmpty)
      #expect(try await laptop.verify().faults == [])
    }
  }

  @Test func whoWasRemovedGetsNothingByACodeOfItsOwn() async throws {
    try await withStranger { laptop, phone, _, _ in
      await #expect(throws: AnabranchError.self) { try await comeIn(laptop, by: phone) }
      let isMet = try await meets(laptop, phone)
      #expect(!isMet)
      #expect(try await phone.conversations().isEmpty)
    }
  }

  /// The stranger, of whom no list says anything, has let in the tablet: which does not meet it any more once a device that
  /// knows better has let the tablet in anew.
  @Test func whoLetADeviceInIsMetOnlyUntilTheRosterHasCome() async throws {
    try await withStranger { laptop, _, stranger, tablet in
      try await comeIn(tablet, by: stranger)
      #expect(try await meets(tablet, stranger))
      try await comeIn(tablet, by: laptop)
      #expect(try await meets(tablet, laptop))
      #expect(try await !meets(tablet, stranger))
    }
  }

  /// Neither has heard of the other one: so each has to let the other one in, and neither is taken in by the first code alone.
  @Test func twoWhomDifferentOnesLetInPairBothWays() async throws {
    try await withHomes(3) { homes in
      var devices: [Replica] = []
      for (home, name) in zip(homes, ["Laptop", "Phone", "Desktop"]) {
        devices.append(try await Replica.create(at: home, name: name))
      }
      let (laptop, phone, desktop) = (devices[0], devices[1], devices[2])
      try await pair(laptop, phone)
      try await syncAll(laptop, phone)
      try await comeIn(desktop, by: laptop)
      await #expect { try await comeIn(phone, by: desktop) } throws: { ($0 as? AnabranchError)?.code == .denied }
      let isMet = try await meets(phone, desktop)
      #expect(!isMet)
      try await comeIn(desktop, by: phone)
      #expect(try await meets(phone, desktop))
      #expect(try await meets(desktop, phone))
      #expect(try await phone.devices().map(\.name) == ["Laptop", "Phone", "Desktop"])
      for device in devices { try await device.close() }
    }
  }

  /// Two owners who do not know of each other's word: one lets a device in, the other one is cut off before that counts, and
  /// that device's rights were taken. To let it in has no effect, and is not said to have one.
  @Test func whoCannotBeLetInIsNotToldToBeIn() async throws {
    try await withHomes(4) { homes in
      var devices: [Replica] = []
      for (home, name) in zip(homes, ["Laptop", "Phone", "Desktop", "Tablet"]) {
        devices.append(try await Replica.create(at: home, name: name))
      }
      let (laptop, phone, desktop, tablet) = (devices[0], devices[1], devices[2], devices[3])
      try await pair(laptop, phone, desktop)
      try await syncAll(laptop, phone, desktop)
      try await phone.enrol(tablet.device(), as: .owner)
      try await syncAll(laptop, phone)
      try await laptop.restrict(tablet.device(), to: .outsider)
      // It has not heard of the tablet, so the phone's word for that does not count any more.
      try await desktop.restrict(phone.device(), to: .outsider)
      let server = try await laptop.serve(on: "127.0.0.1:0")
      try await desktop.sync(with: server.address)
      await server.stop()
      await #expect { try await laptop.enrol(tablet.device(), as: .writer) } throws: {
        ($0 as? AnabranchError)?.code == .denied
      }
      #expect(try await !meets(laptop, tablet))
      for device in devices { try await device.close() }
    }
  }
}

/// Whether `one` would hold a session with `other`.
func meets(_ one: Replica, _ other: Replica) async throws -> Bool {
  try await one.isLetIn(other.device())
}

extension Result where Failure == any Error {
  /// What `body` returns, or throws.
  fileprivate init(_ body: () async throws -> Success) async {
    do {
      self = .success(try await body())
    } catch {
      self = .failure(error)
    }
  }
}
