import AnabranchFakes
import AnabranchSync
import AnabranchWire
import Testing

@Suite struct GreetingTests {
  private func ending(_ hello: Frame, as device: FakeReplica = FakeReplica(2)) -> Closing.Code? {
    var peer = ScriptedPeer(FakeReplica(1), as: device)
    peer.send(hello)
    return peer.closingCode
  }

  @Test func greetingAndVectorGoOutAtOnce() throws {
    var replica = FakeReplica(1)
    replica.write()
    let peer = ScriptedPeer(replica)
    #expect(peer.frames.count == 2)
    #expect(peer.frames[0] == ScriptedPeer.hello(replica, features: [.words, .blobs, .branches]))
    #expect(peer.frames[1] == ScriptedPeer.have(replica))
  }

  /// Nobody is taken for another device than it has proved to be.
  @Test func whoGreetsIsTheDeviceThatProvedItself() {
    #expect(ending(ScriptedPeer.hello(FakeReplica(2)), as: FakeReplica(3)) == .violation)
    #expect(ending(ScriptedPeer.hello(FakeReplica(1)), as: FakeReplica(3)) == .violation)
    #expect(ending(ScriptedPeer.hello(FakeReplica(2))) == nil)
  }

  /// A slow peer whose bytes cannot be read yet is alive; one that says nothing is not.
  @Test func bytesThatCannotBeReadYetAreASignOfLife() {
    for isHeard in [true, false] {
      var peer = ScriptedPeer(FakeReplica(1))
      peer.send(ScriptedPeer.hello(FakeReplica(2)), .have([]))
      for _ in 0..<8 {
        peer.pass(.seconds(10))
        if isHeard { peer.tell(.received([])) }
      }
      #expect(peer.closingCode == (isHeard ? nil : .timeout))
    }
  }

  @Test func versionsMustOverlap() {
    let other = FakeReplica(2)
    #expect(ending(ScriptedPeer.hello(other, version: 9, versionMin: 1)) == nil)
    #expect(ending(ScriptedPeer.hello(other, version: 9, versionMin: 2)) == .version)
    #expect(ending(ScriptedPeer.hello(other, version: 0, versionMin: 0)) == .version)
    #expect(ending(ScriptedPeer.hello(other, version: 1, versionMin: 2)) == .version)
  }

  @Test func theCommonVersionIsTold() {
    var peer = ScriptedPeer(FakeReplica(1))
    peer.send(ScriptedPeer.hello(FakeReplica(2), version: 9, versionMin: 1))
    guard case .greeted(let hello, let version)? = peer.reports.first else {
      return #expect(Bool(false), "expected a report")
    }
    #expect(hello.name == "replica 2")
    #expect(version == Frame.version)
  }

  @Test func theSameDeviceAndOtherHistoriesPart() {
    #expect(ending(ScriptedPeer.hello(FakeReplica(1)), as: FakeReplica(1)) == .own)
    #expect(ending(ScriptedPeer.hello(FakeReplica(2), space: 1)) == .space)
  }

  @Test func aClosingFrameEndsTheSessionAtAnyTime() {
    for code in [Closing.Code.violation, .own, .version, .timeout, .storage, .done, .shutdown] {
      var early = ScriptedPeer(FakeReplica(1))
      early.send(.close(Closing(code, "because")))
      #expect(early.ending == SyncEnding(.peer, Closing(code, "because")))
      var later = ScriptedPeer(FakeReplica(1))
      later.send(ScriptedPeer.hello(FakeReplica(2)), .have([]), .close(Closing(code, "because")))
      #expect(later.ending == SyncEnding(.peer, Closing(code, "because")))
      // Only a friendly end is answered.
      let answered = if case .close? = later.frames.last { true } else { false }
      #expect(answered == (code == .done || code == .shutdown))
    }
  }

  @Test func nothingIsSentToOneWhoClosedTheConnection() {
    var peer = ScriptedPeer(FakeReplica(1))
    let frames = peer.frames.count
    peer.tell(.peerClosed)
    peer.tell(.localChanged(FakeReplica(1).vector))
    peer.tell(.finish)
    #expect(peer.frames.count == frames)
    #expect(peer.ending == SyncEnding(.connection, nil))
  }

  @Test func aFailureOfTheHostIsTold() {
    var peer = ScriptedPeer(FakeReplica(1))
    peer.send(ScriptedPeer.hello(FakeReplica(2)), .have([]))
    peer.tell(.failed("the disk is full"))
    #expect(peer.closing == Closing(.storage, "the disk is full"))
    #expect(peer.frames.last == .close(Closing(.storage, "the disk is full")))
  }

  /// A store that cannot find what it says it holds must not make the session ask for ever.
  @Test func aReadWithoutResultEndsTheSession() {
    var replica = FakeReplica(1)
    replica.write()
    var peer = ScriptedPeer(replica)
    peer.answers = false
    peer.send(ScriptedPeer.hello(FakeReplica(2)), .have([]))
    peer.tell(.batchRead(ReadBatch()))
    #expect(peer.closingCode == .storage)
  }
}
