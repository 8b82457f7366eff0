internal import AnabranchCore
internal import AnabranchSync
internal import AnabranchWire

/// The host of a session, over a replica in memory that holds two changes of its own: it answers honestly, but when the script
/// says, and in the order it says.
struct SessionHost {
  private static let device = SampleFrames.device
  private static let header = LogHeader.device(key: device, nonce: Bytes16(high: 0, low: 0))

  private var session: SyncSession
  private var logs: [LogID: SessionLog] = [:]
  private var now = Duration.zero
  /// What the session asked for and was not answered.
  private var asked: [SyncSession.Effect] = []
  /// What the session says, to be read as the peer would.
  private var said = FrameDecoder()

  init(mode: SyncSession.Mode) {
    let log = SessionLog(Self.header, count: 2)
    logs[Self.header.log] = log
    session = SyncSession(
      local: LocalReplica(
        device: Self.device, log: Self.header.log, name: "host", semanticsLevel: 1,
        heads: [HeldLog(log: Self.header.log, sequence: 2, hash: log.changes[1].hash.head)]), mode: mode)
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
    default: try tell(.received([]))
    }
  }

  /// Answers all that is asked, and ends the connection.
  mutating func settle() throws(BrokenPromise) {
    var answers = 0
    while !asked.isEmpty, answers < Self.answersMax {
      try answer(0)
      answers += 1
    }
    try BrokenPromise.unless(asked.isEmpty, "a session that hears nothing more comes to rest")
    try tell(.peerClosed)
    try BrokenPromise.unless(session.hasEnded, "a session ends with its connection")
    try BrokenPromise.unless(session.handle(.timer, now: now).isEmpty, "a session that has ended does nothing")
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

  private var held: VersionVector {
    VersionVector(logs.map { ($0.key, UInt32($0.value.changes.count)) })
  }

  /// Writes another change and tells of it.
  private mutating func write() throws(BrokenPromise) {
    let log = Self.header.log
    logs[log]?.write()
    try tell(.localChanged(VersionVector([(log, held[log])])))
  }
}

// MARK: - What a session asks for

extension SessionHost {
  /// Answers one of the questions that are open.
  private mutating func answer(_ choice: Int) throws(BrokenPromise) {
    guard !asked.isEmpty else { return }
    switch asked.remove(at: choice % asked.count) {
    case .compare(let heads):
      let held = held
      try tell(
        .compared(Comparison(of: heads, Branches(), last: { held[$0] }) { change($0.log, $0.sequence)?.hash }))
    case .search(let search, let points):
      let (search, probe) = search.continued(with: points) { change($0.log, $0.sequence)?.hash }
      try tell(.searched(search, probe))
    case .read(let request): try tell(.batchRead(read(request)))
    case .apply(let batch): try tell(.applied(apply(batch)))
    case .blob(let effect):
      if let event = answer(effect, choice) { try tell(.blob(event)) }
    default: break
    }
  }

  private func change(_ log: LogID, _ sequence: UInt32) -> SealedChange? {
    logs[log]?.change(sequence)
  }

  private func read(_ request: ReadRequest) -> ReadBatch {
    var order = CausalOrder(held: request.held, known: request.known)
    var batch = ReadBatch()
    while let id = order.next(dependencies: {
      change($0.log, $0.sequence)?.change.dependencies.map(\.change) ?? []
    }) {
      guard let sealed = change(id.log, id.sequence), let header = logs[id.log]?.header else { break }
      batch.append(
        id, header: header, bytes: sealed.bytes, dependencies: sealed.change.dependencies.map(\.change))
      batch.checkpoints.append(SessionLog.checkpoint(at: id, hash: sealed.hash))
    }
    return batch
  }

  private mutating func apply(_ batch: IncomingBatch) -> SyncSession.ApplyOutcome {
    let logs = logs
    let holdings = IncomingBatch.Holdings<Never>(
      header: { logs[$0]?.header },
      head: { log in
        logs[log].map {
          LogHead(sequence: UInt32($0.changes.count), hash: $0.changes.last?.hash ?? $0.header.foundingHash)
        }
      }, hash: { logs[$0.log]?.change($0.sequence)?.hash })
    let checked = batch.checked(against: holdings) { checkpoint, _ in
      checkpoint == SessionLog.checkpoint(at: checkpoint.change, hash: checkpoint.hash)
    }
    switch checked {
    case .refused(let reason): return .refused(reason)
    // The sessions of a replica that has found a fork end; here that goes no further.
    case .forked: return .failed("a log has forked")
    case .accepted(let acceptance):
      for run in batch.runs where self.logs[run.log] == nil { self.logs[run.log] = SessionLog(run.header) }
      for sealed in acceptance.changes { self.logs[sealed.change.id.log]?.changes.append(sealed) }
      let last = VersionVector(batch.runs.map { ($0.log, held[$0.log]) })
      return .durable(held: last, excluded: acceptance.excluded)
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
