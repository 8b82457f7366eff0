import AnabranchCore
import Testing

@Suite("The trash")
struct DeletionTests {
  private static let operations = (UInt64(1)...3).flatMap { number in
    (UInt32(1)...2).flatMap { sequence in (UInt32(0)...1).map { operation(number, sequence, $0) } }
  }

  /// What a deletion's writer had seen, one by one.
  private static func seen(by deletion: Deletion) -> Set<OperationID> {
    Set(
      operations.filter { other in
        if other.log == deletion.operation.log { return other <= deletion.operation }
        return (1...2).contains(other.sequence) && other.sequence <= deletion.seen[other.log]
      })
  }

  @Test("It hides what its writer had seen, and nothing else")
  func coversExhaustively() {
    var wrong = 0
    for deleting in Self.operations {
      for vector in allVectors(logs: 3, last: 2) {
        let deletion = Deletion(operation: deleting, seen: vector)
        let seen = Self.seen(by: deletion)
        for other in Self.operations where deletion.covers(other) != seen.contains(other) { wrong += 1 }
        for a in Self.operations {
          for b in Self.operations {
            let isHidden = Deletion.hides([deletion], activity: [a, b])
            if isHidden != Set([a, b]).isSubset(of: seen) { wrong += 1 }
          }
        }
      }
    }
    #expect(wrong == 0)
  }

  @Test("One deletion has to cover everything; two that cover a half each hide nothing")
  func halves() {
    let first = Deletion(operation: operation(1, 1), seen: VersionVector())
    let second = Deletion(operation: operation(2, 1), seen: VersionVector())
    let activity = [operation(1, 1), operation(2, 1)]
    #expect(!Deletion.hides([first, second], activity: activity))
    let both = Deletion(operation: operation(2, 2), seen: VersionVector([(log(1), UInt32(1))]))
    #expect(Deletion.hides([first, both], activity: activity))
  }

  @Test("Without a deletion nothing is hidden; without activity every deletion hides")
  func edges() {
    #expect(!Deletion.hides([], activity: []))
    #expect(Deletion.hides([Deletion(operation: operation(1, 1), seen: VersionVector())], activity: []))
  }
}
