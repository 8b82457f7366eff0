internal import Anabranch

/// Carries a request out: here, or by the daemon that holds the replica.
struct Writing {
  let home: Home

  /// An answer that does not fit the request.
  static let unexpected = AnabranchError(
    .protocolViolation, "the daemon answered something else than was asked",
    remedy: "is it of the same version? stop it and start it again")

  /// How long another command may hold the replica before this one gives up: most are done much sooner.
  private static let patience = Duration.seconds(2)
  /// How long to wait before looking again.
  private static let pause = Duration.milliseconds(50)

  /// Carries `request` out, and tells `progress` how far an import or an exchange is.
  ///
  /// Where another process writes the replica and is no daemon, or one that only starts, waits a little for it.
  func perform(
    _ request: Request, progress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws -> Response {
    let start = ContinuousClock.now
    while true {
      do {
        let replica = try await Replica.open(at: home, holder: "a command")
        return try await perform(request, on: replica, progress: progress)
      } catch let lock as AnabranchError where lock.code == .locked {
        if let channel = try? await ControlSocket.standard(of: home).connect() {
          return try await Self.handOver(request, on: channel, progress: progress)
        }
        guard start.duration(to: .now) < Self.patience else { throw lock }
        try await Task.sleep(for: Self.pause)
      }
    }
  }

  private func perform(
    _ request: Request, on replica: Replica, progress: @escaping @Sendable (WorkProgress) -> Void
  ) async throws -> Response {
    do {
      let response = try await request.perform(on: replica, progress: progress)
      while try await replica.indexStep() {}
      for line in TrashNotes.lines(try await replica.expireTrash()) { Output.note("anabranch: \(line)") }
      while try await replica.eraseStep() == .more {}
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
