internal import Anabranch

/// Carries a request out: here, or by the daemon that holds the replica.
struct Writing {
  let home: Home

  /// An answer that does not fit the request.
  static let unexpected = AnabranchError(
    .protocolViolation, "the daemon answered something else than was asked",
    remedy: "is it of the same version? stop it and start it again")

  func perform(
    _ request: Request, progress: @escaping @Sendable (ImportProgress) -> Void = { _ in }
  ) async throws -> Response {
    switch await opened() {
    case .success(let replica):
      return try await perform(request, on: replica, progress: progress)
    case .failure(let error) where error.code == .locked:
      return try await Self.handOver(request, at: home, progress: progress, otherwise: error)
    case .failure(let error):
      throw error
    }
  }

  private func opened() async -> Result<Replica, AnabranchError> {
    do {
      return .success(try await Replica.open(at: home, holder: "a command"))
    } catch {
      return .failure(error)
    }
  }

  private func perform(
    _ request: Request, on replica: Replica, progress: @escaping @Sendable (ImportProgress) -> Void
  ) async throws -> Response {
    do {
      let response = try await request.perform(on: replica, progress: progress)
      while try await replica.indexStep() {}
      try await replica.close()
      return response
    } catch {
      try? await replica.close()
      throw error
    }
  }
}

extension GlobalOptions {
  /// Carries out a write and prints what it touched.
  func write(_ request: Request, text: (Written, Style) -> String) async throws {
    let response = try await Writing(home: place).perform(request)
    guard let written = response.written else { throw Writing.unexpected }
    try output.print(written) { text(written, $0) }
  }
}
