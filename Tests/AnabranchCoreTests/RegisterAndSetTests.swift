import AnabranchCore
import AnabranchTestSupport
import SeededRandom
import Testing

@Suite("Registers and sets")
struct RegisterAndSetTests {
  /// All orders in which each event still comes after those it names.
  private static func deliveries(_ count: Int, names: [[Int]]) -> [[Int]] {
    permutations(Array(0..<count)).filter { order in
      order.indices.allSatisfy { names[order[$0]].allSatisfy(order[..<$0].contains) }
    }
  }

  @Test("Of four writes the unreplaced ones stand, in every order of delivery", arguments: 0..<64)
  func registers(graph: Int) {
    // Six bits: for each of the writes 1 to 3, which of those before it it replaces.
    let replaced = [
      [], (0..<1).filter { graph >> $0 & 1 == 1 }, (0..<2).filter { graph >> (1 + $0) & 1 == 1 },
      (0..<3).filter { graph >> (3 + $0) & 1 == 1 },
    ]
    var random = RandomStream(seed: UInt64(graph))
    let writes = (0..<4).map { _ in
      MultiValueRegister.Write(
        operation: operation(
          UInt64(random.number(in: 1...2)), UInt32(random.number(in: 1...9)),
          UInt32(random.number(in: 0...99))),
        time: HybridTime(rawValue: UInt64(random.number(in: 0...2))))
    }
    guard Set(writes.map(\.operation)).count == 4 else { return }
    let standing = (0..<4).filter { candidate in !replaced.contains { $0.contains(candidate) } }
    let expected = standing.map { writes[$0] }.sorted { a, b in
      a.time != b.time ? a.time > b.time : a.operation > b.operation
    }
    for order in Self.deliveries(4, names: replaced) {
      var register = MultiValueRegister()
      for index in order {
        register.apply(writes[index], replacing: replaced[index].map { writes[$0].operation })
      }
      #expect(register.live == expected)
      #expect(register.winner == expected.first)
      #expect(MultiValueRegister(live: Array(register.live.reversed())) == register)
      if let last = order.last {
        register.apply(writes[last], replacing: replaced[last].map { writes[$0].operation })
        #expect(register.live == expected)
      }
    }
  }

  @Test("Who has seen a value wins over it, whatever the clocks say; else time, then log decides")
  func precedence() {
    let late = MultiValueRegister.Write(operation: operation(1, 1), time: HybridTime(rawValue: 9))
    let early = MultiValueRegister.Write(operation: operation(2, 1), time: HybridTime(rawValue: 1))
    let same = MultiValueRegister.Write(operation: operation(3, 1), time: HybridTime(rawValue: 9))
    var register = MultiValueRegister(live: [late])
    register.apply(early, replacing: [late.operation])
    #expect(register.live == [early])
    register.apply(late, replacing: [])
    #expect(register.live == [late, early])
    register.apply(same, replacing: [])
    #expect(register.live == [same, late, early])
  }

  @Test(
    "Adding wins over a removal that has not seen it, in every order of delivery", arguments: UInt64(0)..<60)
  func sets(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let words = (0..<5).map { _ in random.one(of: "red", "green") }
    let isAddition = (0..<5).map { _ in random.chance(3, in: 5) }
    let names = (0..<5).map { index -> [Int] in
      guard !isAddition[index] else { return [] }
      return (0..<index).filter { isAddition[$0] && random.chance(1, in: 2) }
    }
    let expected = (0..<5).filter { candidate in
      isAddition[candidate] && !names.contains { $0.contains(candidate) }
    }
    for order in Self.deliveries(5, names: names) {
      var set = AddWinsSet<String>()
      for index in order {
        if isAddition[index] {
          set.add(words[index], by: operation(1, UInt32(index) + 1))
        } else {
          set.remove(names[index].map { operation(1, UInt32($0) + 1) })
        }
      }
      #expect(set.elements == Set(expected.map { words[$0] }))
      for word in ["red", "green"] {
        let standing = expected.filter { words[$0] == word }.map { operation(1, UInt32($0) + 1) }
        #expect(set.additions(of: word) == standing)
      }
    }
  }
}
