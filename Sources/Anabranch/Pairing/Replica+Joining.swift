public import AnabranchCore
internal import AnabranchSync
internal import AnabranchTransport
internal import AnabranchWire

/// Coming into a space.
extension Replica {
  /// Comes into the space of the device that gave `code`, and exchanges everything with it.
  ///
  /// What is held here is brought along. It is tried at each of the code's addresses, or at `address` alone. `met` is told which device lets this one
  /// in, once it has proved to know the code; somebody has to say so there. `progress` is told how far the exchange is.
  /// Throws ``AnabranchError/Code/denied`` where it is not let in, and ``AnabranchError/Code/unreachable`` where nobody
  /// answers; where only the exchange broke off, this device is in, and ``sync(with:progress:)`` goes on there.
  @discardableResult
  public func join(
    _ code: PairingCode, at address: String? = nil, met: @escaping @Sendable (Digest, String) -> Void = { _, _ in },
    progress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws(AnabranchError) -> SyncSummary {
    let addresses = address.map { [$0] } ?? code.addresses
    guard !addresses.isEmpty else {
      throw AnabranchError(
        .invalid, "the code does not say where the other device listens", remedy: "give its address too: HOST:PORT")
    }
    _ = try deviceKey()
    var failure: AnabranchError?
    for address in addresses {
      let endpoint = try Endpoint(address: address)
      let connection: Connection
      do {
        connection = try await Dialer.connect(to: endpoint)
      } catch {
        failure = failure ?? AnabranchError(error)
        continue
      }
      return try await run(
        connection, mode: .exchange, dialled: endpoint.description, code: code, met: met, progress: progress)
    }
    throw failure ?? AnabranchError(.unreachable, "nobody answers")
  }
}
