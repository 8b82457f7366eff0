import AnabranchCore
import SeededRandom
import Testing

@Suite("The order of messages that follow the same one")
struct CreationOrderTests {
  @Test("Time decides, then the place in the log, then the name; and the order is total")
  func total() {
    var random = RandomStream(seed: 1, "order")
    let logs = (0..<3).map { _ in LogID(random.bytes16()) }
    var places: [CreationOrder] = []
    for created in Int64(0)...2 {
      for log in logs {
        for sequence in UInt32(1)...4 {
          let operation = OperationID(log: log, sequence: sequence, index: UInt32(random.number(in: 0...3)))
          places.append(CreationOrder(created: created, message: .native(operation)))
        }
      }
      for _ in 0..<4 { places.append(CreationOrder(created: created, message: .imported(random.bytes16()))) }
    }
    // If each stands before all that follow it, no three go round in a circle.
    let sorted = places.sorted()
    for (index, place) in sorted.enumerated() {
      #expect(sorted[(index + 1)...].allSatisfy { place < $0 && !($0 < place) })
    }
    for (first, second) in zip(sorted, sorted.dropFirst()) {
      #expect(first.created <= second.created)
      guard first.created == second.created, case .native(let a) = first.message,
        case .native(let b) = second.message, a.log == b.log
      else { continue }
      #expect(a.sequence < b.sequence)
    }
  }
}
