import AnabranchCore
import Testing

/// Why a message stands where it does says the same as the reading.
@Suite struct StandingTests {
  private typealias Sample = ConversationGraphTests.Sample

  /// All that leads to a node.
  private func past(of node: Int, in sample: Sample) -> Set<Int> {
    var past: Set<Int> = []
    var waiting = sample.parents[node] ?? []
    while let next = waiting.popLast() {
      guard sample.nodes.contains(next), next != node, past.insert(next).inserted else { continue }
      waiting += sample.parents[next] ?? []
    }
    return past
  }

  @Test(arguments: UInt64(0)..<600) func whatIsToldFitsTheReading(seed: UInt64) throws {
    let sample = Sample(seed: seed)
    let graph = ConversationGraph(sample.nodes) { sample.parents[$0] ?? [] }
    let runs = graph.runs(precedes: sample.precedes)
    let reading = runs.flatMap(\.self)
    let pasts = Dictionary(uniqueKeysWithValues: sample.nodes.map { ($0, past(of: $0, in: sample)) })
    func place(_ node: Int) throws -> Int { try #require(reading.firstIndex(of: node)) }
    let isForged =
      sample.nodes.contains { pasts[$0]?.contains { pasts[$0]?.contains($0) == true } == true }
      || sample.nodes.contains { node in pasts[node]?.contains { pasts[$0]?.contains(node) == true } == true }
    for node in sample.nodes {
      let standing = try #require(graph.standing(of: node, precedes: sample.precedes))
      #expect(runs.contains(standing.run) && standing.run.contains(node))
      let first = standing.run[0]
      let others = runs.filter { $0 != standing.run }
      let expected = others.filter { run in
        pasts[first]?.contains(run[0]) == false && pasts[run[0]]?.contains(first) == false
      }
      guard !isForged else { continue }
      #expect(standing.beside.map(\.run) == expected)
      for beside in standing.beside {
        let (earlier, later) = beside.isBefore ? (beside.run[0], first) : (first, beside.run[0])
        #expect(try place(earlier) < place(later))
        let compared = try #require(beside.compared)
        #expect(compared.first == earlier && sample.precedes(earlier, compared.second))
        #expect(compared.second == later || pasts[later]?.contains(compared.second) == true)
        // It could have been read in its place: all that leads to it was out.
        let before = try place(earlier)
        for parent in pasts[compared.second] ?? [] { #expect(try place(parent) < before) }
      }
    }
    #expect(graph.standing(of: 99, precedes: sample.precedes) == nil)
  }

  @Test func aRunThatHadToWaitIsToldByWhatLedToIt() throws {
    // 1 and 2 follow 0; 3 and 4 follow 1: 4, though it was written first of all, waits for 1.
    let graph = ConversationGraph([0, 1, 2, 3, 4]) { [1: [0], 2: [0], 3: [1], 4: [1]][$0] ?? [] }
    let rank = [0: 0, 4: 1, 2: 2, 1: 3, 3: 4]
    let precedes = { (a: Int, b: Int) in (rank[a] ?? 9) < (rank[b] ?? 9) }
    #expect(graph.linearReading(precedes: precedes) == [0, 2, 1, 4, 3])
    let standing = try #require(graph.standing(of: 4, precedes: precedes))
    #expect(standing.run == [4] && standing.beside.map(\.run) == [[2], [3]])
    #expect(standing.beside.map(\.isBefore) == [true, false])
    #expect(standing.beside.map(\.compared?.first) == [2, 4] && standing.beside.map(\.compared?.second) == [1, 3])
    #expect(graph.standing(of: 2, precedes: precedes)?.beside.map(\.compared?.second) == [1, 1, 1])
  }
}
