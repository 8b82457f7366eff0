public import AnabranchCore
public import AnabranchStore
internal import AnabranchWire

extension Replica {
  /// The files attached to a message, each once. Throws ``AnabranchError/Code/notFound`` where there is no such message.
  public func attachments(of message: ObjectID) throws(AnabranchError) -> [AttachmentRecord] {
    _ = try self.message(message)
    return try withStore { (store) throws(StoreError) in try store.attachments(of: message) }
  }

  /// An attachment by its name. Throws ``AnabranchError/Code/notFound`` where there is none, or it was taken away, and
  /// ``AnabranchError/Code/purged``.
  public func attachment(_ id: ObjectID) throws(AnabranchError) -> AttachmentRecord {
    if let found = try withStore({ (store) throws(StoreError) in try store.attachment(id) }) { return found }
    try checkNotPurged(id)
    throw AnabranchError(
      .notFound, "there is no attachment \(id)", remedy: "see `anabranch attachments` for those there are")
  }

  /// Hands the bytes of an attached file to `body`, one piece after the other, each checked against the file's hash.
  ///
  /// Throws ``AnabranchError/Code/notFound`` where they are not on this device, or not all of them, and
  /// ``AnabranchError/Code/damaged`` where the disk has altered them: these are fetched again by the next sync of a replica
  /// that writes. Gives way to others between two pieces, and may be cancelled there.
  public func read(
    _ attachment: ObjectID, _ body: ([UInt8]) throws(AnabranchError) -> Void
  ) async throws(AnabranchError) {
    let (record, blob, blocks) = try parts(of: attachment)
    for index in 0..<blocks {
      try read(index, of: blob, record, body)
      await Task.yield()
      if Task.isCancelled { throw AnabranchError(.interrupted, "reading “\(record.content.name)” was interrupted") }
    }
  }

  /// The same without giving way to anybody, for who is on the replica's executor already.
  package func readAtOnce(
    _ attachment: ObjectID, _ body: ([UInt8]) throws(AnabranchError) -> Void
  ) throws(AnabranchError) {
    let (record, blob, blocks) = try parts(of: attachment)
    for index in 0..<blocks { try read(index, of: blob, record, body) }
  }

  /// Reads an attached file through, and returns whether all of it is here as it was. What the disk has altered is given
  /// up, so that it is fetched again.
  public func recheck(_ attachment: ObjectID) async throws(AnabranchError) -> Bool {
    do throws(AnabranchError) {
      _ = try deviceKey()
      try await read(attachment) { _ in }
      return true
    } catch  where error.code == .damaged || error.code == .notFound {
      return try self.attachment(attachment).presence == .whole
    }
  }

  private func parts(
    of attachment: ObjectID
  ) throws(AnabranchError) -> (record: AttachmentRecord, blob: BlobID, blocks: Int) {
    let record = try self.attachment(attachment)
    guard record.presence == .whole, let blob = record.content.blob, let outline = try outline(of: blob) else {
      throw try absent(record)
    }
    return (record, blob, outline.blocks.count)
  }

  private func read(
    _ index: Int, of blob: BlobID, _ record: AttachmentRecord, _ body: ([UInt8]) throws(AnabranchError) -> Void
  ) throws(AnabranchError) {
    guard let bytes = try block(UInt32(index), of: blob) else { throw try absent(record) }
    try body(bytes)
  }

  /// Has an attached file fetched by this device whatever its rule says: by the sessions that are live, and the next ones.
  /// No change where it is here.
  public func want(_ attachment: ObjectID) throws(AnabranchError) {
    let record = try self.attachment(attachment)
    guard let blob = record.content.blob else { throw try absent(record) }
    guard record.presence != .whole else { return }
    _ = try deviceKey()
    try withStore { (store) throws(StoreError) in try store.want(blob) }
    wantBlobs()
  }

