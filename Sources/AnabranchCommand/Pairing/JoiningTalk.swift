internal import Anabranch

/// A device that lets this one in, as it says.
struct InviterReport: Codable, Sendable {
  var name: String
  var device: String
  var fingerprint: String
  /// What it lets this device in as.
  var role: String

  init(_ inviter: Inviter) {
    name = inviter.name
    device = inviter.device.description
    fingerprint = inviter.device.fingerprint
    role = inviter.role.name
  }
}

/// Comes into another device's space by its code: who that is is told, and somebody says whether to go on.
struct JoiningTalk {
  /// What it takes.
  struct Opening: Codable, Sendable {
    var code: String
    /// Where the other device listens; nil for where the code says.
    var address: String?
  }

  let replica: Replica
  /// Whether to come in where that device lets this one in. Cancelled when it does not matter any more.
  let answer: @Sendable (InviterReport) async -> Bool

  /// Runs until everything was exchanged, and returns what that did. Interrupted, it ends in good order and yet has not done
  /// everything, so that is thrown.
  func run(
    _ opening: Opening, progress: @escaping @Sendable (WorkProgress) -> Void
  ) async throws -> SyncReport {
    do {
      let (code, answer) = (try PairingCode(opening.code), answer)
      let summary = try await replica.join(
        code, at: opening.address, asking: { await answer(InviterReport($0)) }, progress: progress)
      try Task.checkCancellation()
      return SyncReport(summary, names: try await replica.logNames())
    } catch {
      try Task.checkCancellation()
      throw error
    }
  }
}
