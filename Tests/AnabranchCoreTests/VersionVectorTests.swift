import AnabranchCore
import Testing

@Suite("Version vectors")
struct VersionVectorTests {
  private static let small = allVectors(logs: 3, last: 2)

  /// The changes a vector stands for, one by one.
  private static func held(_ vector: VersionVector) -> Set<ChangeID> {
    Set(
      (1...3).flatMap { number in
        (1...3).map { ChangeID(log: log(number), sequence: $0) }.filter { $0.sequence <= vector[$0.log] }
      })
  }

  @Test("Including is a partial order, and says what the sets of changes say")
  func partialOrder() {
    var wrong = 0
    for a in Self.small {
      for b in Self.small {
        let expected: CausalRelation =
          switch (Self.held(a).isSubset(of: Self.held(b)), Self.held(b).isSubset(of: Self.held(a))) {
          case (true, true): .equal
          case (true, false): .before
          case (false, true): .after
          case (false, false): .concurrent
          }
        if a.relation(to: b) != expected { wrong += 1 }
        if a.includes(b) != Self.held(a).isSuperset(of: Self.held(b)) { wrong += 1 }
        if (a == b) != (expected == .equal) { wrong += 1 }
        if a == b, a.hashValue != b.hashValue { wrong += 1 }
      }
    }
    #expect(wrong == 0)
  }

  @Test("Merging is the least upper bound: commutative, associative, idempotent")
  func mergeIsJoin() {
    var wrong = 0
    for a in Self.small {
      if a.merging(a) != a { wrong += 1 }
      for b in Self.small {
        let join = a.merging(b)
        if join != b.merging(a) { wrong += 1 }
        if Self.held(join) != Self.held(a).union(Self.held(b)) { wrong += 1 }
        for c in Self.small where c.includes(a) && c.includes(b) && !c.includes(join) { wrong += 1 }
        for c in Self.small where a.merging(b.merging(c)) != join.merging(c) { wrong += 1 }
      }
    }
    #expect(wrong == 0)
  }

  @Test("It contains a change exactly where the set of changes does")
  func contains() {
    for vector in Self.small {
      for number in UInt64(1)...4 {
        for sequence in UInt32(1)...3 {
          let change = ChangeID(log: log(number), sequence: sequence)
          #expect(vector.contains(change) == Self.held(vector).contains(change))
        }
      }
    }
  }

  @Test("What is missing is the difference of the sets, log by log in ascending order")
  func missing() {
    var wrong = 0
    for a in Self.small {
      for b in Self.small {
        let ranges = a.missing(from: b)
        let changes = ranges.flatMap { range in
          range.sequences.map { ChangeID(log: range.log, sequence: $0) }
        }
        if Set(changes) != Self.held(a).subtracting(Self.held(b)) { wrong += 1 }
        if changes != changes.sorted() || ranges.contains(where: \.sequences.isEmpty) { wrong += 1 }
      }
    }
    #expect(wrong == 0)
  }

  @Test("Zeros are as good as absent, and the greatest of several counts")
  func zeros() {
    var vector = VersionVector([(log(1), UInt32(0)), (log(2), UInt32(3)), (log(2), UInt32(2))])
    #expect(vector.entries.map(\.sequence) == [3])
    #expect(vector.count == 1)
    #expect(vector.changes == 3)
    vector[log(2)] = 0
    #expect(vector == VersionVector())
    #expect(vector.isEmpty)
  }

  @Test("The greatest sequence there is does not overflow")
  func greatest() {
    let vector = VersionVector([(log(1), UInt32.max), (log(2), UInt32.max)])
    #expect(vector.changes == 2 * UInt64(UInt32.max))
    #expect(
      vector.missing(from: VersionVector([(log(1), UInt32.max - 1)])).map(\.sequences.count) == [
        1, Int(UInt32.max),
      ])
  }
}
