public import AnabranchCore
public import AnabranchWire

/// What a session needs to know of the replica it speaks for, when it starts.
public struct LocalReplica: Hashable, Sendable {
  /// The device's Ed25519 public key.
  public var device: Digest
  /// The log it writes now.
  public var log: LogID
  /// The device's name, at most ``Limits/nameBytesMax`` bytes.
  public var name: String
  /// The shared history; all zero until devices are paired.
  public var space: Bytes16
  /// The rules by which it turns operations into state.
  public var semanticsLevel: UInt32
  /// All that is durable here, in any order; at most ``Limits/logsMax`` logs.
  public var heads: [HeldLog]
  /// How those hang together that have forked.
  public var branches: Branches

  /// The replica that `device` calls `name`, which writes `log` and holds `heads`.
  public init(
    device: Digest, log: LogID, name: String, semanticsLevel: UInt32, heads: [HeldLog],
    branches: Branches = Branches(), space: Bytes16 = Bytes16(high: 0, low: 0)
  ) {
    self.device = device
    self.log = log
    self.name = name
    self.semanticsLevel = semanticsLevel
    self.heads = heads
    self.branches = branches
    self.space = space
  }
}
