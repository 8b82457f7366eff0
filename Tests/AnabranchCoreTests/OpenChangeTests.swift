import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@Suite("The change that is being written")
struct OpenChangeTests {
  private static let id = ChangeID(log: log(7), sequence: 3)
  private static let message = ObjectID.native(operation(7, 2))

  private static func append(
    _ text: String, after predecessors: [OperationID], at position: UInt32, to target: ObjectID = message
  ) -> Draft {
    Draft(
      kind: .appendText, target: target,
      mutation: .appendText(
        AppendText(
          predecessors: predecessors, position: position, length: UInt32(text.unicodeScalars.count))),
      content: .present(salt: Bytes16(high: 1, low: UInt64(position)), bytes: Array(text.utf8)[...]))
  }

  private static func open() -> OpenChange {
    OpenChange(id: id, time: HybridTime(milliseconds: 1_000, counter: 0), wall: 1_000, action: 3)
  }

  /// Where the operations of `open` start, one span after the other.
  private static func starts(_ open: OpenChange) -> [UInt32] {
    open.drafts.reduce(into: [UInt32(0)]) { $0.append($0[$0.count - 1] + $1.span) }
  }

  @Test("Identifiers are given at once, and joining text does not move them", arguments: UInt64(0)..<60)
  func identifiersStay(seed: UInt64) {
    var random = RandomStream(seed: seed)
    var open = Self.open()
    var position: UInt32 = 0
    var whole = ""
    var given: [UInt32: String] = [:]
    var expected: UInt32 = 0
    for _ in 0..<random.number(in: 1...30) {
      if random.chance(1, in: 4) {
        let index = open.append(Draft(kind: .restore, target: Self.message, mutation: .restore))
        #expect(index == expected)
        expected += 1
        continue
      }
      let text = random.chance(1, in: 10) ? "" : random.words(1...3)
      let last = Self.starts(open).dropLast().last ?? 0
      let name = OperationID(log: Self.id.log, sequence: Self.id.sequence, index: last)
      let index = open.append(Self.append(text, after: [name], at: position))
      #expect(index == expected)
      given[index] = text
      expected += max(1, UInt32(text.unicodeScalars.count))
      position += UInt32(text.unicodeScalars.count)
      whole += text
    }
    #expect(open.nextIndex == expected && Self.starts(open).last == expected)
    let texts = open.drafts.filter { $0.kind == .appendText }.map { $0.content.bytes.map(Array.init) ?? [] }
    #expect(texts.flatMap { $0 } == Array(whole.utf8))
    // What was added under a name is what the operation that holds the name says from there on.
    for (index, text) in given {
      let starts = Self.starts(open)
      guard let place = starts.dropLast().lastIndex(where: { $0 <= index }) else { continue }
      let bytes = open.drafts[place].content.bytes.map(Array.init) ?? []
      let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
      let rest = scalars.dropFirst(Int(index - starts[place]))
      #expect(rest.starts(with: text.unicodeScalars))
    }
  }

  @Test("Text that follows becomes one operation; anything else stays apart")
  func joins() {
    let first = operation(7, 3, 0)
    func drafts(_ next: Draft) -> Int {
      var open = Self.open()
      _ = open.append(Self.append("river", after: [operation(7, 2)], at: 0))
      _ = open.append(next)
      return open.drafts.count
    }
    #expect(drafts(Self.append("bed", after: [first], at: 5)) == 1)
    #expect(drafts(Self.append("bed", after: [operation(7, 3, 4)], at: 5)) == 2)
    #expect(drafts(Self.append("bed", after: [first], at: 4)) == 2)
    #expect(drafts(Self.append("bed", after: [first, operation(1, 1)], at: 5)) == 2)
    #expect(drafts(Self.append("bed", after: [first], at: 5, to: .native(operation(7, 1)))) == 2)
    #expect(drafts(Self.append("", after: [first], at: 5)) == 2)
  }

  @Test("No joined text outgrows what one operation may hold")
  func joinedContentIsBounded() throws {
    var open = Self.open()
    let piece = String(repeating: "w", count: Limits.contentBytesMax)
    _ = open.append(Self.append("head", after: [operation(7, 2)], at: 0))
    _ = open.append(Self.append(piece, after: [operation(7, 3)], at: 4))
    #expect(open.isFull)
    #expect(open.drafts.allSatisfy { ($0.content.bytes?.count ?? 0) <= Limits.contentBytesMax })
    let context = SealedChange.Context(id: Self.id, previous: .zero)
    let sealed = SealedChange(sealing: open, context: context, dependencies: [])
    #expect(try SealedChange(bytes: sealed.bytes, context: context) == sealed)
  }

  @Test("Joined text costs its bytes, and is sealed at 64 KiB of them")
  func fillsUp() {
    var open = Self.open()
    _ = open.append(Self.append("w", after: [operation(7, 2)], at: 0))
    var position: UInt32 = 1
    while !open.isFull {
      _ = open.append(Self.append("wave", after: [operation(7, 3)], at: position))
      position += 4
    }
    #expect(open.drafts.count == 1)
    #expect((60 * 1024...64 * 1024).contains(Int(position)))
  }
}
