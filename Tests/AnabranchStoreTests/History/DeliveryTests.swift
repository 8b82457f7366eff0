import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchStore
@testable import AnabranchSync

@Suite("A store against the slow reading")
struct DeliveryTests {
  @Test(
    "Whatever order and batches changes come in, the store says what the oracle says",
    arguments: UInt64(0)..<120)
  func anyDelivery(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    let expectation = Expectation(history.changes)
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    var dumps: [[ObjectID: ConversationDump]] = []
    for delivery in 0..<2 {
      let store = try folder.store("\(delivery).sqlite")
      try store.receive(history.delivery(using: &random), of: history, using: &random)
      expectAgreement(try differences(store, expectation))
      dumps.append(try store.conversationDumps())
      var recent: [(key: ChangeKey, change: Change)] = []
      for id in try store.conversationNames() {
        #expect(try store.isFingerprintSummed(of: id, recent: &recent), "conversation \(id)")
      }
    }
    for dump in dumps.dropFirst() { #expect(dump == dumps[0]) }
  }

  @Test("What is taken back and comes again is read as the oracle reads it in any order", arguments: UInt64(0)..<150)
  func anyDeliveryOfUndo(seed: UInt64) throws {
    var options = HistoryGenerator.Options(replicas: 3, steps: 30)
    options.isAboutUndo = true
    let history = HistoryGenerator.history(seed: seed, options: options)
    let expectation = Expectation(history.changes)
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    for delivery in 0..<3 {
      let store = try folder.store("\(delivery).sqlite")
      try store.receive(history.delivery(using: &random), of: history, using: &random)
      expectAgreement(try differences(store, expectation))
    }
  }

  @Test("Each replica's part of a history is read as the oracle reads it", arguments: UInt64(1_000)..<1_040)
  func everyReplica(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    for (number, replica) in history.replicas.enumerated() {
      let store = try folder.store("\(number).sqlite")
      try store.receive(replica, of: history, using: &random)
      expectAgreement(try differences(store, Expectation(replica)))
    }
  }

  @Test("Every prefix of a delivery is read as the oracle reads it", arguments: UInt64(2_000)..<2_008)
  func everyPrefix(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    let delivered = history.delivery(using: &random)
    for count in 1...delivered.count {
      try store.receive([delivered[count - 1]], of: history, using: &random)
      expectAgreement(try differences(store, Expectation(delivered.prefix(count))))
    }
  }

  @Test("Changes that are held already change nothing", arguments: UInt64(3_000)..<3_020)
  func duplicates(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    let delivered = history.delivery(using: &random)
    for (count, change) in delivered.enumerated() {
      let again = delivered.prefix(count + 1).suffix(random.number(in: 1...6))
      let receipt = try store.receive(IncomingBatch(again, headers: history.headers), wall: someWall)
      #expect(receipt.applied == 1 && receipt.excluded.isEmpty)
      #expect(store.vector.contains(change.change.id))
    }
    expectAgreement(try differences(store, Expectation(history.changes)))
  }

  @Test("Views built anew equal those kept, and the file verifies", arguments: UInt64(4_000)..<4_030)
  func rebuilding(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    let expectation = Expectation(history.changes)
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    try store.receive(history.delivery(using: &random), of: history, using: &random)
    let kept = try store.conversationDumps()
    let found = try store.verify(scratch: folder.file("scratch"))
    #expect(found.faults == [])
    #expect(found.changes == UInt64(history.changes.count))
    #expect(try found.stateHash == store.stateHash())
    try store.rebuildViews()
    #expect(try store.conversationDumps() == kept)
    expectAgreement(try differences(store, expectation))
    #expect(try folder.names.contains("scratch") == false)
  }
}
