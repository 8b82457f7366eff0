import SeededRandom
import Testing

@testable import AnabranchCore

@Suite("The events of a text as a graph")
struct EventGraphTests {
  /// A graph and, for each event, all events that lead to it and itself.
  private struct Sample {
    var graph = EventGraph()
    var pasts: [Set<Int>] = []

    init(seed: UInt64, _ random: inout RandomStream) {
      for _ in 0..<random.number(in: 1...12) {
        let candidates = (0..<random.number(in: 0...2)).compactMap { _ in random.pick(Array(pasts.indices)) }
        let parents = random.chance(1, in: 3) ? graph.heads : heads(Set(candidates))
        let count = random.number(in: 1...4)
        graph.add(count, after: parents)
        for step in 0..<count {
          let before = step == 0 ? parents : [pasts.count - 1]
          pasts.append(before.reduce(into: [pasts.count]) { $0.formUnion(pasts[$1]) })
        }
      }
    }

    func heads(_ events: Set<Int>) -> [Int] {
      events.filter { event in !events.contains { $0 != event && pasts[$0].contains(event) } }.sorted()
    }

    func version(_ heads: [Int]) -> Set<Int> {
      heads.reduce(into: []) { $0.formUnion(pasts[$1]) }
    }
  }

  @Test("Versions compare as the sets that they are", arguments: UInt64(0)..<500)
  func comparesVersions(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let sample = Sample(seed: seed, &random)
    #expect(sample.graph.heads == sample.heads(Set(sample.pasts.indices)))
    for _ in 0..<6 {
      let (a, b) = (version(sample, &random), version(sample, &random))
      let (inA, inB) = (sample.version(a), sample.version(b))
      let difference = sample.graph.difference(a, b)
      #expect(difference.onlyA.flatMap { $0.reversed() } == inA.subtracting(inB).sorted(by: >))
      #expect(difference.onlyB.flatMap { $0.reversed() } == inB.subtracting(inA).sorted(by: >))

      let conflict = sample.graph.conflict(a, b)
      let base = sample.version(conflict.base)
      #expect(conflict.events.flatMap { $0 } == inA.union(inB).subtracting(base).sorted())
      // Everything to be replayed builds on all of the base, so the base is the text for each.
      for event in conflict.events.joined() { #expect(base.isSubset(of: sample.pasts[event])) }
      #expect(base.isSubset(of: inA.intersection(inB)))
    }
  }

  @Test(
    "A critical event is one that all before it are known to and all after it build on", arguments: UInt64(500)..<900)
  func findsCriticalEvents(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let sample = Sample(seed: seed, &random)
    let first = random.below(sample.pasts.count)
    let critical = sample.graph.criticalEvents(from: first, at: sample.heads(Set(0..<first)))
    let starts = Set(sample.graph.starts)
    for event in first..<sample.pasts.count where starts.contains(event) {
      let knowsAll = sample.pasts[event] == Set(0...event)
      let isKnownToAll = sample.pasts[event...].allSatisfy { $0.contains(event) }
      #expect(critical.contains(event) == (knowsAll && isKnownToAll), "event \(event) from \(first)")
    }
  }

  private func version(_ sample: Sample, _ random: inout RandomStream) -> [Int] {
    sample.heads(Set((0..<random.number(in: 0...3)).compactMap { _ in random.pick(Array(sample.pasts.indices)) }))
  }
}
