import AnabranchCore
import AnabranchStore
import Testing

@testable import Anabranch

/// A burst of writes takes a signature each 100 ms; whoever rests signs at once.
@Suite struct SigningPaceTests {
  @Test func aMessageIsSignedAtOnceAndABurstOnceAnInterval() {
    var pace = SigningPace()
    var (signatures, alarms, unsigned) = (0, 0, 0)
    for millisecond in 0..<1_000 {
      let now = Duration.milliseconds(millisecond)
      if let deadline = pace.deadline, deadline <= now {
        pace.ring()
        if unsigned > 0 { (signatures, unsigned) = (signatures + 1, 0) }
        _ = pace.notice(hasSigned: true, isUnsigned: false, now: now)
      }
      unsigned += 1
      let signs = pace.isAtOnce(now: now)
      if signs { (signatures, unsigned) = (signatures + 1, 0) }
      if pace.notice(hasSigned: signs, isUnsigned: unsigned > 0, now: now) { alarms += 1 }
      #expect(unsigned <= 101)
    }
    #expect((10...11).contains(signatures), "\(signatures)")
    #expect(alarms <= 11, "the alarm is set once an interval, not for each write")
    #expect(pace.deadline != nil)
    #expect(pace.isAtOnce(now: .seconds(2)), "who has rested signs at once")
  }

  @Test func whoCopiesTheDatabaseHasAllOfItSigned() {
    var pace = SigningPace()
    _ = pace.notice(hasSigned: true, isUnsigned: false, now: .zero)
    #expect(!pace.isAtOnce(now: .milliseconds(10)))
    pace.hurry(now: .milliseconds(20))
    for millisecond in stride(from: 20, to: 2_020, by: 10) {
      #expect(pace.isAtOnce(now: .milliseconds(millisecond)))
      _ = pace.notice(hasSigned: true, isUnsigned: false, now: .milliseconds(millisecond))
    }
    #expect(!pace.isAtOnce(now: .milliseconds(2_030)))
  }

  @Test func whatWasReadChangesNothing() {
    var pace = SigningPace()
    let isNew = pace.notice(hasSigned: false, isUnsigned: false, now: .zero)
    #expect(!isNew)
    #expect(pace.isAtOnce(now: .zero) && pace.deadline == nil)
  }

  /// What a burst left unsigned is signed soon, without another write, and when the replica is closed.
  @Test func aBurstIsSignedAfterwards() async throws {
    try await withHomes(1) { homes in
      func burst(_ replica: Replica, in conversation: ObjectID) async throws {
        for number in 1...30 { try await replica.say("\(number)", in: conversation) }
        #expect(try await replica.status().unproved == 0, "it can sign at any time")
      }
      let replica = try await Replica.create(at: homes[0], name: "a")
      let conversation = try await replica.newConversation("burst")
      try await burst(replica, in: conversation)
      for _ in 0..<500 where try Self.isUnsigned(homes[0]) { try await Task.sleep(for: .milliseconds(20)) }
      #expect(try !Self.isUnsigned(homes[0]))
      try await burst(replica, in: conversation)
      try await replica.close()
      #expect(try !Self.isUnsigned(homes[0]))
    }
  }

  /// Whether the database holds something of its own log behind the last signature.
  private static func isUnsigned(_ home: Home) throws -> Bool {
    let store = try Store(at: home.database, access: .read)
    defer { try? store.close() }
    return try store.ownSigned < store.vector[#require(store.ownLog)]
  }
}
