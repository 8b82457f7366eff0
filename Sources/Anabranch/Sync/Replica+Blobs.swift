internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchWire

/// What sessions want to know of blobs, and have kept.
extension Replica {
  /// Carries out what a session wants.
  func perform(_ effect: BlobEffect, on link: Link) {
    do throws(AnabranchError) {
      guard let event = try answer(effect, on: link) else { return }
      link.pending.append(.blob(event))
    } catch {
      link.pending.append(.failed(error.message))
    }
  }

  private func answer(_ effect: BlobEffect, on link: Link) throws(AnabranchError) -> BlobEvent? {
    switch effect {
    case .list(let excluded):
      return .listed(try wantedBlobs(excluding: excluded, on: link))
    case .begin(let offer):
      return .begun(offer, try begin(offer, on: link))
    case .keep(let outline):
      if try withStore({ (store) throws(StoreError) in try store.keep(outline) }) { tellHeld(outline.id) }
      return nil
    case .store(let blob, let index, let bytes):
      let isWhole = try withStore { (store) throws(StoreError) in try store.keep(bytes, at: index, of: blob) }
      if isWhole { tellHeld(blob) }
      return .stored(blob, index)
    case .release(let blob):
      link.fetching.remove(blob)
      let isWhole = try withStore { (store) throws(StoreError) in try !store.wholeBlobs([blob]).isEmpty }
      if !isWhole { wantBlobs(except: link.number) }
      return nil
    case .find(let blobs):
      return .found(
        try withStore { (store) throws(StoreError) in
          try store.wholeBlobs(blobs).map { BlobOffer(blob: $0.blob, byteCount: $0.byteCount) }
        })
    case .read(let blob, let part):
      return .read(blob, part, reading(part, of: blob))
    }
  }

  private func wantedBlobs(excluding excluded: Set<BlobID>, on link: Link) throws(AnabranchError) -> [BlobID] {
    let bytesMax = try fetchRule().bytesMax
    let elsewhere = links.values.filter { $0 !== link }.reduce(into: excluded) { $0.formUnion($1.fetching) }
    return try withStore { (store) throws(StoreError) in
      try store.wantedBlobs(upTo: bytesMax, excluding: elsewhere, limit: Limits.blobsMax)
    }
  }

  private func begin(_ offer: BlobOffer, on link: Link) throws(AnabranchError) -> BlobPlan {
    guard let peer = link.summary.peer else { return .skip }
    guard !links.values.contains(where: { $0.fetching.contains(offer.blob) }) else { return .later }
    let bytesMax = try fetchRule().bytesMax
    let lack = try withStore { (store) throws(StoreError) in
      try store.lack(of: offer.blob, heldBy: peer, byteCount: offer.byteCount, upTo: bytesMax)
    }
    switch lack {
    case .nothing: return .skip
    case .whole:
      link.fetching.insert(offer.blob)
      return .whole
    case .blocks(let blocks, let outline):
      link.fetching.insert(offer.blob)
      return .blocks(blocks, of: outline)
    }
  }

  /// What is damaged is not passed on.
  private func reading(_ part: BlobPart, of blob: BlobID) -> BlobReading {
    switch part {
    case .outline:
      return (try? outline(of: blob)).map { .outline($0.blocks) } ?? .nothing
    case .block(let index):
      return (try? block(index, of: blob)).map { .block($0) } ?? .nothing
    }
  }

  /// Tells whoever watches, and the sessions whose peers wait for it, that a blob is here; within ``atomically(_:)`` once all
  /// of it is kept.
  func tellHeld(_ blob: BlobID, isRemote: Bool = true) {
    guard gathered == nil else {
      gatheredBlobs.insert(blob)
      return
    }
    guard let held = try? withStore({ (store) throws(StoreError) in try store.wholeBlobs([blob]) }), !held.isEmpty
    else { return }
    let offers = held.map { BlobOffer(blob: $0.blob, byteCount: $0.byteCount) }
    for number in links.keys.sorted() { handle(.blob(.held(offers)), on: number) }
    if let holders = try? withStore({ (store) throws(StoreError) in try store.conversations(with: blob) }) {
      observers.send(ReplicaChange(conversations: holders, isRemote: isRemote))
    }
  }

  /// Has every session, but for one, look for what is wanted.
  func wantBlobs(except excluded: Int? = nil) {
    for number in links.keys.sorted() where number != excluded { handle(.blob(.wanted), on: number) }
  }
}
