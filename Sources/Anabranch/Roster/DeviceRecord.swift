public import AnabranchCore

/// A device that was let into the space.
public struct DeviceRecord: Hashable, Sendable {
  /// The device, by its public key.
  public var device: Digest
  /// What its person calls it; empty where nobody has said.
  public var name: String
  /// What it may do now, by all that is here; ``MemberRole/outsider`` for one that was removed.
  public var role: MemberRole
  /// Whether it was removed although it has that role here: what says so was lost to damage and is not here again.
  public var isRemovalLost: Bool
  /// Its place among the devices, from 1 on: of two that remove each other the one with the lower rank stays.
  public var rank: Int
  /// The device that let it in; nil for the recovery phrase.
  public var enroller: Digest?
  /// Whether it is this one.
  public var isThisOne: Bool

  /// Whether nothing is sent to it, nor taken from it: it was removed, by what is here or by what was lost.
  public var isKeptOut: Bool { role == .outsider || isRemovalLost }
}

extension Digest {
  /// The first eight bytes of a device's key, in four groups: what two people compare.
  public var fingerprint: String {
    let digits = Array(Hexadecimal.encode(Array(bytes.prefix(8))))
    return stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<$0 + 4]) }.joined(separator: " ")
  }
}
