import AnabranchTransport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
  private static let anyPort = Endpoint(host: "127.0.0.1", port: 0)

  /// A connection from both sides, and the listener it came through.
  private static func pair() async throws -> (dialled: Connection, taken: Connection, Listener) {
    let listener = try await Listener.bind(to: anyPort)
    let dialled = try await Dialer.connect(to: listener.endpoint)
    var arrivals = listener.connections.makeAsyncIterator()
    return (dialled, try #require(await arrivals.next()), listener)
  }

  /// Everything until the other side ends.
  private static func all(of connection: Connection) async throws -> [UInt8] {
    var all: [UInt8] = []
    while let bytes = try await connection.receive() { all += bytes }
    return all
  }

  @Test func bytesArriveInOrderInBothDirections() async throws {
    let (dialled, taken, listener) = try await Self.pair()
    let there = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let back = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    for start in stride(from: 0, to: there.count, by: 1000) {
      dialled.send(Array(there[start..<start + 1000]))
    }
    taken.send(back)
    async let closing: Void = dialled.close()
    #expect(try await Self.all(of: taken) == there)
    await closing
    await taken.close()
    await listener.close()
    #expect(listener.endpoint.port != 0)
    #expect(dialled.peer == "\(listener.endpoint)")
  }

  /// What was sent just before closing arrives, although the other side has sent what nobody reads.
  @Test func theLastBytesBeforeClosingArrive() async throws {
    for _ in 0..<20 {
      let (dialled, taken, listener) = try await Self.pair()
      taken.send(Array(repeating: 1, count: 200_000))
      dialled.send(Array("last words".utf8))
      async let closing: Void = dialled.close()
      #expect(try await Self.all(of: taken) == Array("last words".utf8))
      await taken.close()
      await closing
      await listener.close()
    }
  }

  @Test func aFastSenderWaitsForASlowReceiver() async throws {
    let (dialled, taken, listener) = try await Self.pair()
    let chunk = [UInt8](repeating: 9, count: 1 << 20)
    let sending = Task {
      for _ in 0..<64 { try await dialled.sendAndWait(chunk) }
      await dialled.close()
    }
    try await Task.sleep(for: .milliseconds(100))
    var count = 0
    while let bytes = try await taken.receive() {
      count += bytes.count
      // The limit, one read from the system on top, and at the end all that the system itself has kept.
      #expect(bytes.count <= 16 << 20)
    }
    try await sending.value
    #expect(count == 64 << 20)
    await taken.close()
    await listener.close()
  }

  @Test func oneThatDoesNotReadIsCutOff() async throws {
    let (dialled, taken, listener) = try await Self.pair()
    let chunk = [UInt8](repeating: 9, count: 1 << 20)
    for _ in 0..<64 { dialled.send(chunk) }
    let error = await #expect(throws: TransportError.self) { _ = try await dialled.receive() }
    #expect(error?.code == .overflow)
    await taken.close()
    await listener.close()
  }

  @Test func aReceiverCanBeCancelled() async throws {
    let (dialled, taken, listener) = try await Self.pair()
    for delay in [0, 20] {
      let waiting = Task { try await taken.receive() }
      try await Task.sleep(for: .milliseconds(delay))
      waiting.cancel()
      #expect(try await waiting.value == nil)
    }
    dialled.send([1])
    #expect(try await taken.receive() == [1])
    await dialled.close()
    await taken.close()
    await listener.close()
  }

  @Test func closingIsQuickAndMayBeRepeated() async throws {
    let (dialled, taken, listener) = try await Self.pair()
    let clock = ContinuousClock()
    // The other side never closes.
    let time = await clock.measure {
      await dialled.close()
      await dialled.close()
    }
    // Far more than the limit, since the machine may be busy with other suites; without the limit it never ends.
    #expect(time < TransportLimits.closeMax + .seconds(60))
    dialled.send([1])
    #expect(try await dialled.receive() == nil)
    let error = await #expect(throws: TransportError.self) { try await dialled.sendAndWait([1]) }
    #expect(error?.code == .closed)
    taken.abort()
    await listener.close()
  }

  @Test func anAbortEndsTheOtherSide() async throws {
    let (dialled, taken, listener) = try await Self.pair()
    dialled.abort()
    // In order, or as a reset: ended in any case.
    #expect(((try? await taken.receive()) ?? nil) == nil)
    await taken.close()
    await listener.close()
  }

  @Test func failuresSayWhatToDo() async throws {
    let listener = try await Listener.bind(to: Self.anyPort)
    let used = await #expect(throws: TransportError.self) {
      _ = try await Listener.bind(to: listener.endpoint)
    }
    #expect(used?.code == .inUse)
    await listener.close()
    let refused = await #expect(throws: TransportError.self) {
      _ = try await Dialer.connect(to: listener.endpoint)
    }
    #expect(refused?.code == .refused)
    let unknown = await #expect(throws: TransportError.self) {
      _ = try await Dialer.connect(to: Endpoint(host: "nowhere.invalid", port: 1))
    }
    #expect(unknown?.code == .unresolvable)
    let elsewhere = await #expect(throws: TransportError.self) {
      _ = try await Listener.bind(to: Endpoint(host: "192.0.2.1", port: 0))
    }
    #expect(elsewhere?.code == .unavailable)
    for error in [used, refused, unknown, elsewhere] {
      #expect(error?.remedy.isEmpty == false)
    }
  }

  @Test func aGuestTooManyIsClosedAndASeatIsFreedAgain() async throws {
    let listener = try await Listener.bind(to: Self.anyPort, connectionsMax: 10, perAddressMax: 2)
    let serving = Task {
      await withDiscardingTaskGroup { group in
        for await connection in listener.connections {
          group.addTask {
            connection.send([42])
            while (try? await connection.receive()) != nil {}
            await connection.close()
          }
        }
      }
    }
    /// A connection on which the other side has said that it is welcome.
    func welcomed() async -> Connection? {
      // A refusal may come so early that the dialler notices.
      guard let connection = try? await Dialer.connect(to: listener.endpoint) else { return nil }
      if let bytes = try? await connection.receive(), bytes == [42] { return connection }
      await connection.close()
      return nil
    }
    let first = try #require(await welcomed())
    let second = try #require(await welcomed())
    let refused = await welcomed()
    #expect(refused == nil)
    await first.close()
    var third: Connection?
    for _ in 0..<3_000 where third == nil {
      try await Task.sleep(for: .milliseconds(10))
      third = await welcomed()
    }
    #expect(third != nil)
    await second.close()
    await third?.close()
    await listener.close()
    await serving.value
  }

  @Test func aClosedListenerEndsItsConnections() async throws {
    let listener = try await Listener.bind(to: Self.anyPort)
    await listener.close()
    for await _ in listener.connections { Issue.record("nobody came") }
  }
}
