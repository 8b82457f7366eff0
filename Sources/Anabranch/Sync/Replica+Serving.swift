internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchTransport

extension Replica {
  /// Listens at `address` and keeps a live session with each of `peers`, dialling again whenever one breaks.
  ///
  /// Only devices of the space get anything. Port 0 lets the system choose. With `discovery` it also announces itself on this
  /// machine's networks, and stays connected with devices of the space that it finds there; who listens for this machine alone does
  /// neither. A `recorder` writes down what crosses connections, those of ``sync(with:recorder:progress:)`` included, as long as it
  /// serves; where recording ends before, ``SyncEvent/recordingEnded(reason:)`` says so. Returns once it listens; one server a replica.
  public func serve(
    on address: String, peers: [String] = [], discovery isDiscovering: Bool = false, recorder: SessionRecorder? = nil
  ) async throws(AnabranchError) -> Server {
    let endpoint = try Endpoint(address: address)
    var targets: [Endpoint] = []
    for peer in peers { targets.append(try Endpoint(address: peer)) }
    guard serverEvents == nil else {
      throw AnabranchError(.exists, "this replica listens already", remedy: "stop the other server first")
    }
    _ = try deviceKey()
    let (events, continuation) = AsyncStream.makeStream(
      of: SyncEvent.self, bufferingPolicy: .bufferingNewest(Self.eventsKept))
    serverEvents = continuation
    let listener: Listener
    do {
      listener = try await Listener.bind(to: endpoint)
    } catch {
      serverEvents = nil
      throw AnabranchError(error)
    }
    let discovering: (@Sendable () async -> Void)?
    do throws(AnabranchError) {
      discovering = isDiscovering && !listener.endpoint.isLoopback ? try discover(from: listener.endpoint) : nil
    } catch {
      // It was closed meanwhile.
      serverEvents = nil
      await listener.close()
      throw error
    }
    if let recorder { start(recorder) }
    serverRecorder = recorder
    memory.begin(targets.map(\.description))
    listening = listener.endpoint.reachable.map(\.description)
    let work = Task { await self.work(listener, targets, discovering) }
    return Server(address: listener.endpoint.description, events: events, work: work)
  }

  /// Events of a server that nobody has read yet; beyond it the oldest are dropped.
  private static let eventsKept = 4_096
  /// What is known of live peers is kept that often.
  private static let savingInterval = Duration.seconds(5)
  /// Changes that are indexed for the search in one piece, between other work.
  private static let indexPiece = 200

  private func work(
    _ listener: Listener, _ targets: [Endpoint], _ discovering: (@Sendable () async -> Void)?
  ) async {
    await withTaskGroup(of: Void.self) { group in
      if let discovering { group.addTask(operation: discovering) }
      for target in targets { group.addTask { await self.keepConnected(to: target) } }
      group.addTask { await self.keepHouse() }
      group.addTask {
        await withDiscardingTaskGroup { sessions in
          for await connection in listener.connections {
            sessions.addTask { _ = try? await self.run(connection, mode: .live, dialled: nil) }
          }
        }
      }
      group.addTask {
        await Self.untilCancelled()
        await listener.close()
      }
    }
    await endDiscovery()
    memory.endTargets()
    saveLinks()
    takeBackInvitation()
    listening = []
    serverRecorder = nil
    serverEvents?.finish()
    serverEvents = nil
  }

  /// A live session with `target`, again and again, with growing pauses while it fails.
  private func keepConnected(to target: Endpoint) async {
    var backoff = Backoff()
    while !Task.isCancelled {
      memory.arrange(target.description, due: nil)
      let (reason, held) = await connectOnce(to: target)
      guard !Task.isCancelled else { return }
      var generator = SurroundingsGenerator(surroundings: surroundings)
      let delay = backoff.failed(after: held, using: &generator)
      memory.arrange(target.description, due: surroundings.uptime() + delay)
      tell(.unreachable(address: target.description, reason: reason, retry: delay))
      try? await Task.sleep(for: delay)
    }
  }

  /// A live session with `target` until it ends, with `device` alone if that is given; why it did, and how long the connection
  /// held, zero where none came about. One that ends because a log turned out to have forked goes on in another one.
  func connectOnce(to target: Endpoint, expecting device: Digest? = nil) async -> (reason: String, held: Duration) {
    var began: Duration?
    func held() -> Duration { began.map { surroundings.uptime() - $0 } ?? .zero }
    do throws(AnabranchError) {
      for _ in 0..<Self.meetingsMax {
        let connection: Connection
        do {
          connection = try await Dialer.connect(to: target)
        } catch {
          remember(error, at: target, expecting: device)
          return (error.message, held())
        }
        began = began ?? surroundings.uptime()
        let summary = try await run(connection, mode: .live, dialled: target.description, expecting: device)
        guard summary.isToBeContinued, !Task.isCancelled else { break }
      }
      return ("the other side ended", held())
    } catch {
      return (error.message, held())
    }
  }

  /// What is done now and then: keep what is known of peers, index, overwrite what was purged, move the write-ahead log
  /// into the database.
  private func keepHouse() async {
    while (try? await Task.sleep(for: Self.savingInterval)) != nil {
      // What is written into another file of that name would never come here.
      guard (try? withStore { $0.isMoved }) != true else {
        tell(.movedAway)
        serverEvents?.finish()
        return
      }
      saveLinks()
      while !Task.isCancelled, (try? indexStep(limit: Self.indexPiece)) == true { await Task.yield() }
      if let expiry = try? expireTrash(), expiry != TrashExpiry() { tell(.trashExpired(expiry)) }
      while !Task.isCancelled, (try? eraseStep()) == .more { await Task.yield() }
      try? checkpoint()
    }
  }

  private static func untilCancelled() async {
    while (try? await Task.sleep(for: .seconds(3600))) != nil {}
  }

  /// Tells whoever watches the server.
  func tell(_ event: SyncEvent) {
    serverEvents?.yield(event)
  }
}
