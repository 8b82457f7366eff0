import AnabranchNoise
import SeededRandom
import Testing

@Suite struct NoiseHandshakeTests {
  private func code(_ body: () throws -> Void) -> NoiseError.Code? {
    do {
      try body()
      return nil
    } catch {
      return (error as? NoiseError)?.code
    }
  }

  @Test(arguments: NoisePattern.allCases, UInt64(0)..<10) func anyTwoAgree(pattern: NoisePattern, seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let (mine, theirs) = (try NoisePair.pair(&random), try NoisePair.pair(&random))
    let secret = pattern.needsSecret ? random.bytes(32) : nil
    let prologue = random.bytes(random.below(40))
    var one = try NoiseHandshake(
      pattern, as: .initiator, prologue: prologue, static: mine, ephemeral: NoisePair.pair(&random),
      remoteStatic: pattern.knowsResponder ? theirs.publicKey : nil, secret: secret)
    var other = try NoiseHandshake(
      pattern, as: .responder, prologue: prologue, static: theirs, ephemeral: NoisePair.pair(&random), secret: secret)
    while one.isToSpeak || other.isToSpeak {
      let payload = random.bytes(random.below(300))
      let read = try one.isToSpeak ? other.read(one.write(payload)) : one.read(other.write(payload))
      #expect(read == payload)
    }
    let (first, second) = (try #require(one.session), try #require(other.session))
    #expect(first.handshakeHash == second.handshakeHash)
    #expect(first.remoteStatic == theirs.publicKey && second.remoteStatic == mine.publicKey)
  }

  /// Of the first message of a handshake without keys a part is in the clear; whoever alters that is noticed in the next.
  @Test(arguments: NoisePattern.allCases) func oneBitThatIsAlteredEndsIt(pattern: NoisePattern) throws {
    var lengths: [Int] = []
    var pair = try NoisePair(fixed: pattern)
    try pair.shake { _, message in lengths.append(message.count) }
    for (altered, length) in lengths.enumerated() {
      for bit in stride(from: 0, to: length * 8, by: 7) {
        // The highest bit of a key counts for nothing (RFC 7748), but the hash has it.
        var pair = try NoisePair(fixed: pattern)
        #expect(
          throws: NoiseError.self, "bit \(bit) of message \(altered)",
          performing: {
            try pair.shake { number, message in if number == altered { message[bit / 8] ^= 1 << (bit % 8) } }
            // What was in the clear and in the last message is noticed with the first record.
            var (one, other) = (try #require(pair.initiator.session), try #require(pair.responder.session))
            _ = try other.open(one.seal([1]))
            _ = try one.open(other.seal([1]))
          })
      }
    }
  }

  @Test(arguments: NoisePattern.allCases) func aMessageThatIsCutOffOrTooLongIsRefused(pattern: NoisePattern) throws {
    for count in 0..<140 {
      var pair = try NoisePair(fixed: pattern)
      #expect(throws: NoiseError.self) {
        try pair.shake { number, message in
          if number == 1 { message = Array(message.prefix(min(count, message.count - 1))) }
        }
      }
    }
    var pair = try NoisePair(fixed: pattern)
    #expect(code { _ = try pair.responder.read([UInt8](repeating: 1, count: 65_536)) } == .length)
    #expect(code { _ = try pair.initiator.write([UInt8](repeating: 1, count: 65_536)) } == .length)
  }

  @Test func anotherPrologueSecretOrResponderIsNoticed() throws {
    func shake(
      _ pattern: NoisePattern, prologue: [UInt8] = [1], secret: UInt8 = 5, responder: UInt8 = 0x33
    ) throws {
      let (first, second) = (try NoisePair.pair(of: 0x11), try NoisePair.pair(of: 0x33))
      var one = try NoiseHandshake(
        pattern, as: .initiator, prologue: [1], static: first, ephemeral: NoisePair.pair(of: 0x22),
        remoteStatic: pattern.knowsResponder ? NoisePair.pair(of: responder).publicKey : nil,
        secret: pattern.needsSecret ? [UInt8](repeating: 5, count: 32) : nil)
      var other = try NoiseHandshake(
        pattern, as: .responder, prologue: prologue, static: second, ephemeral: NoisePair.pair(of: 0x44),
        secret: pattern.needsSecret ? [UInt8](repeating: secret, count: 32) : nil)
      while one.isToSpeak || other.isToSpeak {
        _ = try one.isToSpeak ? other.read(one.write()) : one.read(other.write())
      }
    }
    for pattern in NoisePattern.allCases {
      try shake(pattern)
      #expect(code { try shake(pattern, prologue: [2]) } == .unauthentic)
    }
    #expect(code { try shake(.xxpsk3, secret: 6) } == .unauthentic)
    #expect(code { try shake(.ik, responder: 0x34) } == .unauthentic)
  }

  /// Points of order 1, 2, 4 and 8 (RFC 7748, chapter 6.1): whoever sends one would share zeros with everybody.
  @Test(arguments: [
    String(repeating: "00", count: 32), "01" + String(repeating: "00", count: 31),
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  ])
  func aKeyOfLowOrderIsRefused(key: String) throws {
    var responder = try NoisePair.side(.xx, .responder)
    _ = try responder.read(key.unhexed)
    #expect(code { _ = try responder.write() } == .lowOrder)
    #expect(code { _ = try responder.write() } == .order, "it does nothing any more")
    var initiator = try NoisePair.side(.xx, .initiator)
    _ = try initiator.write()
    #expect(code { _ = try initiator.read(key.unhexed + [UInt8](repeating: 0, count: 64)) } == .lowOrder)
  }

  @Test func stepsOutOfOrderAndWrongKeysAreRefused() throws {
    var pair = try NoisePair(fixed: .xx)
    #expect(code { _ = try pair.responder.write() } == .order)
    #expect(code { _ = try pair.initiator.read([1]) } == .order)
    let first = try pair.initiator.write()
    #expect(code { _ = try pair.initiator.write() } == .order)
    _ = try pair.responder.read(first)
    #expect(code { _ = try pair.responder.read(first) } == .order, "the first message again")
    _ = try pair.initiator.read(pair.responder.write())
    _ = try pair.responder.read(pair.initiator.write())
    #expect(!pair.initiator.isToSpeak && !pair.responder.isToSpeak)
    #expect(code { _ = try pair.responder.write() } == .order)
    let key = try NoisePair.pair(of: 1)
    for (pattern, role, remote, secret) in [
      (NoisePattern.xx, NoiseHandshake.Role.initiator, key.publicKey, [UInt8]?.none), (.ik, .initiator, nil, nil),
      (.ik, .responder, key.publicKey, nil), (.xxpsk3, .initiator, nil, nil), (.xxpsk3, .initiator, nil, [1, 2]),
      (.xx, .responder, nil, [UInt8](repeating: 0, count: 32)),
    ] {
      let found = code {
        _ = try NoiseHandshake(
          pattern, as: role, prologue: [], static: key, ephemeral: key, remoteStatic: remote, secret: secret)
      }
      #expect(found == .order)
    }
    #expect(NoiseKeyPair(secret: [1, 2, 3]) == nil && NoisePublicKey([1]) == nil)
  }
}
