internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchTransport
internal import AnabranchWire
internal import Synchronization

/// Coming into a space.
extension Replica {
  /// Comes into the space of the device that gave `code`, and exchanges everything with it.
  ///
  /// What is held here is brought along. It is tried at each of the code's addresses, or at `address` alone, until one leads to
  /// a device that knows the code. `asking` is told which one that is, and says whether to come in there: nothing was told
  /// of this device by then but its key. Without it, the answer is yes. Somebody has to say so on the other side, too.
  /// `progress` is told how far the exchange is.
  /// Throws ``AnabranchError/Code/interrupted`` where `asking` says no, ``AnabranchError/Code/denied`` where it is not let in,
  /// ``AnabranchError/Code/invalid`` where it cannot come in as what it is let in as, and
  /// ``AnabranchError/Code/unreachable`` where nobody answers; where only the exchange broke off, this device is in, and
  /// ``sync(with:progress:)`` goes on there.
  @discardableResult
  public func join(
    _ code: PairingCode, at address: String? = nil, asking: (@Sendable (Inviter) async -> Bool)? = nil,
    progress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws(AnabranchError) -> SyncSummary {
    let addresses = address.map { [$0] } ?? code.addresses
    guard !addresses.isEmpty else {
      throw AnabranchError(
        .invalid, "the code does not say where the other device listens", remedy: "give its address too: HOST:PORT")
    }
    _ = try deviceKey()
    let hasMet = Flag()
    let joining = Joining(code: code, met: { hasMet.set() }, ask: asking)
    var failure: AnabranchError?
    for address in addresses {
      let endpoint = try Endpoint(address: address)
      do throws(AnabranchError) {
        return try await join(at: endpoint, joining, progress)
      } catch {
        if hasMet.isSet || Task.isCancelled { throw error }
        // Where somebody listens, what is wrong there says more than that nobody does elsewhere.
        if failure == nil || failure?.code == .unreachable { failure = error }
      }
    }
    throw failure ?? AnabranchError(.unreachable, "nobody answers")
  }

  private func join(
    at endpoint: Endpoint, _ joining: Joining, _ progress: @escaping @Sendable (WorkProgress) -> Void
  ) async throws(AnabranchError) -> SyncSummary {
    let connection: Connection
    do {
      connection = try await Dialer.connect(to: endpoint)
    } catch {
      var failure = AnabranchError(error)
      // Who shows a code listens for as long as it is good.
      if failure.code == .unreachable {
        failure.remedy += "; a code is good for two minutes, get a new one with `anabranch pair` there"
      }
      throw failure
    }
    return try await run(
      connection, mode: .exchange, dialled: endpoint.description, joining: joining, progress: progress)
  }

  /// Whether this replica holds nothing that would be brought along, and belongs to no space: whoever comes in with one like
  /// that gives nothing away.
  public func isNew() throws(AnabranchError) -> Bool {
    try withStore { (store) throws(StoreError) in try store.isEmpty() && store.space == nil }
  }

  /// Throws where this device cannot come in as `role`, as far as can be told before it knows the space: a reader brings
  /// nothing along. What a device holds that may only read anyway can be that space's own.
  func checkJoining(as role: MemberRole) throws(AnabranchError) {
    guard role < .writer else { return }
    let own = try deviceKey().publicKey
    let isPossible = try withStore { (store) throws(StoreError) in
      try store.isEmpty() || store.space != nil && store.roster.role(of: own) < .writer
    }
    if !isPossible { throw AnabranchError.readerWithHistory }
  }
}

extension AnabranchError {
  /// A device that would be a reader has something to bring along.
  static var readerWithHistory: AnabranchError {
    AnabranchError(
      .invalid, "a device that only reads brings nothing along, and this one has a history of its own",
      remedy: "let it in with `anabranch pair --role writer`, or make a new replica with `anabranch init --home` and "
        + "let that one in")
  }
}

/// Something that happens once, and is asked for from elsewhere.
private final class Flag: Sendable {
  private let value = Mutex(false)

  var isSet: Bool { value.withLock { $0 } }

  func set() {
    value.withLock { $0 = true }
  }
}

extension Store {
  /// Whether it holds no conversation.
  func isEmpty() throws(StoreError) -> Bool {
    let totals = try totals()
    return totals.conversations + totals.trashed == 0
  }
}