  /// Gets an attached file onto this device, from the one at `address`, or from those that are connected, and returns how
  /// much of it is here then: not all where nobody has it; the next sync goes on.
  ///
  /// `progress` is told how many of its bytes are here. Throws as ``sync(with:progress:)`` and ``want(_:)`` do.
  public func fetch(
    _ attachment: ObjectID, from address: String? = nil,
    progress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws(AnabranchError) -> AttachmentRecord {
    try want(attachment)
    if let address {
      try await sync(with: address)
      return try self.attachment(attachment)
    }
    var record = try self.attachment(attachment)
    var changed = surroundings.uptime()
    while record.presence != .whole, !links.isEmpty, surroundings.uptime() - changed < Self.fetchPatience {
      do {
        try await Task.sleep(for: Self.fetchPause)
      } catch {
        throw AnabranchError(
          .interrupted, "the transfer was interrupted; what came is kept", remedy: "run it again to complete it")
      }
      let now = try self.attachment(attachment)
      if now.presence != record.presence { changed = surroundings.uptime() }
      record = now
      progress(record.progress)
    }
    return record
  }

  /// How long a transfer may rest before it is given up for now.
  private static let fetchPatience = Duration.seconds(5)
  /// How long to wait before looking again.
  private static let fetchPause = Duration.milliseconds(50)

  /// How much is on this device of all attached files.
  public func attachmentTotals() throws(AnabranchError) -> AttachmentTotals {
    try withStore { (store) throws(StoreError) in try store.attachmentTotals() }
  }

  /// The names of the devices that should have a file: those that said so, and the one that attached it.
  public func holders(of record: AttachmentRecord) throws(AnabranchError) -> [String] {
    let names = try withStore { (store) throws(StoreError) in
      try Dictionary(store.peers().map { ($0.device, $0.name) }) { first, _ in first }
    }
    let said = record.holders.map { names[$0] ?? String($0.description.prefix(8)) }
    let author = try self.names()[record.log] ?? String(record.log.description.prefix(8))
    let isOwn = try withStore { (store) throws(StoreError) in store.ownLog == record.log }
    return Set(said + (isOwn || record.presence == .never ? [] : [author])).sorted()
  }

  /// Why the bytes of a file cannot be had here.
  private func absent(_ record: AttachmentRecord) throws(AnabranchError) -> AnabranchError {
    guard record.presence != .never else {
      return AnabranchError(
        .notFound, "the export that told of “\(record.content.name)” did not bring it",
        remedy: "import an export that has the file")
    }
    let holders = try holders(of: record)
    let who = holders.isEmpty ? "no device is known to have it" : "it is on " + holders.joined(separator: ", ")
    return AnabranchError(
      .notFound, "“\(record.content.name)” is not on this device; \(who)",
      remedy: holders.isEmpty
        ? "attach the same file again where it still is" : "sync with a device that has it: `anabranch sync HOST:PORT`")
  }

  /// The hashes of a blob's blocks, checked; those that are damaged are dropped, so that they are fetched again.
  func outline(of blob: BlobID) throws(AnabranchError) -> BlobOutline? {
    let outline = try withStore { (store) throws(StoreError) in try store.outline(of: blob) }
    if outline == nil { try? withStore { (store) throws(StoreError) in try store.dropDamagedOutline(of: blob) } }
    return outline
  }

  /// A block, checked; one that is damaged is dropped, so that it is fetched again.
  func block(_ index: UInt32, of blob: BlobID) throws(AnabranchError) -> [UInt8]? {
    do throws(AnabranchError) {
      return try withStore { (store) throws(StoreError) in try store.block(index, of: blob) }
    } catch {
      if error.code == .damaged {
        try? withStore { (store) throws(StoreError) in try store.dropDamaged(index, of: blob) }
      }
      throw error
    }
  }
}

extension AttachmentRecord {
  /// How many of its bytes are here.
  fileprivate var progress: WorkProgress {
    let total = Int64(clamping: content.byteCount ?? 0)
    return switch presence {
    case .whole: WorkProgress(done: total, total: total)
    case .partial(let blocks): WorkProgress(done: min(Int64(blocks) * Int64(Limits.blockBytes), total), total: total)
    case .never: WorkProgress(done: 0, total: total)
    }
  }
}
