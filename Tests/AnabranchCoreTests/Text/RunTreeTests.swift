import SeededRandom
import Testing

@testable import AnabranchCore

@Suite("A tree of runs")
struct RunTreeTests {
  struct Run: MeasuredRun, Equatable {
    var name: Int
    var measure: Int
  }

  @Test("It behaves as an array of runs would", arguments: UInt64(0)..<60)
  func matchesArray(seed: UInt64) {
    var random = RandomStream(seed: seed)
    var model = [Run(name: 0, measure: 3)]
    var tree = RunTree(model[0])
    var leaves: [Int: Int] = [0: 0]
    let growth = random.one(of: 1, 2, 3)
    for name in 1..<600 {
      if model.isEmpty || random.chance(growth, in: 4) {
        let run = Run(name: name, measure: random.below(4))
        let index = random.below(model.count + 1)
        let place = index == 0 ? tree.start : tree.after(tree.place(ofRun: index - 1))
        model.insert(run, at: index)
        leaves[name] = tree.insert(run, at: place) { leaves[$0.name] = $1 }.leaf
      } else if random.chance(1, in: 2) {
        let index = random.below(model.count)
        tree.remove(at: tree.place(ofRun: index))
        leaves[model.remove(at: index).name] = nil
      } else {
        let index = random.below(model.count)
        model[index].measure = random.below(6)
        tree.replace(at: tree.place(ofRun: index), with: model[index])
      }
      guard name % 7 == 0 else { continue }
      tree.checkInvariants()
      #expect(tree.places.map { tree[$0] } == model)
      for place in tree.places { #expect(leaves[tree[place].name] == place.leaf) }
      tree.compare(with: model, at: random.below(max(1, model.count)))
    }
  }
}

extension RunTree {
  var places: [Place] {
    var places: [Place] = []
    var next = run(from: start)
    while let place = next {
      places.append(place)
      next = run(from: after(place))
    }
    return places
  }

  func place(ofRun index: Int) -> Place {
    places[index]
  }

  /// Every branch sums what lies below it, and all that is below knows it.
  func checkInvariants() {
    guard root != Self.none else { return }
    #expect(sum(below: root) == total)
  }

  private func sum(below branch: Int) -> Run.Measure {
    var sum = Run.Measure.zero
    for slot in branch * Self.branchWidth..<branch * Self.branchWidth + branches[branch].count {
      let child = children[slot]
      var below = Run.Measure.zero
      if branches[branch].isLowest {
        #expect(leaves[child].parent == branch)
        for run in child * Self.leafWidth..<child * Self.leafWidth + leaves[child].count { below += runs[run].measure }
      } else {
        #expect(branches[child].parent == branch)
        below = self.sum(below: child)
      }
      #expect(below == sums[slot])
      sum += below
    }
    return sum
  }
}

extension RunTree<RunTreeTests.Run> {
  func compare(with model: [RunTreeTests.Run], at index: Int) {
    guard index < model.count else { return }
    let places = places
    let before = model[..<index].reduce(0) { $0 + $1.measure }
    #expect(sum(before: places[index]) == before)
    if let (place, offset) = find(before, by: { $0 }) {
      #expect(self[place] == model[index...].first { $0.measure > 0 } && offset == 0)
    } else {
      #expect(model[index...].allSatisfy { $0.measure == 0 })
    }
    for other in 0..<places.count {
      #expect(isOrdered(places[other], before: places[index]) == (other < index))
    }
    if index > 0 { #expect(run(before: places[index]) == places[index - 1]) }
  }
}
