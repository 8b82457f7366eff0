internal import AnabranchCore
internal import AnabranchSync
internal import AnabranchWire

/// What crosses connections is told to recorders and to those who look: the session's own bytes, decrypted.
extension Replica {
  /// What crosses this replica's connections from now on, frame by frame and without contents; the connections that stand come first.
  ///
  /// Who reads too slowly misses some, and is told how many: see ``WireNews/missed``. It ends when the replica is closed.
  public func watchWire() -> AsyncStream<WireNews> {
    let open = links.values.filter { $0.ending == nil }.sorted { $0.number < $1.number }
    let started = RecordingEntry(
      uptime: Self.microseconds(surroundings.uptime()), connection: 0,
      .started(wall: surroundings.wall(), hasContents: false))
    return wireFeed.stream(after: [started] + open.flatMap(standing))
  }

  /// What there is to say of a link that stands.
  private func standing(_ link: Link) -> [RecordingEntry] {
    let began = RecordingEntry(uptime: Self.microseconds(link.began), connection: link.name, .began(link.beginning))
    guard let peer = link.peer else { return [began] }
    return [began, entry(on: link, .proved(device: peer, name: name(of: peer, on: link)))]
  }

  /// Starts a recorder, which is told of links from now on.
  func start(_ recorder: SessionRecorder) {
    let failure = recorder.start(wall: surroundings.wall(), uptime: Self.microseconds(surroundings.uptime()))
    if let failure { tell(.recordingEnded(reason: failure.message)) }
  }

  func noteBeginning(of link: Link) {
    tell(RecordingEntry(uptime: Self.microseconds(link.began), connection: link.name, .began(link.beginning)), of: link)
  }

  /// The other side of a link has proved to be `peer`.
  func noteProof(of peer: Digest, on link: Link) {
    guard depth(of: link) > .nothing else { return }
    tell(entry(on: link, .proved(device: peer, name: name(of: peer, on: link))), of: link)
  }

  /// Bytes of a session crossed a link: so far as they complete frames, these are told of.
  func note(_ bytes: [UInt8], _ direction: RecordedFrame.Direction, on link: Link) {
    for frame in link.trace.follow(bytes, direction, depth(of: link)) {
      tell(entry(on: link, .frame(frame)), of: link)
    }
  }

  /// A link ends, if that was not told yet; nobody ended it where there is no `ending`.
  func noteEnd(of link: Link, _ ending: SyncEnding?) {
    guard !link.isEndNoted else { return }
    link.isEndNoted = true
    let origin: RecordingEntry.Ending.Origin =
      switch ending?.origin {
      case nil: .nobody
      case .here: .here
      case .peer: .peer
      case .connection: .connection
      }
    let ending = RecordingEntry.Ending(
      origin, ending?.closing, sentBytes: link.sentBytes, receivedBytes: link.receivedBytes)
    tell(entry(on: link, .ended(ending)), of: link)
  }

  private func tell(_ entry: RecordingEntry, of link: Link) {
    for recorder in link.recorders {
      if let failure = recorder.record(entry) { tell(.recordingEnded(reason: failure.message)) }
    }
    guard !wireFeed.isEmpty else { return }
    var told = entry
    if case .frame(let frame) = entry.event { told.event = .frame(frame.abridged(to: WireNews.entriesMax)) }
    wireFeed.send(told)
  }

  private func entry(on link: Link, _ event: RecordingEntry.Event) -> RecordingEntry {
    RecordingEntry(uptime: Self.microseconds(surroundings.uptime()), connection: link.name, event)
  }

  /// How much is wanted of what crosses a link.
  private func depth(of link: Link) -> SessionTrace.Depth {
    let recorders = link.recorders.filter { $0.failure == nil }
    if recorders.contains(where: \.hasContents) { return .contents }
    return recorders.isEmpty && wireFeed.isEmpty ? .nothing : .structure
  }

  private func name(of device: Digest, on link: Link) -> String {
    let known = (try? devices())?.first { $0.device == device }?.name ?? ""
    return known.isEmpty ? link.summary.name : known
  }

  private static func microseconds(_ uptime: Duration) -> UInt64 {
    let (seconds, attoseconds) = uptime.components
    return UInt64(clamping: seconds) &* 1_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000_000)
  }
}

extension Link {
  /// The link's number in recordings, where 0 is none.
  fileprivate var name: UInt64 { UInt64(number) + 1 }

  fileprivate var beginning: RecordingEntry.Beginning {
    RecordingEntry.Beginning(wall: beganWall, isDialled: dialled != nil, address: address)
  }
}
