import AnabranchCore
import Testing

@testable import AnabranchWire

@Suite("Edits as bytes")
struct TextEditLimitsTests {
  private static func read(_ edits: [TextEdit]) -> [TextEdit]? {
    var writer = ByteWriter()
    writer.write(edits)
    var reader = ByteReader(writer.bytes)
    return try? reader.edits()
  }

  @Test("There is one way to write them, and it is bounded")
  func refuses() {
    let most = Int(UInt32.max)
    let good = [TextEdit(.insert, at: most, count: 1), TextEdit(.deleteForward, at: 0, count: most - 1)]
    #expect(Self.read(good) == good)
    for bad in [
      [], [TextEdit(.insert, at: 0, count: 0)], [TextEdit(.insert, at: -1, count: 1)],
      [TextEdit(.insert, at: most + 1, count: 1)], [TextEdit(.deleteBackward, at: 0, count: 1)],
      [TextEdit(.insert, at: 0, count: 1), TextEdit(.insert, at: 1, count: 1)],
      [TextEdit(.deleteForward, at: 4, count: 1), TextEdit(.deleteBackward, at: 1, count: 3)],
      [TextEdit(.insert, at: 9, count: 1), TextEdit(.deleteForward, at: 0, count: most)],
    ] {
      #expect(Self.read(bad) == nil, "\(bad)")
    }
  }
}
