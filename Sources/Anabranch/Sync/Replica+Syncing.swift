internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchTransport

extension Replica {
  /// The port that a replica listens on unless it is told another.
  public static let defaultPort: UInt16 = 4850

  /// Exchanges everything with the replica that listens at `address`, then returns.
  ///
  /// `address` is `HOST:PORT`, or a host alone for ``defaultPort``. Throws ``AnabranchError/Code/unreachable`` where
  /// nobody answers or the connection breaks; what arrived is kept, and the next exchange goes on there. `progress`
  /// is told how many changes went out and came in, of how many. A `recorder` writes down what crosses the connection.
  @discardableResult
  public func sync(
    with address: String, recorder: SessionRecorder? = nil,
    progress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws(AnabranchError) -> SyncSummary {
    let endpoint = try Endpoint(address: address)
    if let recorder { start(recorder) }
    var summary = SyncSummary()
    for _ in 0..<Self.meetingsMax {
      let connection: Connection
      do {
        connection = try await Dialer.connect(to: endpoint)
      } catch {
        remember(error, at: endpoint, expecting: nil)
        throw AnabranchError(error)
      }
      summary.add(
        try await run(
          connection, mode: .exchange, dialled: endpoint.description, recorder: recorder, progress: progress))
      guard summary.isToBeContinued else { break }
    }
    return summary
  }

  /// Two replicas meet again whenever a log turns out to have forked, on either side; at most so often.
  static let meetingsMax = 2 * Branches.branchesMax
}

extension Replica {
  /// Throws ``AnabranchError/Code/invalid``, with a remedy, where `address` is not `HOST:PORT` or a host alone.
  public static func checkAddress(_ address: String) throws(AnabranchError) {
    _ = try Endpoint(address: address)
  }
}

extension Endpoint {
  /// `HOST:PORT`, or a host alone for the default port.
  init(address: String) throws(AnabranchError) {
    let isBare = !address.isEmpty && (!address.contains(":") || (address.hasPrefix("[") && address.hasSuffix("]")))
    do {
      try self.init(parsing: isBare ? "\(address):\(Replica.defaultPort)" : address)
    } catch {
      throw AnabranchError(error)
    }
  }
}

extension AnabranchError {
  /// What the transport said, in this library's terms.
  init(_ error: TransportError) {
    let code: Code =
      switch error.code {
      case .address, .limit: .invalid
      case .inUse: .inUse
      case .denied, .unsafe, .foreign, .system: .io
      case .unresolvable, .refused, .unreachable, .timeout, .unavailable, .broken, .overflow, .closed: .unreachable
      }
    self.init(code, error.message, remedy: error.remedy)
  }
}
