import AnabranchCore
import AnabranchOracle
import AnabranchTestSupport
import SeededRandom
import Testing

@Suite("The graph of a conversation")
struct ConversationGraphTests {
  struct Sample {
    var nodes: [Int] = []
    var parents: [Int: [Int]] = [:]
    var rank: [Int: Int] = [:]
    var line: [Int: Int] = [:]

    func precedes(_ a: Int, _ b: Int) -> Bool { (rank[a] ?? 0) < (rank[b] ?? 0) }

    /// A few messages with several parents, repeated and dangling ones, and now and then a cycle.
    init(seed: UInt64) {
      var random = RandomStream(seed: seed)
      let count = random.number(in: 0...10)
      nodes = random.shuffled(Array(0..<count))
      let isForged = random.chance(1, in: 4)
      let ranks = random.shuffled(nodes)
      for (place, node) in ranks.enumerated() { rank[node] = place }
      for node in nodes {
        line[node] = random.number(in: 0...2)
        let wanted = random.one(of: 0, 1, 1, 1, 1, 2, 3)
        parents[node] = (0..<wanted).map { _ in
          if random.chance(1, in: 8) { return 99 }
          return random.number(in: 0...(isForged ? count - 1 : max(0, node - 1)))
        }
      }
    }
  }

  @Test("It reads as the definition says", arguments: UInt64(0)..<600)
  func matchesNaive(seed: UInt64) {
    let sample = Sample(seed: seed)
    let graph = ConversationGraph(sample.nodes) { sample.parents[$0] ?? [] }
    let naive = NaiveGraph(
      sample.nodes, parents: { sample.parents[$0] ?? [] }, precedes: sample.precedes)
    #expect(graph.runs(precedes: sample.precedes) == naive.runs)
    #expect(graph.linearReading(precedes: sample.precedes) == naive.linearReading)
    #expect(graph.tips.sorted(by: sample.precedes) == naive.tips)
    let diverged = graph.diverged(line: { sample.line[$0] ?? 0 }, precedes: sample.precedes)
    #expect(diverged == naive.diverged { sample.line[$0] ?? 0 })
  }

  @Test("It holds every message once, parents first unless there is a cycle", arguments: UInt64(600)..<900)
  func completeAndOrdered(seed: UInt64) {
    let sample = Sample(seed: seed)
    let reading = ConversationGraph(sample.nodes) { sample.parents[$0] ?? [] }
      .linearReading(precedes: sample.precedes)
    #expect(reading.sorted() == sample.nodes.sorted())
    guard sample.parents.allSatisfy({ node, parents in parents.allSatisfy { $0 < node || $0 == 99 } }) else {
      return
    }
    for (place, node) in reading.enumerated() {
      for parent in sample.parents[node] ?? [] where sample.nodes.contains(parent) && parent != node {
        #expect(reading[..<place].contains(parent))
      }
    }
  }

  @Test("The order in which the messages are given does not matter", arguments: UInt64(900)..<950)
  func orderOfNodes(seed: UInt64) {
    let sample = Sample(seed: seed)
    let once = ConversationGraph(sample.nodes) { sample.parents[$0] ?? [] }
    let again = ConversationGraph(sample.nodes.reversed()) { sample.parents[$0] ?? [] }
    #expect(once.runs(precedes: sample.precedes) == again.runs(precedes: sample.precedes))
  }

  @Test("Two offline chats follow each other and are not shuffled")
  func chatsStayWhole() {
    // 0 is the common past; odd messages were written here, even ones there, in turns.
    let parents = [0: [], 1: [0], 2: [0], 3: [1], 4: [2], 5: [3], 6: [4], 7: [5, 6]]
    let graph = ConversationGraph(Array(0...7)) { parents[$0] ?? [] }
    #expect(graph.linearReading(precedes: <) == [0, 1, 3, 5, 2, 4, 6, 7])
    #expect(graph.runs(precedes: <).count == 4)
    #expect(graph.tips == [7])
  }

  @Test("A very long conversation needs no deep recursion")
  func longChain() {
    let count = 20_000
    let graph = ConversationGraph(Array((0..<count).reversed())) { $0 == 0 ? [] : [$0 - 1] }
    #expect(graph.linearReading(precedes: <) == Array(0..<count))
  }
}
