internal import AnabranchCore
internal import AnabranchWire

/// What two replicas do about blobs: each asks the other for those it wants, and reads for it what it has.
///
/// Nothing is sent that was not asked for, and each side asks for a few parts at a time: so blobs never stand in the way
/// of changes for long, and nobody can be made to keep more than a few blocks. Blobs are wanted once both sides' changes
/// are exchanged, because only these tell of them.
struct BlobExchange: Sendable {
  private enum Phase {
    /// Changes are still to come, or nothing new is wanted.
    case resting
    /// The host lists what is wanted.
    case listing
    /// The peer was told what is wanted.
    case asking
    /// What the peer has of it comes.
    case fetching
  }

  private let isSpoken: Bool
  private var phase = Phase.resting
  /// Whether there may be more that is wanted than was listed.
  private var isStale = true
  /// Whether the peer was told that nothing more is wanted.
  private var saidSettled = false
  /// Whether the peer said so.
  private var peerSettled = false
  /// What the peer was asked for in this session.
  private var asked: Set<BlobID> = []
  /// What the peer has of that and nobody began.
  private var offered: [BlobOffer] = []
  /// Those that another session fetches.
  private var postponed: [BlobOffer] = []
  /// The offers that the host is asked about.
  private var beginning: Set<BlobID> = []
  private var fetches: [BlobID: BlobFetch] = [:]
  /// Of the blobs that the peer turned out to lack, how many parts it was asked for and has not answered yet.
  private var draining: [BlobID: Int] = [:]
  /// The fetches, those begun first in front.
  private var order: [BlobID] = []

  /// What the peer wants and does not find here.
  private var awaited: [BlobID] = []
  /// What the peer wants, while the host looks for it.
  private var looking: [BlobID]?
  /// What the peer asked for and nobody read yet.
  private var reads: [(blob: BlobID, part: BlobPart)] = []
  private var isReading = false

  /// An exchange with a peer of those abilities.
  init(with features: Hello.Features) {
    isSpoken = features.contains(.blobs)
  }

  /// Whether both sides have, of what they know of, all that they want and the other has.
  var isSettled: Bool {
    !isSpoken || (saidSettled && peerSettled && isQuiet)
  }

  /// Whether the peer has everything that it wants of what it knows of; true also of one that takes no blobs.
  var isPeerSettled: Bool { !isSpoken || peerSettled }

  /// Whether the peer was asked for something that has not come.
  var isOwedParts: Bool {
    if case .asking = phase { return true }
    return fetches.values.contains { $0.awaited > 0 } || !draining.isEmpty
  }

  private var isQuiet: Bool {
    guard case .resting = phase else { return false }
    return !isStale && offered.isEmpty && beginning.isEmpty && fetches.isEmpty
  }

  // MARK: What comes in

  /// Takes a frame. Throws where the peer did not keep to the rules.
  mutating func take(_ frame: BlobFrame) throws(Violation) -> [SyncSession.Effect] {
    guard isSpoken else { throw Violation("expected no blobs, which nobody offered to understand") }
    if let blob = frame.answered, drains(blob) { return [] }
    switch frame {
    case .wants(let blobs):
      return try want(blobs)
    case .offers(let offers):
      return try take(offers)
    case .request(let blob, let part):
      guard reads.count < SyncLimits.blobRequestsMax else {
        throw Violation("expected at most \(SyncLimits.blobRequestsMax) requests at once")
      }
      reads.append((blob, part))
      return read()
    case .outline(let blob, let blocks):
      guard let outline = try fetches[blob]?.take(blocks) else {
        throw Violation("expected no outline of blob \(blob)")
      }
      return [.blob(.keep(outline))] + finish(blob)
    case .block(let blob, let index, let bytes):
      guard fetches[blob] != nil else { throw Violation("expected no block of blob \(blob)") }
      let outline = try fetches[blob]?.take(bytes, at: index)
      return (outline.map { [.blob(.keep($0))] } ?? []) + [.blob(.store(blob, index, bytes))]
    case .lacks(let blob):
      guard let fetch = fetches[blob], fetch.awaited > 0 else { throw Violation("expected nothing of blob \(blob)") }
      if fetch.awaited > 1 { draining[blob] = fetch.awaited - 1 }
      return drop(blob)
    }
  }

  /// Whether a part of a blob answers what was asked for before the peer said that it lacks it; counts it.
  private mutating func drains(_ blob: BlobID) -> Bool {
    guard let left = draining[blob] else { return false }
    draining[blob] = left > 1 ? left - 1 : nil
    return true
  }

  private mutating func want(_ blobs: [BlobID]) throws(Violation) -> [SyncSession.Effect] {
    guard !blobs.isEmpty else {
      peerSettled = true
      return []
    }
    guard looking == nil else { throw Violation("expected one list of wanted blobs at a time") }
    peerSettled = false
    var seen: Set<BlobID> = []
    let distinct = blobs.filter { seen.insert($0).inserted }
    looking = distinct
    return [.blob(.find(distinct))]
  }

  private mutating func take(_ offers: BlobOffers) throws(Violation) -> [SyncSession.Effect] {
    if offers.isAnswer {
      guard case .asking = phase else { throw Violation("expected no offer of blobs") }
      phase = .fetching
    }
    for offer in offers.blobs {
      guard asked.contains(offer.blob) else { throw Violation("expected no offer of blob \(offer.blob)") }
      guard fetches[offer.blob] == nil, !beginning.contains(offer.blob), draining[offer.blob] == nil else { continue }
      offered.append(offer)
    }
    guard offered.count + postponed.count <= SyncLimits.blobsAskedMax else {
      throw Violation("expected each blob to be offered once")
    }
    return []
  }

