public import AnabranchCore

/// A device that lets this one in, as it says.
public struct Inviter: Hashable, Sendable {
  /// The device, by its public key.
  public var device: Digest
  /// What it says it is called.
  public var name: String
  /// What it lets this device in as.
  public var role: MemberRole
}

/// How this device comes in on a connection.
struct Joining: Sendable {
  let code: PairingCode
  /// Is told that the other side has proved to know the code, and who it is.
  let met: @Sendable () -> Void
  /// Is asked whether to come in there, before anything is told of this device but its key; nil for yes.
  let ask: (@Sendable (Inviter) async -> Bool)?
}
