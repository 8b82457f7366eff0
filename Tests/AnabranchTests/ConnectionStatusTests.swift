import AnabranchCore
import AnabranchTransport
import Testing

@testable import Anabranch

/// What a replica that is served knows of its connections, and of those that do not come about.
@Suite(.timeLimit(.minutes(3))) struct ConnectionStatusTests {
  /// Waits until a device's standing is as wanted, and returns it.
  @discardableResult
  private func standing(
    of device: Digest, at replica: Replica, _ isWanted: (DeviceConnection) -> Bool
  ) async throws -> DeviceConnection {
    while true {
      let found = try await replica.connections().devices.first { $0.device == device }
      let standing = try #require(found)
      if isWanted(standing) { return standing }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private func isConnected(_ standing: DeviceConnection) -> Bool {
    if case .connected = standing.state { true } else { false }
  }

  @Test func whoServesNobodyKnowsOfNone() async throws {
    try await withDevices { laptop, phone, desktop in
      let status = try await laptop.connections()
      #expect(status.devices.map(\.device) == [try await phone.device(), try await desktop.device()])
      #expect(status.devices.allSatisfy { $0.state == .notDialled } && status.unmet.isEmpty && !status.isDiscovering)
    }
  }

  @Test func aConnectionThatStandsAndWhatFollowsIt() async throws {
    try await withDevices { laptop, phone, _ in
      let (one, other) = (try await laptop.device(), try await phone.device())
      let server = try await laptop.serve(on: "127.0.0.1:0")
      let calling = try await phone.serve(on: "127.0.0.1:0", peers: [server.address])
      let called = try await standing(of: other, at: laptop, isConnected)
      guard case .connected(let from, false, let since, let known) = called.state else {
        Issue.record("\(called)")
        return
      }
      #expect(from.hasPrefix("127.0.0.1:") && from != server.address && since > 0 && called.ending == nil)
      #expect(try await known == laptop.status().vector)
      let dialled = try await standing(of: one, at: phone, isConnected)
      guard case .connected(server.address, true, _, _) = dialled.state else {
        Issue.record("\(dialled)")
        return
      }
      await server.stop()
      // It ended in good order, and was then refused.
      let refused = try await standing(of: one, at: phone) { $0.ending?.cause == .refused }
      #expect(refused.ending?.address == server.address && refused.ending?.isDialled == true)
      let waiting = try await standing(of: one, at: phone) { if case .waiting = $0.state { true } else { false } }
      guard case .waiting(server.address, let retry) = waiting.state else {
        Issue.record("\(waiting)")
        return
      }
      #expect(retry <= .seconds(60))
      // The other side was called, and has nowhere to dial.
      let parted = try await standing(of: other, at: laptop) { $0.state == .notDialled }
      #expect(parted.ending?.cause == .ended && parted.ending?.isDialled == false)
      let again = try await laptop.serve(on: server.address)
      let met = try await standing(of: one, at: phone, isConnected)
      #expect(met.ending == nil, "what failed before is over")
      await calling.stop()
      await again.stop()
      #expect(try await phone.connections().devices.allSatisfy { $0.state == .notDialled })
    }
  }

  @Test func whoIsKeptOutAndWhoKeepsOut() async throws {
    try await withDevices { laptop, phone, _ in
      let (one, other) = (try await laptop.device(), try await phone.device())
      try await laptop.restrict(other, to: .outsider)
      let server = try await laptop.serve(on: "127.0.0.1:0")
      let calling = try await phone.serve(on: "127.0.0.1:0", peers: [server.address])
      let away = try await standing(of: one, at: phone) { $0.ending?.cause == .turnedAway }
      #expect(away.ending?.reason.contains("closed the connection before it greeted this one") == true)
      let removed = try await standing(of: other, at: laptop) { $0.ending != nil }
      #expect(removed.state == .removed && removed.ending?.cause == .stranger && removed.ending?.isDialled == false)
      // And the other way round: nothing is told to it where it answers.
      await #expect(throws: AnabranchError.self) { try await laptop.sync(with: calling.address) }
      await calling.stop()
      await server.stop()
    }
  }

  @Test func whatAnswersAtAnAddressAndIsNotTheDevice() async throws {
    try await withDevices { laptop, phone, desktop in
      let (one, server) = (try await laptop.device(), try await desktop.serve(on: "127.0.0.1:0"))
      let looking = try await phone.serve(on: "127.0.0.1:0", peers: [server.address, "127.0.0.1:1"])
      _ = try await phone.discover(from: Endpoint(parsing: looking.address))
      await phone.take(.found([one: [try Endpoint(parsing: server.address)]]))
      let stranger = try await standing(of: one, at: phone) { $0.ending?.cause == .stranger }
      #expect(stranger.ending?.address == server.address)
      try await standing(of: one, at: phone) {
        if case .waiting(server.address, _) = $0.state { true } else { false }
      }
      try await standing(of: desktop.device(), at: phone, isConnected)
      let status = try await phone.connections()
      #expect(status.isDiscovering && status.unmet.map(\.address) == ["127.0.0.1:1"])
      #expect(status.unmet.first?.ending?.cause == .refused)
      await looking.stop()
      await server.stop()
    }
  }

  @Test func aReplicaOfAnotherHistoryAndThisOneItself() async throws {
    try await withDevices { laptop, _, _ in
      try await withDevices { stranger, _, _ in
        let server = try await stranger.serve(on: "127.0.0.1:0")
        let own = try await laptop.serve(on: "127.0.0.1:0", peers: [server.address])
        await #expect(throws: AnabranchError.self) { try await laptop.sync(with: own.address) }
        #expect(await laptop.memory.ending(at: own.address)?.cause == .own)
        #expect(try await laptop.connections().unmet.map(\.address) == [server.address])
        while await laptop.memory.ending(at: server.address) == nil { try await Task.sleep(for: .milliseconds(20)) }
        #expect(await laptop.memory.ending(at: server.address)?.cause == .unproven)
        await own.stop()
        await server.stop()
      }
    }
  }

  @Test func addressesAreRememberedUpToALimit() {
    var memory = ConnectionMemory()
    func note(_ number: Int) {
      memory.note(
        ConnectionEnding(
          cause: .refused, reason: "", address: "h\(number):1", isDialled: true, time: Int64(number)), with: nil)
    }
    for number in 0...ConnectionMemory.addressesMax { note(number) }
    #expect(memory.ending(at: "h0:1") == nil && memory.ending(at: "h1:1") != nil)
    #expect(memory.ending(at: "h\(ConnectionMemory.addressesMax):1") != nil)
  }
}
