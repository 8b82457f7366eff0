import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@Suite("Taking contents away, and kinds nobody knows yet")
struct RedactionTests {
  @Test(
    "A redacted change keeps its hash, its structure and its place, and is read again",
    arguments: UInt64(0)..<100)
  func redacted(seed: UInt64) throws {
    let arbitrary = ArbitraryChange(seed: seed)
    let sealed = arbitrary.sealed
    var random = RandomStream(seed: seed)
    let chosen = Set(sealed.change.operations.map(\.index).filter { _ in random.chance(1, in: 2) })
    let redacted = sealed.redacted(chosen.contains)
    let read = try SealedChange(bytes: redacted.bytes, context: arbitrary.context)
    #expect(read == redacted)
    #expect(read.hash == sealed.hash)
    for (before, after) in zip(sealed.change.operations, read.change.operations) {
      #expect(after.mutation == before.mutation && after.contentHash == before.contentHash)
      if chosen.contains(before.index), before.envelope.content != .none {
        #expect(after.envelope.content == .absent(hash: before.contentHash))
      } else {
        #expect(after.envelope == before.envelope)
      }
    }
    #expect(redacted.redacted(chosen.contains) == redacted)
  }

  @Test("Nothing of a content or its salt is left in the bytes")
  func nothingIsLeft() {
    let id = HandmadeChange.context.id
    var open = OpenChange(id: id, time: HybridTime(milliseconds: 1, counter: 0), wall: 1, action: 5)
    let salt = Bytes16(high: 0x1122_3344_5566_7788, low: 0x99aa_bbcc_ddee_ff00)
    let secret = Array("the secret of the delta".utf8)
    _ = open.append(
      Draft(kind: .chunk, target: nil, mutation: .chunk, content: .present(salt: salt, bytes: secret[...])))
    let sealed = SealedChange(sealing: open, context: HandmadeChange.context, dependencies: [])
    let redacted = sealed.redacted { _ in true }
    for piece in [salt.bytes, secret] {
      func holds(_ bytes: [UInt8]) -> Bool {
        (0...bytes.count - piece.count).contains { Array(bytes[$0..<$0 + piece.count]) == piece }
      }
      #expect(holds(sealed.bytes) && !holds(redacted.bytes))
    }
  }

  @Test("An unknown kind, or an unknown structure of a known one, travels byte for byte and can be redacted")
  func unknown() throws {
    var content = ByteWriter()
    content.write(UInt8(1))
    content.write(Bytes16(high: 1, low: 2))
    content.write(counted: [1, 2, 3])
    let change = HandmadeChange(
      dependencies: [(HandmadeChange.log(1), 1), (HandmadeChange.log(2), 1)],
      operations: [
        HandmadeChange.operation(
          kind: UInt64(UInt32.max), target: [1, 2, 1, 0], span: 9, structure: [255, 0, 255],
          content: content.bytes),
        HandmadeChange.operation(kind: 1, structure: [0, 0], content: content.bytes),
        HandmadeChange.operation(kind: 3, structure: [9], content: content.bytes),
      ])
    let read = try SealedChange(bytes: change.bytes, context: HandmadeChange.context)
    #expect(read.change.operations.map(\.mutation) == [.unknown, .unknown, .unknown])
    #expect(read.change.operations.map(\.index) == [0, 9, 10])
    #expect(read.change.operations.map { Array($0.envelope.structure) } == [[255, 0, 255], [0, 0], [9]])
    #expect(read.bytes == change.bytes && read.redacted { _ in false }.bytes == change.bytes)
    let redacted = read.redacted { _ in true }
    #expect(try SealedChange(bytes: redacted.bytes, context: HandmadeChange.context).hash == read.hash)
    #expect(redacted.bytes.count > 0 && redacted.hash == read.hash)
  }
}
