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
    /// The recovery phrase of a space that was founded for it.
    case founded(recovery: String)
    case code(code: String, seconds: Int64)
    case wrongCode(triesLeft: Int)
    /// Somebody has to say whether it is let in.
    case asked(newcomer: NewcomerReport)
    case admitted(newcomer: NewcomerReport)
    case synced(exchange: SyncReport)
  }

  let replica: Replica
  let tell: @Sendable (Event) async throws -> Void
  /// The answer to what was asked.
  let answer: @Sendable (NewcomerReport) async throws -> Bool

  /// Runs until a device is in, and returns it. Throws where none came in.
  func run(_ opening: Opening) async throws -> Newcomer {
    if try await replica.space() == nil {
      try await tell(.founded(recovery: replica.found().description))
    }
    let invitation = try await replica.invite(as: MemberRole(name: opening.role), at: opening.addresses)
    do {
      let newcomer = try await follow(invitation)
      await replica.endInvitation()
      return newcomer
    } catch {
      await replica.endInvitation()
      throw error
    }
  }

  private func follow(_ invitation: Invitation) async throws -> Newcomer {
    try await tell(.code(code: invitation.code.description, seconds: invitation.lasts.components.seconds))
    for await event in invitation.events {
      switch event {
      case .asked(let newcomer):
        let report = NewcomerReport(newcomer)
        try await tell(.asked(newcomer: report))
        try await replica.answer(newcomer.device, isLetIn: answer(report))
      case .admitted(let newcomer):
        try await tell(.admitted(newcomer: NewcomerReport(newcomer)))
        return newcomer
      case .turnedAway(let newcomer, let reason):
        throw AnabranchError(
          .denied, "“\(newcomer.name)” did not come in: \(reason)", remedy: "start again with a new code")
      case .wrongCode(let triesLeft):
        try await tell(.wrongCode(triesLeft: triesLeft))
      case .expired:
        throw AnabranchError(
          .unreachable, "no device came in with the code while it was good", remedy: "run it again for a new one")
      }
    }
    try Task.checkCancellation()
    throw AnabranchError(.interrupted, "the code was taken back", remedy: "run it again for a new one")
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
