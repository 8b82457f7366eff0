import SeededRandom
import Testing

@testable import AnabranchCore

@Suite("Counting scalars")
struct ScalarCountTests {
  @Test("As stepping from one to the next counts them", arguments: 0..<50 as Range<UInt64>)
  func count(seed: UInt64) {
    var random = RandomStream(seed: seed)
    var scalars = String.UnicodeScalarView()
    for _ in 0..<random.number(in: 0...200) {
      let bits = [7, 11, 16, 21][random.number(in: 0...3)]
      let value = UInt32(random.number(in: 0...(1 << bits) - 1))
      if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
    }
    let text = String(scalars)
    #expect(text.scalarCount == text.unicodeScalars.count)
    #expect(String(text.dropFirst(3)).scalarCount == text.dropFirst(3).unicodeScalars.count)
  }
}
