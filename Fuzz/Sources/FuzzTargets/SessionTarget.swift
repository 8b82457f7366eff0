internal import AnabranchCore
internal import AnabranchFakes
internal import AnabranchSync
internal import AnabranchWire

/// The input's first byte says what the session is for, whether the peer has greeted already, and whether the host's log has forked; the rest is a script of what
/// the peer says and the host does: see ``SessionHost/step(_:)``.
///
/// Promised: the session asks for one thing of a kind at a time, and says only frames; after its end it does nothing; it is
/// acknowledged and told only what is held; and nothing in it traps, its own invariants included.
enum SessionTarget {
  static func check(_ input: UnsafeRawBufferPointer) throws(BrokenPromise) {
    var input = FuzzInput(input)
    let setting = input.byte()
    var host = try SessionHost(mode: setting & 1 == 0 ? .exchange : .live, isForked: setting & 4 != 0)
    try host.start()
    if setting & 2 == 0 { try host.receive([SessionPeer.greeting, .have(SessionPeer.held)]) }
    for _ in 0..<stepsMax where !input.isEmpty { try host.step(&input) }
    try host.settle()
  }

  /// Steps of one script.
  private static let stepsMax = 256

  static var seeds: [FuzzTarget.Seed] {
    func said(_ frames: [Frame], setting: UInt8 = 0) -> [UInt8] {
      var script = FuzzScript()
      script.add(setting)
      for frame in frames {
        script.add(1)
        script.add(counted: Array(frame.canonicalBytes.dropFirst(Frame.lengthBytes)))
        script.add(2, 0, 2, 0)
      }
      return script.bytes
    }
    let done = Frame.close(Closing(.done, ""))
    var seeds = [
      FuzzTarget.Seed("greeting", said([SessionPeer.greeting, .have([])], setting: 2)),
      FuzzTarget.Seed("exchange", said(SessionPeer.sent + [done])),
      FuzzTarget.Seed("live", said(SessionPeer.sent, setting: 1)),
      FuzzTarget.Seed("fork", said([SessionPeer.greeting] + SessionPeer.forked, setting: 3)),
      FuzzTarget.Seed("forked", said([SessionPeer.greeting] + SessionPeer.forked, setting: 7)),
    ]
    for (name, frame) in SampleFrames.all {
      seeds.append(FuzzTarget.Seed("frame-\(name)", said(SessionPeer.sent.prefix(1) + [frame], setting: 1)))
    }
    var busy = FuzzScript()
    busy.add(1, 3, 60, 4, 5, 2, 0, 6, 0, 7, 0, 3, 255, 3, 255, 8)
    return seeds + [FuzzTarget.Seed("host", busy.bytes)]
  }
}

/// A device that the session meets: what it would say if it were honest.
enum SessionPeer {
  static let device = Digest(head: Bytes16(high: 21, low: 22), tail: Bytes16(high: 23, low: 24))
  static let header = LogHeader.device(key: device, nonce: Bytes16(high: 25, low: 26))

  static let greeting = Frame.hello(
    Hello(
      device: device, log: header.log, name: "peer", semanticsLevel: 1, credit: 4 << 20,
      features: [.words, .blobs, .branches]))

  /// Two changes of its log.
  static let changes = FakeReplica.Log(header, messages: 2).changes

  static let held = [HeldLog(log: header.log, sequence: 2, hash: changes[1].hash.head)]

  /// All that it holds, as it sends it.
  static let sent = frames(of: FakeReplica.Log(header, messages: 2))

  /// The log of a copy of the host that wrote something else after its first change.
  private static let copy: FakeReplica.Log = {
    let host = SessionHost.replica
    let own = host.logs[host.own]
    var copy = FakeReplica.Log(header: own?.header ?? header, changes: Array(own?.changes.prefix(1) ?? []))
    copy.write("elsewhere")
    return copy
  }()

  /// What that would say: how far it has come, hashes of both changes, and those.
  static let forked: [Frame] = {
    let points = copy.changes.map { ForkProbe.Point(sequence: $0.change.id.sequence, hash: $0.hash.head) }
    let log = copy.header.log
    return [
      .have(points.suffix(1).map { HeldLog(log: log, sequence: $0.sequence, hash: $0.hash) }),
      .fork(ForkProbe(log: log, points: points)),
    ] + frames(of: copy)
  }()

  private static func signature(of log: FakeReplica.Log) -> [UInt8] {
    log.changes.last.map { last in
      FakeReplica.checkpoint(at: last.change.id, hash: last.hash).signature
    } ?? []
  }

  private static func frames(of log: FakeReplica.Log) -> [Frame] {
    let end = LogPosition(log: 0, sequence: UInt32(log.changes.count))
    return [
      .logs([log.header]),
      .changes(
        ChangeBatch(
          runs: [ChangeBatch.Run(first: LogPosition(log: 0, sequence: 1), changes: log.changes.map(\.bytes))],
          signatures: [ChangeBatch.Signature(at: end, signature: signature(of: log))])),
    ]
  }
}

/// What the two sides of a session have written.
extension FakeReplica.Log {
  /// A log with `count` messages and nothing else.
  init(_ header: LogHeader, messages count: Int) {
    self.init(header: header)
    for _ in 0..<count { write() }
  }

  /// Adds a message of those words.
  mutating func write(_ words: String = "hi") {
    let id = ChangeID(log: header.log, sequence: UInt32(changes.count) + 1)
    var open = OpenChange(id: id, time: .zero, wall: 0, action: id.sequence)
    let message = CreateMessage(
      parents: [], line: .continued, role: .user, created: 0, length: UInt32(words.utf8.count))
    _ = open.append(
      Draft(
        kind: .createMessage, target: .imported(Bytes16(high: 1, low: 1)), mutation: .createMessage(message),
        content: .present(salt: Bytes16(high: 0, low: 0), bytes: MessageContent(text: words).canonicalBytes[...])))
    let previous = changes.last?.hash ?? header.foundingHash
    changes.append(
      SealedChange(
        sealing: open, context: SealedChange.Context(id: id, previous: previous), dependencies: []))
  }
}
