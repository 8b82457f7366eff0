import AnabranchCore
import SeededRandom
import Testing

/// Batches of a history that was passed on: each can be checked by itself.
@Suite struct SignedOrderTests {
  /// What a replica that passes logs on was given, batch by batch.
  private struct Relay {
    var facts: [ChangeID: SignedOrder.Facts] = [:]
    var signed: [LogID: Set<UInt32>] = [:]
    /// What it held after each batch, and how long that was.
    var states = [VersionVector()]
    var bytes: [Int] = [0]

    init(seed: UInt64) {
      var random = RandomStream(seed: seed)
      let logs = (0..<random.number(in: 1...5)).map { LogID(Bytes16(high: UInt64($0), low: 0)) }
      for _ in 0..<random.number(in: 1...30) {
        var held = states[states.count - 1]
        var total = 0
        var touched: Set<LogID> = []
        for _ in 0..<random.number(in: 1...8) {
          guard let log = random.pick(logs) else { continue }
          let id = ChangeID(log: log, sequence: held[log] + 1)
          // On anything that came before, in this batch too.
          let others = logs.filter { $0 != log && held[$0] > 0 && random.chance(1, in: 2) }
          let dependencies = others.map { other in
            let back = random.chance(1, in: 2) ? 0 : UInt32(random.below(Int(held[other])))
            return ChangeID(log: other, sequence: held[other] - back)
          }
          let length = random.number(in: 1...100)
          facts[id] = SignedOrder.Facts(dependencies: dependencies, bytes: length)
          total += length
          held[log] = id.sequence
          touched.insert(log)
        }
        for log in touched { signed[log, default: []].insert(held[log]) }
        states.append(held)
        bytes.append(total)
      }
    }

    func next(_ order: inout SignedOrder) throws -> SignedOrder.Step? {
      try order.next {
        try #require(facts[$0])
      } signed: { id in
        signed[id.log]?.filter { $0 >= id.sequence }.min().map { ChangeID(log: id.log, sequence: $0) }
      }
    }
  }

  @Test(arguments: UInt64(0)..<300) func eachStepStandsByItself(seed: UInt64) throws {
    let relay = Relay(seed: seed)
    var random = RandomStream(seed: seed &+ 1_000)
    let held = relay.states[relay.states.count - 1]
    let place = random.below(relay.states.count)
    let known = relay.states[place]
    var order = SignedOrder(held: held, known: known)
    var sent = known
    while let step = try relay.next(&order) {
      #expect(!step.changes.isEmpty && step.bytes == step.changes.reduce(0) { $0 + (relay.facts[$1]?.bytes ?? 0) })
      #expect(step.bytes <= relay.bytes[(place + 1)...].max() ?? 0, "never more than came in one batch")
      for id in step.changes {
        #expect(id.sequence == sent[id.log] + 1)
        #expect(relay.facts[id]?.dependencies.allSatisfy { sent.contains($0) } == true)
        sent[id.log] = id.sequence
      }
      #expect(sent == order.position)
      for log in Set(step.changes.map(\.log)) { #expect(relay.signed[log]?.contains(sent[log]) == true) }
    }
    #expect(sent == held && order.unsigned.isEmpty)
  }

  @Test func whatIsNotSignedIsNotSent() throws {
    let (a, b) = (LogID(Bytes16(high: 1, low: 0)), LogID(Bytes16(high: 2, low: 0)))
    func id(_ log: LogID, _ sequence: UInt32) -> ChangeID { ChangeID(log: log, sequence: sequence) }
    // The second change of `a` builds on one of `b` that nobody signed.
    var order = SignedOrder(held: VersionVector([(a, UInt32(2)), (b, UInt32(1))]), known: VersionVector())
    func next() -> SignedOrder.Step? {
      order.next {
        SignedOrder.Facts(dependencies: $0 == id(a, 2) ? [id(b, 1)] : [], bytes: 1)
      } signed: {
        $0.log == a ? $0 : nil
      }
    }
    #expect(next()?.changes == [id(a, 1)])
    #expect(next() == nil)
    #expect(order.unsigned == [id(a, 2), id(b, 1)])
    #expect(order.position == VersionVector([(a, UInt32(1))]))
  }

  @Test func whatIsTooLongIsNotSent() throws {
    let (a, b) = (LogID(Bytes16(high: 1, low: 0)), LogID(Bytes16(high: 2, low: 0)))
    func id(_ log: LogID, _ sequence: UInt32) -> ChangeID { ChangeID(log: log, sequence: sequence) }
    // The logs are signed at their ends alone; that of `a` takes both, and twenty bytes.
    func steps(stepMax: Int) -> (steps: [[ChangeID]], unsigned: [ChangeID]) {
      var order = SignedOrder(
        held: VersionVector([(a, UInt32(2)), (b, UInt32(2))]), known: VersionVector(), stepMax: stepMax)
      var steps: [[ChangeID]] = []
      while let step = order.next(
        facts: { SignedOrder.Facts(dependencies: $0 == id(a, 1) ? [id(b, 1)] : [], bytes: 5) },
        signed: { id($0.log, 2) })
      { steps.append(step.changes) }
      return (steps, order.unsigned)
    }
    #expect(steps(stepMax: 11).steps == [[id(b, 1), id(b, 2)], [id(a, 1), id(a, 2)]])
    #expect(steps(stepMax: 11).unsigned.isEmpty)
    #expect(steps(stepMax: 10).steps.isEmpty)
    #expect(steps(stepMax: 10).unsigned == [id(a, 1), id(b, 1)])
  }

  /// A log that ends where it forked, between two signatures, goes with the branch whose signature proves it.
  @Test func whatABranchProvesGoesWithIt() throws {
    let (trunk, branch) = (LogID(Bytes16(high: 1, low: 0)), LogID(Bytes16(high: 2, low: 0)))
    func id(_ log: LogID, _ sequence: UInt32) -> ChangeID { ChangeID(log: log, sequence: sequence) }
    var order = SignedOrder(
      held: VersionVector([(trunk, UInt32(3)), (branch, UInt32(4))]), known: VersionVector([(trunk, UInt32(1))]))
    func next() -> [ChangeID]? {
      order.next {
        SignedOrder.Facts(dependencies: $0 == id(branch, 1) ? [id(trunk, 3)] : [], bytes: 1)
      } signed: {
        $0.log == trunk ? id(branch, 2) : id(branch, $0.sequence <= 2 ? 2 : 4)
      }?.changes
    }
    #expect(next() == [id(trunk, 2), id(trunk, 3), id(branch, 1), id(branch, 2)])
    #expect(next() == [id(branch, 3), id(branch, 4)])
    #expect(next() == nil && order.unsigned.isEmpty)
  }
}
