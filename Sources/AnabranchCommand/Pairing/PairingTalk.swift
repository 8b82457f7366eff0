internal import Anabranch

/// A device that comes in, as `--json` prints it.
struct NewcomerReport: Codable, Sendable {
  var name: String
  var device: String
  var fingerprint: String
  var role: String

  init(_ newcomer: Newcomer) {
    name = newcomer.name
    device = newcomer.device.description
    fingerprint = newcomer.device.fingerprint
    role = newcomer.role.name
  }
}

/// Lets one device in: what happens is told step by step, and somebody is asked.
struct PairingTalk {
  /// What a device is let in with.
  struct Opening: Codable, Sendable {
    var role: String
    /// Where the replica is reached, as the other device sees it; nil for where it listens.
    var addresses: [String]?
  }

  /// Something that happened, as `--json` prints it: one line each.
  enum Event: Codable, Sendable {
    /// The recovery phrase of a space that is founded for it once that was told.
    case founded(recovery: String)
    case code(code: String, seconds: Int64)
    case wrongCode(triesLeft: Int)
    /// Somebody has to say whether it is let in, within that time.
    case asked(newcomer: NewcomerReport, seconds: Int64)
    case admitted(newcomer: NewcomerReport)
    case synced(exchange: SyncReport)
  }

  let replica: Replica
  /// Returns when somebody has been told.
  let tell: @Sendable (Event) async throws -> Void
  /// The answer to what was asked, within that time. Cancelled when it does not matter any more.
  let answer: @Sendable (NewcomerReport, Duration) async throws -> Bool

  /// Runs until a device is in and knows it, and returns it. Throws where none came in. Cancelled, it lets in none that was
  /// not let in yet.
  func run(_ opening: Opening) async throws -> Newcomer {
    let role = try MemberRole(name: opening.role)
    if try await replica.space() == nil {
      // Told first: of a space that is founded before somebody has the words, nobody ever had them.
      let phrase = await replica.makePhrase()
      try await tell(.founded(recovery: phrase.description))
      try await replica.found(by: phrase)
    }
    let invitation = try await replica.invite(as: role, at: opening.addresses)
    do {
      return try await follow(invitation)
    } catch {
      await replica.endInvitation(invitation)
      throw error
    }
  }

  private func follow(_ invitation: Invitation) async throws -> Newcomer {
    let seconds = invitation.lasts.components.seconds
    try await tell(.code(code: invitation.code.description, seconds: seconds))
    var (admitted, question): (Newcomer?, Task<Void, Never>?)
    defer { question?.cancel() }
    for await event in invitation.events {
      switch event {
      case .asked(let newcomer):
        try await tell(.asked(newcomer: NewcomerReport(newcomer), seconds: seconds))
        question = Task { await decide(newcomer, within: invitation.lasts) }
      case .admitted(let newcomer):
        admitted = newcomer
        try await tell(.admitted(newcomer: NewcomerReport(newcomer)))
      case .brokeOff(let newcomer, let reason):
        throw AnabranchError(brokeOff: newcomer, reason: reason)
      case .turnedAway(let newcomer, let reason):
        throw Self.stayedOut("“\(TextWidth.fit(newcomer.name, 40))”", reason)
      case .wentAway(let device, let reason):
        throw Self.stayedOut("the device \(device.fingerprint)", reason)
      case .wrongCode(let triesLeft):
        try await tell(.wrongCode(triesLeft: triesLeft))
      case .expired:
        throw AnabranchError(
          .unreachable, "no device came in with the code while it was good", remedy: "run it again for a new one")
      }
    }
    try Task.checkCancellation()
    if let admitted { return admitted }
    throw AnabranchError(.interrupted, "the code was taken back", remedy: "run it again for a new one")
  }

  /// Asks whether a device is let in, and does so. Who does not answer says no.
  private func decide(_ newcomer: Newcomer, within patience: Duration) async {
    let isLetIn = (try? await answer(NewcomerReport(newcomer), patience)) ?? false
    // Where it does not ask any more, the invitation's events say why.
    try? await replica.answer(newcomer, isLetIn: isLetIn)
  }

  private static func stayedOut(_ who: String, _ reason: String) -> AnabranchError {
    AnabranchError(
      .denied, "\(who) did not come in: \(TextWidth.fit(reason, 200))", remedy: "start again with a new code")
  }
}

extension MemberRole {
  /// The role that people call `name`. Throws for a name of none.
  init(name: String) throws(AnabranchError) {
    guard let role = Self.allCases.first(where: { $0.name == name }), role != .outsider else {
      throw AnabranchError(.invalid, "expected a role of owner, writer or reader, got “\(name)”")
    }
    self = role
  }

  /// What people call it.
  var name: String {
    switch self {
    case .outsider: "removed"
    case .reader: "reader"
    case .writer: "writer"
    case .owner: "owner"
    }
  }
}
