/// Lets a device into the space.
public struct Enrol: Hashable, Sendable {
  /// The space.
  public var space: Bytes16
  /// The device, by its public key.
  public var device: Digest
  /// What it may do; never ``MemberRole/outsider``.
  public var role: MemberRole
  /// The recovery key's word for it; nil where the writer of the operation is an owner.
  public var recovery: RecoveryWord?

  /// Lets `device` into `space` as `role`.
  public init(_ device: Digest, into space: Bytes16, as role: MemberRole, recovery: RecoveryWord? = nil) {
    self.space = space
    self.device = device
    self.role = role
    self.recovery = recovery
  }
}

/// Takes rights from a device, from some change of each of its logs on: all of them, or all above a role.
///
/// A log that is not named is taken to be cut before its first change. What the device wrote up to there stays.
public struct Restrict: Hashable, Sendable {
  /// The space.
  public var space: Bytes16
  /// The device, by its public key.
  public var device: Digest
  /// What it may still do; never ``MemberRole/owner``.
  public var role: MemberRole
  /// Of each of its logs, in ascending order, the last change that counts in full.
  public var last: [Dependency]
  /// The recovery key's word for it; nil where the writer of the operation is an owner.
  public var recovery: RecoveryWord?

  /// Leaves `device` no more than `role` in `space` after `last`.
  public init(
    _ device: Digest, in space: Bytes16, to role: MemberRole, after last: [Dependency], recovery: RecoveryWord? = nil
  ) {
    self.space = space
    self.device = device
    self.role = role
    self.last = last
    self.recovery = recovery
  }
}

/// Brings the history of another space along, which the writer's device belonged to before.
public struct Adopt: Hashable, Sendable {
  /// The space into which it comes.
  public var space: Bytes16
  /// Of each log, in ascending order, the last change that counts as the writer's own word.
  public var heads: [Dependency]

  /// Brings all changes up to `heads` into `space`.
  public init(_ heads: [Dependency], into space: Bytes16) {
    self.space = space
    self.heads = heads
  }
}

/// A signature by the recovery key of a space: whoever has that key is above every device.
public struct RecoveryWord: Hashable, Sendable {
  /// The public key; the space is named by a hash of it.
  public var key: Digest
  /// An Ed25519 signature over what the operation says, 64 bytes.
  public var signature: [UInt8]

  /// `signature` by `key`.
  public init(key: Digest, signature: [UInt8]) {
    self.key = key
    self.signature = signature
  }

  /// Bytes of a signature.
  public static let signatureBytes = 64
}
