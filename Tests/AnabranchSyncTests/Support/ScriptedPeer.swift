import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchWire

/// A session with a replica behind it, and a peer that sends whatever a test says.
struct ScriptedPeer {
  private(set) var session: SyncSession
  private(set) var replica: FakeReplica
  private(set) var frames: [Frame] = []
  private(set) var ending: SyncEnding?
  private(set) var reports: [SyncReport] = []
  /// Words the session handed over.
  private(set) var words: [Words] = []
  /// Batches the session handed over.
  private(set) var applied: [IncomingBatch] = []
  var now: Duration = .zero
  var timer: Duration?
  /// Whether batches and reads are answered at once.
  var answers = true
  private var unanswered: [SyncSession.Effect] = []
  private var decoder = FrameDecoder()

  /// The peer of `replica`, which has greeted already; it has proved to be the device of `peer`.
  init(_ replica: FakeReplica, mode: SyncSession.Mode = .live, as peer: FakeReplica = FakeReplica(2)) {
    self.replica = replica
    session = SyncSession(local: replica.local, mode: mode)
    tell(.started(peer: peer.device))
  }

  mutating func tell(_ event: SyncSession.Event) {
    for effect in session.handle(event, now: now) {
      switch effect {
      case .send(let bytes):
        decoder.append(bytes)
        while let frame = try? decoder.next() { frames.append(frame) }
      case .setTimer(let at): timer = at
      case .report(let report): reports.append(report)
      case .close(let end): ending = end
      case .words(let told): words.append(told)
      case .peerHas, .progress: break
      case .read, .apply, .compare, .search, .blob:
        unanswered.append(effect)
        if answers { answer() }
      }
    }
  }

  /// Answers what was asked.
  mutating func answer() {
    while !unanswered.isEmpty {
      switch unanswered.removeFirst() {
      case .read(let request): tell(.batchRead(replica.read(request)))
      case .apply(let batch):
        applied.append(batch)
        tell(.applied(replica.apply(batch)))
        if replica.isSplit { tell(.renamed) }
      case .compare(let heads): tell(.compared(replica.compare(heads)))
      case .search(let search, let points):
        let (search, probe) = search.continued(with: points, hash: replica.hash)
        tell(.searched(search, probe))
      case .blob(let effect): if let event = replica.answer(effect) { tell(.blob(event)) }
      default: break
      }
    }
  }

  mutating func write(bytes: Int = 20) {
    tell(.localChanged(replica.write(bytes: bytes)))
  }

  /// Sends frames to the session.
  mutating func send(_ frames: Frame...) {
    for frame in frames { tell(.received(frame.canonicalBytes)) }
  }

  /// Lets time pass, the timer going off whenever it is due.
  mutating func pass(_ duration: Duration) {
    let end = now + duration
    while let due = timer, due <= end, ending == nil {
      now = due
      timer = nil
      tell(.timer)
    }
    now = end
  }

  var closing: Closing? {
    ending?.closing
  }

  var closingCode: Closing.Code? {
    closing.flatMap { Closing.Code(rawValue: $0.code) }
  }

  /// The greeting of `replica`.
  static func hello(
    _ replica: FakeReplica, credit: UInt32 = SyncLimits.creditWindow, version: UInt16 = Frame.version,
    versionMin: UInt16 = Frame.versionMin, space: UInt64 = 0, features: Hello.Features = .words
  ) -> Frame {
    .hello(
      Hello(
        device: replica.device, log: replica.own, name: replica.name, semanticsLevel: 1, credit: credit,
        space: Bytes16(high: space, low: 0), version: version, versionMin: versionMin,
        features: features))
  }

  static func have(_ replica: FakeReplica) -> Frame {
    .have(replica.heads.sorted { $0.log < $1.log })
  }

  /// What `replica` would send of its own log, as log number 0.
  static func changes(_ replica: FakeReplica, _ sequences: ClosedRange<UInt32>) -> Frame {
    let changes = sequences.compactMap { replica.change(ChangeID(log: replica.own, sequence: $0))?.bytes }
    let first = LogPosition(log: 0, sequence: sequences.lowerBound)
    let last = ChangeID(log: replica.own, sequence: sequences.upperBound)
    let signature = FakeReplica.checkpoint(at: last, hash: replica.hash(of: last) ?? .zero).signature
    return .changes(
      ChangeBatch(
        runs: [ChangeBatch.Run(first: first, changes: changes)],
        signatures: [
          ChangeBatch.Signature(at: LogPosition(log: 0, sequence: sequences.upperBound), signature: signature)
        ]))
  }

  static func announcement(_ replica: FakeReplica) -> Frame {
    .logs(replica.logs[replica.own].map { [$0.header] } ?? [])
  }
}
