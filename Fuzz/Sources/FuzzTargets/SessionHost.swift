internal import AnabranchCore
internal import AnabranchFakes
internal import AnabranchSync
internal import AnabranchWire

/// The host of a session, over a replica in memory that holds two changes of its own: it answers honestly, but when the script
/// says, and in the order it says.
struct SessionHost {
  private var session: SyncSession
  private var replica = SessionHost.replica
  private var now = Duration.zero
  /// What the session asked for and was not answered.
  private var asked: [SyncSession.Effect] = []
  /// What the session says, to be read as the peer would.
  private var said = FrameDecoder()

  /// A host that, if it `isForked`, has found out in an earlier session that its own log has forked.
  init(mode: SyncSession.Mode, isForked: Bool = false) throws(BrokenPromise) {
    session = SyncSession(local: replica.local, mode: mode)
    guard isForked else { return }
    try start()
    try receive([SessionPeer.greeting] + SessionPeer.forked)
    try answerAll()
    (session, said) = (SyncSession(local: replica.local, mode: mode), FrameDecoder())
  }

  /// What it is at first.
  static var replica: FakeReplica {
    let header = LogHeader.device(key: SampleFrames.device, nonce: Bytes16(high: 0, low: 0))
    return FakeReplica(SampleFrames.device, writing: header, FakeReplica.Log(header, messages: 2).changes)
  }

  /// The connection stands.
  mutating func start() throws(BrokenPromise) {
    try tell(.started(peer: SessionPeer.device))
  }

  /// The peer says these frames.
  mutating func receive(_ frames: [Frame]) throws(BrokenPromise) {
    try tell(.received(frames.flatMap(\.canonicalBytes)))
  }

  /// Does the next step of a script.
  mutating func step(_ input: inout FuzzInput) throws(BrokenPromise) {
    switch input.byte() % 12 {
    case 0: try tell(.received(input.take(input.number())))
    case 1:
      // A frame whose length is right, whatever it says.
      let body = input.take(input.number())
      var writer = ByteWriter()
      writer.write(fixed: UInt32(body.count))
      try tell(.received(writer.bytes + body))
    case 2: try answer(Int(input.byte()))
    case 3:
      now += .seconds(Int(input.byte()))
      try tell(.timer)
    case 4: try write()
    case 5:
      try tell(.words(SampleFrames.words))
    case 6: try tell(.blob(.wanted))
    case 7: try tell(.blob(.held([BlobOffer(blob: SampleFrames.blob, byteCount: UInt64(input.byte()))])))
    case 8: try tell(.finish)
    case 9: try receive(Array(SessionPeer.sent.prefix(Int(input.byte() % 3))))
    case 10: try receive([.acknowledge([LogPosition(log: UInt32(input.byte()), sequence: UInt32(input.byte()))])])
    case 11: try receive(Array(SessionPeer.forked.prefix(Int(input.byte() % 4))))
    default: try tell(.received([]))
    }
  }

  /// Answers all that is asked.
  mutating func answerAll() throws(BrokenPromise) {
    var answers = 0
    while !asked.isEmpty, answers < Self.answersMax {
      try answer(0)
      answers += 1
    }
    try BrokenPromise.unless(asked.isEmpty, "a session that hears nothing more comes to rest")
  }

  /// Answers all that is asked, and ends the connection.
  mutating func settle() throws(BrokenPromise) {
    try answerAll()
    try tell(.peerClosed)
    try BrokenPromise.unless(session.hasEnded, "a session ends with its connection")
    try BrokenPromise.unless(session.handle(.timer, now: now).isEmpty, "a session that has ended does nothing")
    try BrokenPromise.unless(replica.isChained, "what is held follows what came before it")
  }

  /// Far more than one script can make a session ask for.
  private static let answersMax = 100_000

  private mutating func tell(_ event: SyncSession.Event) throws(BrokenPromise) {
    let hadEnded = session.hasEnded
    let effects = session.handle(event, now: now)
    try BrokenPromise.unless(!hadEnded || effects.isEmpty, "a session that has ended does nothing")
    for effect in effects { try take(effect) }
    if session.hasEnded { asked = [] }
  }

  private mutating func take(_ effect: SyncSession.Effect) throws(BrokenPromise) {
    switch effect {
    case .send(let bytes):
      said.append(bytes)
      do throws(WireError) {
        while try said.next() != nil {}
      } catch {
        throw BrokenPromise(description: "a session says only frames: \(error.message)")
      }
      try BrokenPromise.unless(said.undecodedBytes == 0, "a session says whole frames")
    case .compare, .search, .read, .apply:
      try BrokenPromise.unless(
        !asked.contains { $0.isAnswered(with: effect) }, "a session asks for one thing of a kind at a time")
      asked.append(effect)
    case .blob(let blob):
      switch blob {
      case .keep, .release: break
      case .list, .begin, .store, .find, .read: asked.append(effect)
      }
    case .peerHas(let vector):
      try BrokenPromise.unless(held.includes(vector), "a peer is known to have only what is held here too")
    case .words, .setTimer, .progress, .report, .close: break
    }
  }

  private var held: VersionVector { replica.vector }

  /// How many branches it holds of logs that have forked.
  var branches: Int { replica.logs.values.count { $0.header.isBranch && !$0.changes.isEmpty } }

  /// Whether the session is over.
  var hasEnded: Bool { session.hasEnded }

  /// Writes another change and tells of it.
  private mutating func write() throws(BrokenPromise) {
    try tell(.localChanged(replica.write()))
  }
}

// MARK: - What a session asks for

extension SessionHost {
  /// Answers one of the questions that are open.
  private mutating func answer(_ choice: Int) throws(BrokenPromise) {
    guard !asked.isEmpty else { return }
    switch asked.remove(at: choice % asked.count) {
    case .compare(let heads): try tell(.compared(replica.compare(heads)))
    case .search(let search, let points):
      let (search, probe) = search.continued(with: points, hash: replica.hash)
      try tell(.searched(search, probe))
    case .read(let request): try tell(.batchRead(replica.read(request)))
    case .apply(let batch):
      try tell(.applied(replica.apply(batch)))
      if replica.isSplit { try tell(.renamed) }
    case .blob(let effect):
      if let event = answer(effect, choice) { try tell(.blob(event)) }
    default: break
    }
  }

  private func answer(_ effect: BlobEffect, _ choice: Int) -> BlobEvent? {
    switch effect {
    case .list(let excluded): .listed(excluded.contains(SampleFrames.blob) ? [] : [SampleFrames.blob])
    case .begin(let offer): .begun(offer, choice % 2 == 0 ? .whole : .skip)
    case .store(let blob, let index, _): .stored(blob, index)
    case .find(let wanted): .found(wanted.prefix(1).map { BlobOffer(blob: $0, byteCount: 3) })
    case .read(let blob, let part): .read(blob, part, choice % 2 == 0 ? .block([1, 2, 3]) : .nothing)
    case .keep, .release: nil
    }
  }
}

extension SyncSession.Effect {
  /// Whether both must not be asked at once.
  fileprivate func isAnswered(with other: Self) -> Bool {
    switch (self, other) {
    case (.compare, .compare), (.read, .read), (.apply, .apply): true
    default: false
    }
  }
}
