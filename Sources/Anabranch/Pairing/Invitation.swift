public import AnabranchCore

/// A time in which one device may come in, by a code.
///
/// Its code, of which no two are alike, tells it from every other one.
public struct Invitation: Sendable {
  /// What the newcomer needs.
  public let code: PairingCode
  /// How long the code is good for.
  public let lasts: Duration
  /// What happens. Ends when the device is in and knows it, when none came in, or when the code was taken back. One reader.
  public let events: AsyncStream<InvitationEvent>
}

/// Something that happened to an invitation.
public enum InvitationEvent: Hashable, Sendable {
  /// A device that knows the code asks to come in: see ``Replica/answer(_:isLetIn:)``.
  case asked(Newcomer)
  /// It is in: that is durable here, and it is about to be told.
  case admitted(Newcomer)
  /// It is in, and the connection broke off before it had taken note of that. It comes back by a new code, unless it is
  /// kept out: see ``Replica/restrict(_:to:)``.
  case brokeOff(Newcomer, reason: String)
  /// It is not in: it was refused, or went away.
  case turnedAway(Newcomer, reason: String)
  /// A device that knows the code went away before it asked, or does not want to come in.
  case wentAway(Digest, reason: String)
  /// Somebody tried a wrong code; after so many more there are no more tries.
  case wrongCode(triesLeft: Int)
  /// The code's time is over, or too many wrong ones were tried.
  case expired
}

/// A device that knows a code, and asks to come in.
public struct Newcomer: Hashable, Sendable {
  /// The device, by its public key.
  public var device: Digest
  /// What it says it is called.
  public var name: String
  /// What it will be let in as.
  public var role: MemberRole
}

/// An invitation that is open, as the replica keeps it.
struct OpenInvitation {
  let code: PairingCode
  let role: MemberRole
  let deadline: Duration
  let events: AsyncStream<InvitationEvent>.Continuation
  var triesLeft: Int
  /// The link of whoever has proved to know the code: it is good for one.
  var link: Int?
  /// The device on it, once it has said what it is called.
  var newcomer: Newcomer?
  /// Whether that device was let in.
  var isAdmitted = false
}
