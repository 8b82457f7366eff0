import AnabranchCore
import AnabranchOracle
import AnabranchTestSupport
import AnabranchWire
import Testing

@Suite("Causality over whole histories")
struct CausalityTests {
  private static let options = HistoryGenerator.Options(replicas: 4, steps: 60)

  private static func vector(_ changes: some Sequence<ChangeID>) -> VersionVector {
    VersionVector(changes.map { ($0.log, $0.sequence) })
  }

  @Test("A frontier is what no other head has seen", arguments: UInt64(0)..<20)
  func frontier(seed: UInt64) {
    let generated = HistoryGenerator.history(seed: seed, options: Self.options)
    for replica in generated.replicas {
      let naive = NaiveHistory(replica)
      var frontier = Frontier()
      for sealed in replica { frontier.add(sealed.change) }
      #expect(frontier.heads == naive.frontier)
    }
  }

  @Test("The walk returns exactly what is missing, each change after its past", arguments: UInt64(0)..<20)
  func causalOrder(seed: UInt64) {
    let generated = HistoryGenerator.history(seed: seed, options: Self.options)
    let dependencies = Dictionary(
      uniqueKeysWithValues: generated.changes.map { ($0.change.id, $0.change.dependencies.map(\.change)) })
    let vectors =
      generated.replicas.map { Self.vector($0.map(\.change.id)) } + [VersionVector(), generated.vector]
    for held in vectors {
      for known in vectors {
        var walk = CausalOrder(held: held, known: known)
        var position = known
        var count: UInt64 = 0
        var deepest = 0
        while let id = walk.next(dependencies: { dependencies[$0] ?? [] }) {
          #expect(position[id.log] == id.sequence - 1)
          #expect(dependencies[id]?.allSatisfy(position.contains) == true)
          #expect(held.contains(id) && !known.contains(id))
          position[id.log] = id.sequence
          count += 1
          #expect(walk.position == position)
          deepest = max(deepest, (Mirror(reflecting: walk).descendant("goals") as? [ChangeID])?.count ?? .max)
        }
        #expect(position == held.merging(known))
        #expect(count == held.missing(from: known).reduce(0) { $0 + UInt64($1.sequences.count) })
        #expect(deepest <= 2 * held.count)
      }
    }
  }

  @Test("The walk goes on where it was after an error")
  func walkSurvivesErrors() throws {
    struct Unreadable: Error {}
    let held = VersionVector([(log(1), UInt32(2)), (log(2), UInt32(1))])
    var walk = CausalOrder(held: held, known: VersionVector())
    var found: [ChangeID] = []
    var fails = true
    while true {
      do {
        let next = try walk.next { change in
          fails.toggle()
          if !fails { throw Unreadable() }
          return change == ChangeID(log: log(1), sequence: 1) ? [ChangeID(log: log(2), sequence: 1)] : []
        }
        guard let next else { break }
        found.append(next)
      } catch is Unreadable {
        continue
      }
    }
    #expect(found == [(2, 1), (1, 1), (1, 2)].map { ChangeID(log: log(UInt64($0)), sequence: UInt32($1)) })
  }

  @Test("A dependency that the holder lacks does not stop the walk")
  func unknownDependency() {
    var walk = CausalOrder(held: VersionVector([(log(1), UInt32(1))]), known: VersionVector())
    let elsewhere = ChangeID(log: log(9), sequence: 4)
    let first = walk.next { _ in [elsewhere] }
    let second = walk.next { _ in [elsewhere] }
    #expect(first == ChangeID(log: log(1), sequence: 1))
    #expect(second == nil)
  }

  @Test("Damaged changes that name each other do not keep the walk from its end")
  func circle() {
    let held = VersionVector([(log(1), UInt32(2)), (log(2), UInt32(2))])
    var walk = CausalOrder(held: held, known: VersionVector())
    var found: Set<ChangeID> = []
    while let change = walk.next(dependencies: { [ChangeID(log: log($0.log == log(1) ? 2 : 1), sequence: 2)] }) {
      #expect(found.insert(change).inserted)
    }
    #expect(found.count == 4)
    #expect(walk.position == held)
  }
}