  /// Takes what the host says.
  mutating func take(_ event: BlobEvent) -> [SyncSession.Effect] {
    switch event {
    case .listed(let blobs):
      return listed(blobs)
    case .begun(let offer, let plan):
      beginning.remove(offer.blob)
      if plan == .later { postponed.append(offer) }
      // It may be lacking again later in this session, where all that needed it was purged meanwhile.
      if plan == .skip { asked.remove(offer.blob) }
      guard let fetch = BlobFetch(offer, plan) else { return [] }
      fetches[offer.blob] = fetch
      order.append(offer.blob)
      return finish(offer.blob)
    case .stored(let blob, let index):
      fetches[blob]?.stored(index)
      return finish(blob)
    case .found(let offers):
      guard let wanted = looking else { return [] }
      looking = nil
      let found = Set(offers.map(\.blob))
      awaited = (awaited + wanted.filter { !found.contains($0) }).suffix(SyncLimits.blobsAskedMax)
      return [Self.send(.offers(BlobOffers(isAnswer: true, blobs: offers)))]
    case .read(let blob, let part, let reading):
      return answer(blob, part, reading)
    case .wanted:
      isStale = true
      offered += postponed
      postponed = []
      if !offered.isEmpty, case .resting = phase { phase = .fetching }
      return []
    case .held(let offers):
      let wanted = Set(awaited)
      let new = offers.filter { wanted.contains($0.blob) }
      guard isSpoken, !new.isEmpty else { return [] }
      let told = Set(new.map(\.blob))
      awaited.removeAll { told.contains($0) }
      return stride(from: 0, to: new.count, by: Limits.blobsMax).map { start in
        let some = Array(new[start..<min(start + Limits.blobsMax, new.count)])
        return Self.send(.offers(BlobOffers(isAnswer: false, blobs: some)))
      }
    }
  }

  private mutating func listed(_ blobs: [BlobID]) -> [SyncSession.Effect] {
    guard case .listing = phase else { return [] }
    guard !blobs.isEmpty, asked.count < SyncLimits.blobsAskedMax else {
      phase = .resting
      guard !isStale, !saidSettled else { return [] }
      saidSettled = true
      return [Self.send(.wants([]))]
    }
    phase = .asking
    saidSettled = false
    asked.formUnion(blobs)
    return [Self.send(.wants(blobs))]
  }

  // MARK: What goes out

  /// What can be done now without another event. `mayAsk` says that all changes came.
  mutating func proceed(mayAsk: Bool) -> [SyncSession.Effect] {
    guard isSpoken else { return [] }
    var effects: [SyncSession.Effect] = []
    while order.count + beginning.count < SyncLimits.blobsAtOnce, !offered.isEmpty {
      let offer = offered.removeFirst()
      guard fetches[offer.blob] == nil, beginning.insert(offer.blob).inserted else { continue }
      effects.append(.blob(.begin(offer)))
    }
    var underWay = fetches.values.reduce(0) { $0 + $1.underWay }
    for blob in order {
      while underWay < SyncLimits.blobPartsAtOnce, let part = fetches[blob]?.next() {
        underWay += 1
        effects.append(Self.send(.request(blob, part)))
      }
    }
    if case .fetching = phase, offered.isEmpty, beginning.isEmpty, fetches.isEmpty {
      // There may be more than one list holds.
      (phase, isStale) = (.resting, true)
    }
    if case .resting = phase, isStale, mayAsk {
      (phase, isStale) = (.listing, false)
      effects.append(.blob(.list(excluding: asked)))
    }
    return effects
  }

  private mutating func read() -> [SyncSession.Effect] {
    guard !isReading, let next = reads.first else { return [] }
    isReading = true
    return [.blob(.read(next.blob, next.part))]
  }

  private mutating func answer(_ blob: BlobID, _ part: BlobPart, _ reading: BlobReading) -> [SyncSession.Effect] {
    guard isReading, let first = reads.first, first.blob == blob, first.part == part else { return [] }
    reads.removeFirst()
    isReading = false
    let frame: BlobFrame =
      switch (part, reading) {
      case (.outline, .outline(let blocks)): .outline(blob, blocks)
      case (.block(let index), .block(let bytes)): .block(blob, index, bytes)
      default: .lacks(blob)
      }
    return [Self.send(frame)] + read()
  }

  private mutating func finish(_ blob: BlobID) -> [SyncSession.Effect] {
    guard fetches[blob]?.isDone == true else { return [] }
    asked.remove(blob)
    return drop(blob)
  }

  private mutating func drop(_ blob: BlobID) -> [SyncSession.Effect] {
    fetches[blob] = nil
    order.removeAll { $0 == blob }
    return [.blob(.release(blob))]
  }

  private static func send(_ frame: BlobFrame) -> SyncSession.Effect {
    .send(Frame.blob(frame).canonicalBytes)
  }

  /// What must hold between two events.
  func checkInvariants() {
    assert(Set(order) == Set(fetches.keys) && order.count == fetches.count, "every fetch has its turn")
    assert(reads.count <= SyncLimits.blobRequestsMax && awaited.count <= SyncLimits.blobsAskedMax)
  }
}

extension BlobFrame {
  /// The blob of which it answers a request; nil for what answers none.
  fileprivate var answered: BlobID? {
    switch self {
    case .outline(let blob, _), .block(let blob, _, _), .lacks(let blob): blob
    case .wants, .offers, .request: nil
    }
  }
}
