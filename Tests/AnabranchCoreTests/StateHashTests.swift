import AnabranchCore
import AnabranchTestSupport
import SeededRandom
import Testing

@Suite("The fingerprint of a state")
struct StateHashTests {
  /// The sum byte by byte, with a carry, as one learns it at school.
  private static func sum(_ a: Digest, _ b: Digest) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: Digest.count)
    var carry = 0
    for index in (0..<Digest.count).reversed() {
      let total = Int(a.bytes[index]) + Int(b.bytes[index]) + carry
      result[index] = UInt8(total % 256)
      carry = total / 256
    }
    return result
  }

  @Test("It is a commutative group under adding", arguments: UInt64(0)..<4)
  func groupLaws(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let edges = [Digest.zero, Digest([UInt8](repeating: 255, count: 32)) ?? .zero]
    let words: [UInt64] = [0, 1, .max, 1 << 63]
    func digest() -> Digest {
      switch random.number(in: 0...4) {
      case 0: return edges[random.number(in: 0...1)]
      case 1...2:
        let chosen = (0..<4).map { _ in words[random.number(in: 0...3)] }
        return Digest(
          head: Bytes16(high: chosen[0], low: chosen[1]), tail: Bytes16(high: chosen[2], low: chosen[3]))
      default: return random.digest()
      }
    }
    for _ in 0..<300 {
      let (a, b, c) = (digest(), digest(), digest())
      func adding(_ digests: Digest...) -> StateHash {
        digests.reduce(into: StateHash()) { $0.add(StateHash($1)) }
      }
      #expect(adding(a, b).digest.bytes == Self.sum(a, b))
      #expect(adding(a, b) == adding(b, a))
      var grouped = StateHash(a)
      grouped.add(adding(b, c))
      #expect(grouped == adding(a, b, c))
      #expect(adding(a, .zero) == StateHash(a))
      var removed = adding(a, b, c)
      removed.remove(StateHash(b))
      #expect(removed == adding(a, c))
      removed.remove(adding(a, c))
      #expect(removed == StateHash() && removed.hashValue == StateHash().hashValue)
    }
  }
}
