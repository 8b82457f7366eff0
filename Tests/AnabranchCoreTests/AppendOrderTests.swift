import AnabranchCore
import AnabranchOracle
import AnabranchTestSupport
import SeededRandom
import Testing

@Suite("The parts of a streamed body")
struct AppendOrderTests {
  private static func parts(seed: UInt64) -> [AppendOrder.Part] {
    var random = RandomStream(seed: seed)
    var parts: [AppendOrder.Part] = []
    var taken: Set<OperationID> = []
    for _ in 0..<random.number(in: 0...8) {
      let id = operation(
        UInt64(random.number(in: 1...3)), UInt32(random.number(in: 1...3)),
        UInt32(random.number(in: 0...4) * 10))
      guard taken.insert(id).inserted else { continue }
      let named = parts.isEmpty ? 0 : random.number(in: 0...2)
      let predecessors = (0..<named).map { _ in
        var name = parts[random.number(in: 0...parts.count - 1)].operation
        if random.chance(1, in: 3) { name.index += UInt32(random.number(in: 1...9)) }
        if random.chance(1, in: 10) { name.sequence += 7 }
        return name
      }
      parts.append(
        AppendOrder.Part(
          operation: id, time: HybridTime(rawValue: UInt64(random.number(in: 0...2))),
          predecessors: predecessors))
    }
    return parts
  }

  @Test("They read as the definition says, in whatever order they come", arguments: UInt64(0)..<400)
  func matchesNaive(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let parts = Self.parts(seed: seed)
    let naive = NaiveGraph(
      parts,
      parents: { part in
        part.predecessors.compactMap { name in
          parts.filter { $0.operation.change == name.change && $0.operation <= name }
            .max { $0.operation < $1.operation }
        }
      },
      precedes: { a, b in a.time != b.time ? a.time < b.time : a.operation < b.operation })
    #expect(AppendOrder.sorted(parts) == naive.linearReading)
    #expect(AppendOrder.sorted(random.shuffled(parts)) == AppendOrder.sorted(parts))
  }

  @Test("A name in the middle of a joined part means that part")
  func middleOfPart() {
    let head = AppendOrder.Part(
      operation: operation(1, 1, 4), time: .zero, predecessors: [operation(1, 1, 0)])
    let mine = AppendOrder.Part(
      operation: operation(1, 2, 0), time: HybridTime(rawValue: 5), predecessors: [operation(1, 1, 9)])
    let theirs = AppendOrder.Part(
      operation: operation(2, 1, 0), time: HybridTime(rawValue: 3), predecessors: [operation(1, 1, 4)])
    let after = AppendOrder.Part(
      operation: operation(2, 2, 0), time: HybridTime(rawValue: 9), predecessors: [operation(2, 1, 0)])
    #expect(AppendOrder.sorted([mine, after, theirs, head]) == [head, theirs, after, mine])
  }
}
