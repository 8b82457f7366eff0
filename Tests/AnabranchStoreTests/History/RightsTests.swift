import AnabranchCore
import AnabranchOracle
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchStore

/// What does not count, and what is built on it.
@Suite struct RightsTests {
  /// Lets in most devices of a history, in some role, and takes rights from some of them, from somewhere on.
  static func roster(of history: GeneratedHistory, using random: inout RandomStream) -> Roster {
    let founder = LogID(random.bytes16())
    var entries: [Roster.Entry] = []
    func say(_ act: Roster.Act) {
      let name = OperationID(log: founder, sequence: UInt32(entries.count + 1), index: 0)
      entries.append(Roster.Entry(name, by: .zero, act, isByRecoveryKey: true))
    }
    let (devices, space) = (Self.devices(of: history), random.bytes16())
    for device in Set(devices.values).sorted() {
      if random.chance(9, in: 10) {
        say(.enrol(Enrol(device, into: space, as: random.one(of: .owner, .owner, .owner, .writer, .reader))))
      }
      guard random.chance(1, in: 2) else { continue }
      var last: [Dependency] = []
      for log in devices.keys.sorted() where devices[log] == device && random.chance(4, in: 5) {
        let count = history.changes.count { $0.change.id.log == log }
        let id = ChangeID(log: log, sequence: UInt32(random.number(in: 0...count)))
        if id.sequence > 0 { last.append(Dependency(change: id, hash: Bytes16(high: 0, low: 0))) }
      }
      say(.restrict(Restrict(device, in: space, to: random.one(of: .outsider, .reader, .writer), after: last)))
    }
    return Roster(entries)
  }

  static func devices(of history: GeneratedHistory) -> [LogID: Digest] {
    history.headers.compactMapValues { header in
      if case .device(let key, _) = header { key } else { nil }
    }
  }

  private static func history(_ seed: UInt64) -> GeneratedHistory {
    var options = HistoryGenerator.Options(replicas: 3, steps: 40)
    options.isAboutUndo = seed.isMultiple(of: 3)
    return HistoryGenerator.history(seed: seed, options: options)
  }

  @Test(
    "Whatever order changes come in, and whenever rights are given and taken, what counts is what the oracle says",
    arguments: UInt64(0)..<60)
  func anyDelivery(seed: UInt64) throws {
    let history = Self.history(seed)
    var random = RandomStream(seed: seed)
    let rosters = [Roster.unfounded] + (0..<3).map { _ in Self.roster(of: history, using: &random) }
    let folder = try TemporaryFolder()
    let store = try folder.store()
    let delivered = history.delivery(using: &random)
    var rest = delivered[...]
    for roster in rosters.dropFirst(random.number(in: 0...1)) {
      try store.count(by: roster)
      let some = rest.prefix(roster == rosters.last ? rest.count : random.number(in: 0...rest.count))
      rest = rest.dropFirst(some.count)
      try store.receive(Array(some), of: history, using: &random)
      let held = delivered.prefix(delivered.count - rest.count)
      expectAgreement(try differences(store, Expectation(held, by: roster, devices: Self.devices(of: history))))
    }
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
    let kept = try (store.stateHash(), store.conversationDumps())
    try store.rebuild()
    #expect(try store.stateHash() == kept.0 && store.conversationDumps() == kept.1)
  }
}

extension Store {
  /// Decides by `roster` from now on what counts.
  func count(by roster: Roster) throws {
    try transaction { db, state in
      let (before, ends) = (state.membership, state.ends)
      state.count(by: roster)
      _ = try followRights(since: before, upTo: ends, db, state)
    }
  }

  /// Builds the views anew, by the same rights.
  fileprivate func rebuild() throws {
    try transaction { db, state in try rebuildViews(db, state) }
  }
}
