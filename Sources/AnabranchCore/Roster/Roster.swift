/// Who belongs to a space, and what each change of a log may do in it: worked out from the roster's operations alone, so
/// that every replica which holds the same ones comes to the same verdict, without a vote.
///
/// Devices have a **rank**. The recovery key is above all; then come the devices that it let in, then those that these let
/// in, and so on; of those let in by one device in the order of the operations, of several logs by the logs' names. So nobody can get above who let them in. Restrictions take
/// effect in the order of their writers' ranks, unless a senior has already cut the writer off before them. Of two owners who
/// remove each other the senior stays. `docs/decisions/0020` has the reasons.
public struct Roster: Hashable, Sendable {
  /// What an operation does to the roster.
  ///
  /// All are about one space: what was said of another one is no entry.
  public enum Act: Hashable, Sendable {
    /// Lets a device in.
    case enrol(Enrol)
    /// Takes rights from one.
    case restrict(Restrict)
    /// Brings another history along.
    case adopt(Adopt)
  }

  /// An operation on the roster.
  public struct Entry: Hashable, Sendable {
    /// Its name.
    public var operation: OperationID
    /// The device in whose log it stands.
    public var author: Digest
    /// What it does.
    public var act: Act
    /// Whether it bears a valid signature by the recovery key of the space. One that bears another is no entry.
    public var isByRecoveryKey: Bool

    /// `act`, by `author`.
    public init(_ operation: OperationID, by author: Digest, _ act: Act, isByRecoveryKey: Bool = false) {
      self.operation = operation
      self.author = author
      self.act = act
      self.isByRecoveryKey = isByRecoveryKey
    }
  }

  /// A device that was let in.
  public struct Member: Hashable, Sendable {
    /// The device, by its public key.
    public var device: Digest
    /// What it may do now; ``MemberRole/outsider`` for one that was removed.
    public var role: MemberRole
    /// What let it in.
    public var enrolment: OperationID
    /// The device that let it in; nil for the recovery key.
    public var enroller: Digest?
    /// What took rights from it and counts, in the order in which that took effect.
    public var restrictions: [OperationID]
  }

  /// The devices that were let in, the senior first; also those that were removed.
  public internal(set) var members: [Member] = []
  /// What each device was let in as.
  var granted: [Digest: MemberRole] = [:]
  /// Where each device's rights end that were taken.
  var limits: [Digest: Limits] = [:]
  /// The histories that were brought along: up to which change each log counts, and as what.
  var adopted: [LogID: [Adoption]] = [:]
  /// Whether there is a space at all. Where there is none, nobody was ever let in and everything that is held counts.
  let isFounded: Bool

  /// Of each role that rights were cut to, the last change of each log up to which they reach beyond it.
  typealias Limits = [MemberRole: [LogID: UInt32]]

  struct Adoption: Hashable, Sendable {
    var last: UInt32
    var role: MemberRole
  }

  /// The roster of a replica that belongs to no space yet.
  public static let unfounded = Roster(isFounded: false)

  init(isFounded: Bool) {
    self.isFounded = isFounded
  }

  /// Whether anything is said of a device: it was let in, or rights were taken from it.
  public func knows(_ device: Digest) -> Bool {
    granted[device] != nil || limits[device] != nil
  }

  /// What a device may do now.
  public func role(of device: Digest) -> MemberRole {
    let granted = granted[device] ?? .outsider
    return limits[device]?.keys.reduce(granted, min) ?? granted
  }

  /// What `change` may do, in a log of `device`. O(roles).
  public func role(of device: Digest, at change: ChangeID) -> MemberRole {
    guard isFounded else { return .owner }
    if let granted = granted[device] { return Self.role(granted, within: limits[device], at: change) }
    // What is brought along must not bring back whom an owner removed.
    guard limits[device] == nil, let adopted = adopted[change.log] else { return .outsider }
    return adopted.filter { change.sequence <= $0.last }.map(\.role).max() ?? .outsider
  }

  /// What is left at `change` of what was granted.
  static func role(_ granted: MemberRole, within limits: Limits?, at change: ChangeID) -> MemberRole {
    var role = granted
    for (limit, last) in limits ?? [:] where limit < role && change.sequence > last[change.log] ?? 0 { role = limit }
    return role
  }
}

extension MemberRole {
  /// Whether a change with these rights may do `mutation`; `isOwnName` tells whether it says what its writer's device is
  /// called.
  public func allows(_ mutation: Mutation, isOwnName: Bool) -> Bool {
    switch mutation {
    case .purge, .purgePast, .enrol, .restrict: self >= .owner
    case .markRead, .receipt: self >= .reader
    case .writeRegister: self >= (isOwnName ? .reader : .writer)
    default: self >= .writer
    }
  }
}
