import AnabranchCore
import AnabranchWire
import SeededRandom

import enum Crypto.Curve25519

@testable import AnabranchStore

extension Author {
  /// Founds a space with this device as its owner.
  mutating func found() throws -> Bytes16 {
    guard let own = store.ownLog.flatMap(store.device) else { throw StoreError(.notFound, "nothing is written here") }
    let recovery = try Curve25519.Signing.PrivateKey(rawRepresentation: random.digest().bytes)
    let key = Digest(recovery.publicKey.rawRepresentation) ?? .zero
    let space = RecoveryWord.space(of: key)
    var enrol = Enrol(own, into: space, as: .owner)
    let signature = try recovery.signature(for: RecoveryWord.signedHash(of: enrol).bytes)
    enrol.recovery = RecoveryWord(key: key, signature: Array(signature))
    try store.enter(space, invitedBy: nil)
    try store.write([Draft(kind: .enrol, target: nil, mutation: .enrol(enrol))], wall: wall)
    return space
  }

  /// Lets a device in as an owner.
  mutating func enrol(_ device: Digest, into space: Bytes16) throws {
    let enrol = Enrol(device, into: space, as: .owner)
    try store.write([Draft(kind: .enrol, target: nil, mutation: .enrol(enrol))], wall: wall)
  }

  /// Takes all rights from a device, from what comes after `last` on.
  mutating func remove(_ device: Digest, from space: Bytes16, after last: [Dependency] = []) throws {
    let restrict = Restrict(device, in: space, to: .outsider, after: last)
    try store.write([Draft(kind: .restrict, target: nil, mutation: .restrict(restrict))], wall: wall)
  }
}
