import AnabranchFakes
import AnabranchSync
import AnabranchWire
import Testing

@Suite struct LivenessTests {
  private func met() -> ScriptedPeer {
    var peer = ScriptedPeer(FakeReplica(1))
    peer.send(ScriptedPeer.hello(FakeReplica(2)), .have([]))
    return peer
  }

  private func pings(_ peer: ScriptedPeer) -> Int {
    peer.frames.count { if case .ping = $0 { true } else { false } }
  }

  @Test func aGreetingHasADeadlineHoweverSlowlyItComes() {
    var peer = ScriptedPeer(FakeReplica(1))
    let hello = ScriptedPeer.hello(FakeReplica(2)).canonicalBytes
    for byte in hello.prefix(9) {
      peer.tell(.received([byte]))
      #expect(peer.ending == nil)
      peer.pass(.milliseconds(550))
    }
    peer.pass(.milliseconds(100))
    #expect(peer.closingCode == .timeout)
    #expect(peer.now <= .milliseconds(5_100))
  }

  @Test func halfAGreetingIsNotEnough() {
    var peer = ScriptedPeer(FakeReplica(1))
    peer.send(ScriptedPeer.hello(FakeReplica(2)))
    peer.pass(.seconds(5))
    #expect(peer.closingCode == .timeout)
  }

  @Test func aSilentPeerIsPingedAndThenGivenUp() {
    var peer = met()
    peer.pass(.milliseconds(14_999))
    #expect(pings(peer) == 0)
    peer.pass(.milliseconds(1))
    #expect(pings(peer) == 1)
    peer.pass(.milliseconds(29_999))
    #expect(pings(peer) == 2)
    #expect(peer.ending == nil)
    peer.pass(.milliseconds(1))
    #expect(peer.closingCode == .timeout)
  }

  @Test func anyByteIsASignOfLife() {
    var peer = met()
    for _ in 0..<100 {
      peer.pass(.seconds(14))
      peer.send(.pong(1))
    }
    #expect(peer.ending == nil)
    #expect(pings(peer) == 0)
    peer.pass(.seconds(44))
    #expect(peer.ending == nil)
    peer.pass(.seconds(1))
    #expect(peer.closingCode == .timeout)
  }

  /// An exchange has an end; a live session may have nothing to say for a year.
  @Test(arguments: [SyncSession.Mode.exchange, .live]) func signsOfLifeAloneEndNoExchange(mode: SyncSession.Mode) {
    var peer = ScriptedPeer(FakeReplica(1), mode: mode)
    peer.send(ScriptedPeer.hello(FakeReplica(2)), .have([]))
    for number in 0..<29 {
      peer.pass(.seconds(10))
      peer.send(.ping(UInt64(number)))
    }
    #expect(peer.ending == nil)
    for number in 0..<9 {
      peer.pass(.seconds(10))
      peer.send(.ping(UInt64(number)))
    }
    #expect(peer.closingCode == (mode == .exchange ? .timeout : nil))
  }

  @Test func aPingIsAnswered() {
    var peer = met()
    peer.send(.ping(17))
    #expect(peer.frames.last == .pong(17))
  }

  @Test func afterALastWordThePeerHasLittleTime() {
    var peer = met()
    peer.tell(.finish)
    #expect(peer.frames.last == .close(Closing(.shutdown, "the program ends")))
    #expect(peer.ending == nil)
    peer.pass(.seconds(2))
    #expect(peer.closingCode == .timeout)
  }

  @Test func earlyAndRepeatedTimersDoNoHarm() {
    var peer = met()
    for _ in 0..<10 { peer.tell(.timer) }
    #expect(peer.ending == nil)
    #expect(pings(peer) == 0)
    peer.pass(.seconds(15))
    #expect(pings(peer) == 1)
  }

  @Test func theWindowLeavesRoomForAFrame() {
    #expect(Int(SyncLimits.creditWindow) - SyncLimits.creditReturnBytes >= SyncLimits.creditMin)
    #expect(SyncLimits.batchBytes < Limits.frameBytesMax)
  }
}
