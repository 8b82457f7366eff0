import AnabranchNoise
import SeededRandom
import Testing

@Suite struct NoiseSessionTests {
  private func sessions() throws -> (NoiseSession, NoiseSession) {
    var pair = try NoisePair(fixed: .xx)
    try pair.shake()
    return (try #require(pair.initiator.session), try #require(pair.responder.session))
  }

  @Test(arguments: UInt64(0)..<10) func bytesComeAsTheyWereInWhateverPieces(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    var (one, other) = try sessions()
    var (sent, sealed, opened): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
    for _ in 0..<12 {
      let bytes = random.bytes(random.one(of: 0, 1, 100, NoiseSession.recordBytesMax, 150_000))
      sent += bytes
      sealed += try one.seal(bytes)
    }
    var rest = sealed[...]
    while !rest.isEmpty {
      let count = 1 + random.below(random.one(of: 3, 70_000))
      opened += try other.open(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    #expect(opened == sent)
    #expect(sealed.count - sent.count >= NoiseSession.recordOverhead)
  }

  @Test func overheadIsThatOfOneRecordForAMessage() throws {
    var (one, _) = try sessions()
    #expect(try one.seal([UInt8](repeating: 1, count: 384)).count == 384 + 18)
    #expect(NoiseSession.recordOverhead == 18)
  }

  @Test func whatIsAlteredLeftOutRepeatedOrMovedIsNoticed() throws {
    var (one, other) = try sessions()
    let records = try (0..<4).map { try one.seal([UInt8($0)]) }
    func refuses(_ bytes: [UInt8]) throws -> Bool {
      var (_, reader) = try sessions()
      do {
        _ = try reader.open(bytes)
        return false
      } catch {
        #expect(throws: NoiseError.self, "it does nothing any more") { try reader.open(records[0]) }
        return true
      }
    }
    #expect(try !refuses(records[0] + records[1]))
    #expect(try refuses(records[1]))
    #expect(try refuses(records[0] + records[2]))
    #expect(try refuses(records[0] + records[0]))
    for bit in 0..<records[0].count * 8 {
      var altered = records[0]
      altered[bit / 8] ^= 1 << (bit % 8)
      // A greater length waits for more, and finds that this is something else.
      #expect(try refuses(altered + [UInt8](repeating: 0, count: 65_535)), "bit \(bit)")
    }
    #expect(try refuses([0, 0]))
    #expect(try refuses([0, 16] + [UInt8](repeating: 0, count: 16)))
    // Its own words are no answer.
    let own = try other.seal([9])
    #expect(throws: NoiseError.self) { try other.open(own) }
  }

  /// Both sides take the next key after the same record, so that the session goes on.
  @Test func keysAreReplacedWithoutAWord() throws {
    var (one, other) = try sessions()
    let count = NoiseSession.recordsPerKey + 5
    for number in 0..<count {
      let byte = UInt8(truncatingIfNeeded: number)
      let opened = try other.open(one.seal([byte]))
      guard opened == [byte] else {
        Issue.record("record \(number) came as \(opened)")
        return
      }
    }
  }
}
