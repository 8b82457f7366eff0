import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchWire
import Testing

/// What a peer must not do ends the session, with a reason, and changes nothing.
@Suite struct ViolationTests {
  private let other = Self.written(2, messages: 5)

  private static func written(_ number: UInt64, messages: Int, bytes: Int = 20) -> FakeReplica {
    var replica = FakeReplica(number)
    for _ in 0..<messages { replica.write(bytes: bytes) }
    return replica
  }

  /// A peer that has greeted as `other`, and is in the midst of a session.
  private func met(_ local: FakeReplica = FakeReplica(1)) -> ScriptedPeer {
    var peer = ScriptedPeer(local)
    peer.send(ScriptedPeer.hello(other), ScriptedPeer.have(other))
    return peer
  }

  private func expectViolation(
    _ peer: ScriptedPeer, _ words: String, at line: SourceLocation = #_sourceLocation
  ) {
    #expect(peer.closingCode == .violation, sourceLocation: line)
    #expect(peer.ending?.origin == .here, sourceLocation: line)
    #expect(
      peer.closing?.reason.contains(words) == true, "\(peer.closing?.reason ?? "")", sourceLocation: line)
    guard case .close? = peer.frames.last else {
      return #expect(Bool(false), "expected a last frame that says why", sourceLocation: line)
    }
  }

  @Test func anOrdinaryPeerIsFine() {
    var peer = met()
    peer.send(ScriptedPeer.announcement(other), ScriptedPeer.changes(other, 1...5))
    #expect(peer.ending == nil)
    #expect(peer.replica.contents == other.contents)
    #expect(peer.frames.contains(.acknowledge([LogPosition(log: 0, sequence: 5)])))
  }

  @Test(arguments: [
    Frame.ping(1), .have([]), .logs([]), .credit(5), .acknowledge([]), .changes(ChangeBatch(runs: [])),
  ])
  func theGreetingComesFirst(frame: Frame) {
    var peer = ScriptedPeer(FakeReplica(1))
    peer.send(frame)
    expectViolation(peer, "greeting")
  }

  @Test(arguments: [Frame.ping(1), .logs([]), .credit(5), .changes(ChangeBatch(runs: []))])
  func theVectorComesSecond(frame: Frame) {
    var peer = ScriptedPeer(FakeReplica(1))
    peer.send(ScriptedPeer.hello(other), frame)
    expectViolation(peer, "holds")
  }

  @Test func thereIsOneGreeting() {
    for again in [ScriptedPeer.hello(other), ScriptedPeer.have(other)] {
      var peer = met()
      peer.send(again)
      expectViolation(peer, "second")
    }
  }

  @Test func anUnknownFrameOrRubbishEndsTheSession() {
    for bytes: [UInt8] in [
      [0, 0, 0, 1, 77], [0, 0, 0, 0], [255, 255, 255, 255], Array("GET / HTTP/1.1\r\n\r\n".utf8),
    ] {
      var greeting = ScriptedPeer(FakeReplica(1))
      greeting.tell(.received(bytes))
      expectViolation(greeting, "expected")
      var peer = met()
      peer.tell(.received(bytes))
      expectViolation(peer, "expected")
    }
  }

  @Test func aGapIsNotBuffered() {
    var peer = met()
    peer.send(ScriptedPeer.announcement(other), ScriptedPeer.changes(other, 2...3))
    expectViolation(peer, "expected change")
    #expect(peer.applied.isEmpty)

    var later = met()
    later.send(
      ScriptedPeer.announcement(other), ScriptedPeer.changes(other, 1...2), ScriptedPeer.changes(other, 4...5)
    )
    expectViolation(later, "expected change")
    #expect(later.replica.vector[other.own] == 2)
  }

  @Test func noChangeIsSentTwice() {
    var peer = met()
    peer.send(
      ScriptedPeer.announcement(other), ScriptedPeer.changes(other, 1...2), ScriptedPeer.changes(other, 2...3)
    )
    expectViolation(peer, "expected change")
  }

  @Test func whatIsHeldAlreadyIsAcknowledgedAgain() {
    var peer = met(other.cloned(as: 1))
    peer.send(ScriptedPeer.announcement(other), ScriptedPeer.changes(other, 3...5))
    #expect(peer.ending == nil)
    #expect(peer.replica.contents == other.contents)
    #expect(peer.frames.contains(.acknowledge([LogPosition(log: 0, sequence: 5)])))
  }

  @Test func logsAreAnnouncedBeforeUse() {
    var peer = met()
    peer.send(ScriptedPeer.changes(other, 1...2))
    expectViolation(peer, "log number")
  }

  @Test func logsAreLimited() {
    var peer = met()
    let header = LogHeader.device(key: .zero, nonce: Bytes16(high: 0, low: 0))
    peer.send(.logs(Array(repeating: header, count: Limits.logsMax)))
    #expect(peer.ending == nil)
    peer.send(.logs([header]))
    expectViolation(peer, "logs")
  }

  @Test func anAcknowledgementIsOfWhatWasSent() {
    for position in [LogPosition(log: 1, sequence: 1), LogPosition(log: 0, sequence: 6)] {
      var peer = met(Self.written(1, messages: 5))
      peer.send(.acknowledge([position]))
      expectViolation(peer, "never sent")
    }
    var peer = met(Self.written(1, messages: 5))
    peer.send(.acknowledge([LogPosition(log: 0, sequence: 5)]))
    #expect(peer.ending == nil)
  }

  @Test func creditIsSensible() {
    for credits: [UInt32] in [[0], [.max], [.max - SyncLimits.creditWindow, 100]] {
      var peer = met()
      for credit in credits { peer.send(.credit(credit)) }
      expectViolation(peer, "credit")
    }
    var peer = ScriptedPeer(FakeReplica(1))
    peer.send(ScriptedPeer.hello(other, credit: UInt32(SyncLimits.creditMin) - 1))
    expectViolation(peer, "credit")
  }

  @Test func rubbishInAChangeIsRefusedAndNothingKept() {
    var peer = met()
    let run = ChangeBatch.Run(first: LogPosition(log: 0, sequence: 1), changes: [[1, 2, 3]])
    let signature = ChangeBatch.Signature(
      at: LogPosition(log: 0, sequence: 1), signature: [UInt8](repeating: 0, count: 64))
    peer.send(ScriptedPeer.announcement(other), .changes(ChangeBatch(runs: [run], signatures: [signature])))
    expectViolation(peer, "cannot be read")
    #expect(peer.replica.contents.isEmpty)
  }

  @Test func whatAChangeBuildsOnComesFirst() {
    var third = FakeReplica(3)
    _ = third.apply(batch(of: other))
    third.write()
    var peer = met()
    peer.send(ScriptedPeer.announcement(third), ScriptedPeer.changes(third, 1...1))
    expectViolation(peer, "builds on")
    #expect(peer.replica.contents.isEmpty)
  }

  @Test func whatItsAuthorDidNotSignIsRefused() {
    let written = Self.written(2, messages: 3, bytes: 10)
    guard case .changes(let batch) = ScriptedPeer.changes(written, 1...3) else { return }
    func given(_ batch: ChangeBatch) -> ScriptedPeer {
      var peer = ScriptedPeer(FakeReplica(1))
      peer.send(
        ScriptedPeer.hello(written), ScriptedPeer.have(written), ScriptedPeer.announcement(written), .changes(batch))
      return peer
    }
    func change(_ index: Int) -> ChangeBatch {
      var batch = batch
      // The last byte of a change is content, which the hash covers.
      batch.runs[0].changes[index][batch.runs[0].changes[index].count - 1] ^= 1
      return batch
    }
    var early = batch
    early.signatures[0].at.sequence = 2
    var elsewhere = batch
    elsewhere.signatures[0].at.log = 1
    var twice = batch
    twice.signatures.append(twice.signatures[0])
    var wrong = batch
    wrong.signatures[0].signature[5] ^= 1
    let cases: [(ChangeBatch, String)] = [
      (ChangeBatch(runs: batch.runs), "expected one signature"), (early, "at the last change"),
      (elsewhere, "at the last change"), (twice, "expected one signature"), (wrong, "is not what its author signed"),
      (change(0), "is not what its author signed"), (change(2), "is not what its author signed"),
    ]
    for (batch, reason) in cases {
      let peer = given(batch)
      expectViolation(peer, reason)
      #expect(peer.replica.contents.isEmpty)
    }
    let peer = given(batch)
    #expect(peer.ending == nil && peer.replica.contents == written.contents)
  }

  /// All that `replica` wrote, as a session would hand it over.
  private func batch(of replica: FakeReplica) -> IncomingBatch {
    var peer = ScriptedPeer(FakeReplica(9))
    peer.send(
      ScriptedPeer.hello(replica), ScriptedPeer.have(replica), ScriptedPeer.announcement(replica),
      ScriptedPeer.changes(replica, 1...replica.vector[replica.own]))
    return peer.applied[0]
  }

  /// While one batch is being stored and another waits, nothing is decoded; a peer that sends on regardless of its
  /// credit is cut off.
  @Test func aPeerThatIgnoresItsCreditIsCutOff() {
    let large = Self.written(2, messages: 60, bytes: 250_000)
    var peer = ScriptedPeer(FakeReplica(1))
    peer.answers = false
    peer.send(ScriptedPeer.hello(large), ScriptedPeer.have(large), ScriptedPeer.announcement(large))
    var sent = 0
    for sequence in 1...UInt32(60) where peer.ending == nil {
      let frame = ScriptedPeer.changes(large, sequence...sequence)
      peer.send(frame)
      sent += frame.canonicalBytes.count
      if sent <= Int(SyncLimits.creditWindow) { #expect(peer.ending == nil) }
    }
    expectViolation(peer, "at once")
    #expect(sent < SyncLimits.backlogBytesMax + 3 * 260_000)
  }
}
