import AnabranchCore
import AnabranchTransport
import Testing

@testable import Anabranch

/// What a server does with devices that are said to be on its network. That they are found there is seen by
/// `Tests/Scripts/found-on-the-network`: here nothing leaves the machine.
@Suite(.timeLimit(.minutes(3))) struct DiscoveryTests {
  /// A replica that serves, and what its server has told.
  private actor Host {
    let replica: Replica
    let server: Server
    private(set) var events: [SyncEvent] = []
    private var reading: Task<Void, Never>?

    init(_ replica: Replica) async throws {
      self.replica = replica
      server = try await replica.serve(on: "127.0.0.1:0")
      // As it would on a network, but that nobody looks, and nothing is announced.
      _ = try await replica.discover(from: Endpoint(parsing: server.address))
    }

    func read() {
      reading = Task { for await event in server.events { events.append(event) } }
    }

    func stop() async {
      await server.stop()
      await reading?.value
    }

    func count(_ isWanted: (SyncEvent) -> Bool) -> Int {
      events.filter(isWanted).count
    }

    /// Waits until the server has told so many such events.
    func wait(for times: Int = 1, _ isWanted: @Sendable (SyncEvent) -> Bool) async throws {
      while count(isWanted) < times { try await Task.sleep(for: .milliseconds(20)) }
    }
  }

  private static func isGreeting(of device: Digest) -> @Sendable (SyncEvent) -> Bool {
    { event in
      if case .greeted(_, let peer, _) = event { peer == device } else { false }
    }
  }

  private func withHosts(_ body: (Host, Host, Host) async throws -> Void) async throws {
    try await withDevices { laptop, phone, desktop in
      var hosts: [Host] = []
      for replica in [laptop, phone, desktop] { hosts.append(try await Host(replica)) }
      for host in hosts { await host.read() }
      try await body(hosts[0], hosts[1], hosts[2])
      for host in hosts { await host.stop() }
    }
  }

  @Test func whoIsFoundIsDialledWhereItIs() async throws {
    try await withHosts { laptop, phone, _ in
      let device = try await laptop.replica.device()
      let places = try [Endpoint(parsing: "127.0.0.1:1"), Endpoint(parsing: laptop.server.address)]
      await phone.replica.take(.found([device: places]))
      try await phone.wait(for: 1, Self.isGreeting(of: device))
      let told = await phone.count { event in
        if case .found(let address, let peer, let name) = event {
          address == "127.0.0.1:1" && peer == device && !name.isEmpty
        } else {
          false
        }
      }
      #expect(told == 1)
      // As long as there is a session it is not dialled.
      await phone.replica.take(.found([device: Array(places.reversed())]))
      try await Task.sleep(for: .seconds(4))
      #expect(await phone.count(Self.isGreeting(of: device)) == 1)
      #expect(await laptop.count(Self.isGreeting(of: try await phone.replica.device())) == 1)
    }
  }

  @Test func whoDialledMeIsNotDialled() async throws {
    try await withHosts { laptop, phone, _ in
      let (one, other) = (try await laptop.replica.device(), try await phone.replica.device())
      await phone.replica.take(.found([one: [try Endpoint(parsing: laptop.server.address)]]))
      try await laptop.wait(for: 1, Self.isGreeting(of: other))
      await laptop.replica.take(.found([other: [try Endpoint(parsing: phone.server.address)]]))
      try await Task.sleep(for: .seconds(4))
      #expect(await laptop.count(Self.isGreeting(of: other)) == 1)
    }
  }

  /// Somebody repeats what the laptop announced, at an address of their own, or of another device of the space.
  @Test func whoIsFoundWhereAnotherOneAnswersIsToldNothing() async throws {
    try await withHosts { laptop, phone, desktop in
      let device = try await laptop.replica.device()
      await phone.replica.take(.found([device: [try Endpoint(parsing: desktop.server.address)]]))
      try await phone.wait(for: 2) { event in
        if case .unreachable(desktop.server.address, _, _) = event { true } else { false }
      }
      #expect(await phone.count { if case .greeted = $0 { true } else { false } } == 0)
      #expect(await desktop.count { if case .greeted = $0 { true } else { false } } == 0)
      #expect(await desktop.count { if case .connected = $0 { true } else { false } } >= 2)
    }
  }

  @Test func whatLeadsFromAnAddressThatIsGoneEndsAtOnce() async throws {
    try await withHosts { laptop, phone, _ in
      let device = try await laptop.replica.device()
      await phone.replica.take(.found([device: [try Endpoint(parsing: laptop.server.address)]]))
      try await phone.wait(for: 1, Self.isGreeting(of: device))
      await phone.replica.take(.movedAway(from: ["10.0.0.1"]))
      try await Task.sleep(for: .milliseconds(500))
      #expect(await phone.count { if case .disconnected = $0 { true } else { false } } == 0)
      await phone.replica.take(.movedAway(from: ["10.0.0.1", "127.0.0.1"]))
      try await phone.wait(for: 2, Self.isGreeting(of: device))
    }
  }

  @Test func whoListensForThisMachineAloneLooksForNobody() async throws {
    try await withDevices { laptop, _, _ in
      let server = try await laptop.serve(on: "127.0.0.1:0", discovery: true)
      #expect(await laptop.discovery == nil)
      await server.stop()
    }
  }

  @Test func whatFailsIsTold() async throws {
    try await withHosts { laptop, _, _ in
      await laptop.replica.take(.failed(reason: "the port is taken"))
      try await laptop.wait { $0 == .undiscoverable(reason: "the port is taken") }
    }
  }
}
