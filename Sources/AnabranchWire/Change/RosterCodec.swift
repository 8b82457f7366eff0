internal import AnabranchCore

/// The operations on the roster as bytes: they name devices and logs in full, since who reads them may know none of them.
extension ByteWriter {
  mutating func write(_ enrol: Enrol) {
    write(said: enrol)
    write(recovery: enrol.recovery)
  }

  mutating func write(_ restrict: Restrict) {
    write(said: restrict)
    write(recovery: restrict.recovery)
  }

  /// All but who vouches for it.
  mutating func write(said enrol: Enrol) {
    write(enrol.space)
    write(enrol.device)
    write(enrol.role.rawValue)
  }

  /// All but who vouches for it.
  mutating func write(said restrict: Restrict) {
    write(restrict.space)
    write(restrict.device)
    write(restrict.role.rawValue)
    write(heads: restrict.last)
  }

  mutating func write(_ adopt: Adopt) {
    write(adopt.space)
    write(heads: adopt.heads)
  }

  private mutating func write(recovery word: RecoveryWord?) {
    write(UInt8(word == nil ? 0 : 1))
    guard let word else { return }
    write(word.key)
    write(word.signature)
  }

  /// Heads of logs, which ascend by log.
  private mutating func write(heads: [Dependency]) {
    write(count: heads.count)
    for head in heads {
      write(head.change.log.bytes)
      write(varint: UInt64(head.change.sequence))
      write(head.hash)
    }
  }
}

extension ByteReader {
  mutating func enrol() throws(WireError) -> Enrol {
    let space = try bytes16()
    return Enrol(try digest(), into: space, as: try role(.reader ... .owner), recovery: try recoveryWord())
  }

  mutating func restrict() throws(WireError) -> Restrict {
    let space = try bytes16()
    return Restrict(
      try digest(), in: space, to: try role(.outsider ... .writer), after: try heads(), recovery: try recoveryWord())
  }

  mutating func adopt() throws(WireError) -> Adopt {
    let space = try bytes16()
    return Adopt(try heads(), into: space)
  }

  mutating func role(_ expected: ClosedRange<MemberRole>) throws(WireError) -> MemberRole {
    let start = position
    let byte = try byte()
    guard let role = MemberRole(rawValue: byte), expected.contains(role) else {
      throw WireError(
        .invalid,
        "expected a role from \(expected.lowerBound.rawValue) to \(expected.upperBound.rawValue), got \(byte)",
        offset: start)
    }
    return role
  }

  private mutating func recoveryWord() throws(WireError) -> RecoveryWord? {
    guard try flag() else { return nil }
    return RecoveryWord(key: try digest(), signature: Array(try take(RecoveryWord.signatureBytes)))
  }

  private mutating func heads() throws(WireError) -> [Dependency] {
    var heads: [Dependency] = []
    for _ in 0..<(try count(max: Limits.referencesMax, of: "heads", bytesEach: 33)) {
      let start = position
      let log = LogID(try bytes16())
      let sequence = try varint32("a sequence")
      guard sequence > 0, heads.last.map({ $0.change.log < log }) ?? true else {
        throw WireError(
          .nonCanonical, "expected heads from change 1 on, in ascending order of their logs", offset: start)
      }
      heads.append(Dependency(change: ChangeID(log: log, sequence: sequence), hash: try bytes16()))
    }
    return heads
  }
}
