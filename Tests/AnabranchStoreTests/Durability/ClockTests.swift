import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import GRDB
import Testing

@testable import AnabranchStore
@testable import AnabranchSync

@Suite("The hybrid clock of a store")
struct ClockTests {
  /// In 2099.
  private let far: Int64 = 4_080_000_000_000

  private func time(of change: ChangeID?, in store: Store) throws -> HybridTime {
    try #require(try store.sealedChanges().first { $0.change.id == change }).change.time
  }

  private func lastTime(_ store: Store) throws -> HybridTime {
    let own = try #require(store.ownLog)
    return try time(of: ChangeID(log: own, sequence: store.vector[own]), in: store)
  }

  @Test("Strictly increases when the wall clock is set back, also over a restart", arguments: [false, true])
  func rollback(restarts: Bool) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    var last = HybridTime.zero
    for step in [0, 10_000, -86_400_000, 5, -400_000_000, 0, 0, 600_000] as [Int64] {
      author.wall += step
      if restarts { author = try author.reopened(folder.store()) }
      _ = try author.start()
      let time = try lastTime(author.store)
      #expect(time > last, "after \(step)")
      last = time
    }
  }

  @Test("An open change's time counts over a restart")
  func openChange() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start()
    let message = try author.say("a", in: conversation)
    author.wall += 3_600_000
    try author.stream("b", to: message)
    author.wall -= 7_200_000
    author = try author.reopened(folder.store())
    let sealed = try author.store.sealOpenChange(wall: author.wall)
    _ = try author.start()
    #expect(try lastTime(author.store) > time(of: sealed, in: author.store))
  }

  @Test("What was received and believed counts over a restart")
  func received() throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store("1"), seed: 1), try Author(folder.store("2"), seed: 2))
    two.wall += HybridClock.driftMsMax - 1
    _ = try two.start()
    try one.store.pull(from: two.store, wall: one.wall)
    one = try one.reopened(folder.store("1"))
    one.wall -= 1_000_000
    _ = try one.start()
    #expect(try lastTime(one.store) > lastTime(two.store))
  }

  @Test("A change from 2099 is kept and reported, and does not move the clock, nor does a restart")
  func farAhead() throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store("1"), seed: 1), try Author(folder.store("2"), seed: 2))
    two.wall = far
    let conversation = try two.start("from the future")
    var read = ReadBatch()
    let log = try #require(two.store.ownLog)
    let header = try #require(two.store.header(of: log))
    for change in try two.store.changes(missingFrom: VersionVector(), bytesMax: .max).changes {
      read.append(change.id, header: header, bytes: change.bytes)
    }
    let receipt = try one.store.receive(IncomingBatch(read), wall: one.wall)
    #expect(receipt.applied == 2 && receipt.clocksAhead == [log])
    #expect(try one.store.summary(of: conversation)?.title == "from the future")
    for _ in 0..<2 {
      _ = try one.start()
      #expect(try lastTime(one.store).milliseconds == one.wall)
      one = try one.reopened(folder.store("1"))
    }
    // Whoever has seen a value wins over it all the same.
    try one.title(conversation, "now")
    #expect(try one.store.summary(of: conversation)?.title == "now")
    try two.store.pull(from: one.store, wall: far)
    #expect(try two.store.summary(of: conversation)?.title == "now")
  }

  @Test("A saved time that nobody ever wrote is not believed")
  func inventedTime() throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store("1"), seed: 1), try Author(folder.store("2"), seed: 2))
    _ = try two.start("heard of")
    two.wall += 60_000
    _ = try two.start("and later")
    try one.store.pull(from: two.store, wall: one.wall)
    try one.store.close()
    let settings = try DatabaseQueue(path: folder.file("1"))
    try settings.write { try $0.execute(sql: "UPDATE setting SET value = value + (1 << 53) WHERE name = 'clock'") }
    try settings.close()
    one = try one.reopened(folder.store("1"))
    _ = try one.start("now")
    // After what it has seen, and not a step further.
    let (here, there) = (try lastTime(one.store), try lastTime(two.store))
    #expect(here > there && here.milliseconds <= there.milliseconds + 1)
  }
}
