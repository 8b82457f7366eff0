internal import Anabranch

/// Carries a request out: here, or by the daemon that holds the replica.
struct Writing: Sendable {
  private let home: Home
  private let unlocking: Unlocking

  /// On the replica that the options name; `passphrase` is its key's, where that was read already.
  init(_ options: GlobalOptions, passphrase: Passphrase? = nil) {
    home = options.place
    unlocking = Unlocking(file: options.passphraseFile, known: passphrase)
  }

  /// An answer that does not fit the request.
  static let unexpected = AnabranchError(
    .protocolViolation, "the daemon answered something else than was asked",
    remedy: "is it of the same version? stop it and start it again")

  /// How long another command may hold the replica before this one gives up: most are done much sooner.
  private static let patience = Duration.seconds(2)
  /// The same for a daemon that starts, and that nobody may be there to start again.
  private static let patienceOfDaemons = Duration.seconds(10)
  /// How long to wait before looking again.
  private static let pause = Duration.milliseconds(50)

  /// Carries `request` out, and tells `progress` how far an import or an exchange is.
  ///
  /// Where another process writes the replica and is no daemon, or one that only starts, waits a little for it.
  func perform(
    _ request: Request, progress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws -> Response {
    try await reaching(
      here: { replica in try await request.perform(on: replica, progress: progress) },
      there: { channel in try await Self.handOver(request, on: channel, progress: progress) })
  }

  /// Does a piece of work on the replica, or with the daemon that holds it.
  func reaching<Result: Sendable>(
    here: (Replica) async throws -> Result, there: (ControlSocket.Channel) async throws -> Result
  ) async throws -> Result {
    switch try await hold(as: "a command", patience: Self.patience) {
    case .here(let replica): try await work(on: replica, here)
    case .there(let channel, _): try await there(channel)
    }
  }

  /// The replica, to be served. Waits a little for a command that writes it, and says so; throws ``AnabranchError/Code/locked``
  /// where a daemon holds it.
  func replicaToServe() async throws -> Replica {
    let hold = try await hold(as: "anabranch serve", patience: Self.patienceOfDaemons) { refusal in
      Output.note("anabranch: \(refusal.message); waiting for it")
    }
    switch hold {
    case .here(let replica): return replica
    case .there(let channel, let refusal):
      await channel.close()
      throw refusal
    }
  }

  /// The replica, or the daemon that holds it and what was said when it was to be opened here.
  private enum Hold {
    case here(Replica)
    case there(ControlSocket.Channel, AnabranchError)
  }

  private func hold(
    as holder: String, patience: Duration, waiting: (AnabranchError) -> Void = { _ in }
  ) async throws -> Hold {
    let start = ContinuousClock.now
    var hasWaited = false
    while true {
      do {
        return .here(try await .opened(at: home, holder: holder, unlocking))
      } catch let error as AnabranchError where error.code == .locked {
        if let channel = await ControlSocket.daemon(of: home) { return .there(channel, error) }
        guard start.duration(to: .now) < patience else { throw error }
        if !hasWaited { waiting(error) }
        hasWaited = true
        try await Task.sleep(for: Self.pause)
      }
    }
  }

  /// Does a piece of work on a replica that was opened for it, and what is to be done at such an occasion.
  private func work<Result: Sendable>(
    on replica: Replica, _ body: (Replica) async throws -> Result
  ) async throws -> Result {
    do {
      let response = try await body(replica)
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
    let response = try await Writing(self).perform(request)
    guard let written = response.written else { throw Writing.unexpected }
    try output.print(written) { text(written, $0) }
  }
}

extension Replica {
  /// The replica in `home`, for writing. Tells a person where it turned out to be a copy.
  static func opened(at home: Home, holder: String, _ unlocking: Unlocking) async throws -> Replica {
    let replica = try await unlocking.opening { access throws(AnabranchError) in
      try await open(at: home, holder: holder, access: access)
    }
    if await replica.isCopy {
      Output.note(
        "anabranch: this history is a copy, or was put back from one; it goes on in a log of its own, and nothing is lost"
      )
    }
    return replica
  }
}
