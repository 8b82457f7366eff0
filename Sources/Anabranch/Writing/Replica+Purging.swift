public import AnabranchCore
public import AnabranchStore

/// Something that was purged, and which devices still have bytes of it.
public struct PurgeStatus: Hashable, Sendable {
  /// A device that has, or had, the history.
  public struct Device: Hashable, Sendable {
    /// Its public key.
    public var key: Digest
    /// What its person calls it; nil where this replica never met it.
    public var name: String?
  }

  /// The purge.
  public var record: PurgeRecord
  /// The devices that said that no byte of it is left there.
  public var confirmed: [Device]
  /// Those that have not said so yet.
  public var outstanding: [Device]
}

extension Replica {
  /// Takes a conversation, a message, or an attached file away for good, on every device and whatever they do to it meanwhile.
  ///
  /// It is hidden at once, here and wherever this reaches. Its bytes go a day later, or at once where `immediately` is
  /// true: by ``eraseStep()``, which a running server does by itself. Importing does not bring it back, nor does any
  /// undo. Of what is purged already, but still has bytes here, `immediately` has these overwritten at once, on every
  /// device. Throws ``AnabranchError/Code/notFound`` where there is no such object, and ``AnabranchError/Code/purged``
  /// where it is gone already.
  public func purge(_ id: ObjectID, immediately: Bool = false) throws(AnabranchError) {
    if immediately, try purges().contains(where: { $0.record.id == id && !$0.record.isPast && $0.record.due != nil }) {
      return try writePurge(of: id, immediately: true)
    }
    try checkNotPurged(id)
    // What was taken back shows no more, and can be taken away for good all the same.
    let isHere = try withStore { (store) throws(StoreError) -> Bool in
      if try store.isTakenBack(id) { return true }
      if try store.message(id) != nil { return true }
      return try store.sameFiles(as: id) != nil
    }
    if !isHere { try checkExists(id) }
    try writePurge(of: id, immediately: immediately)
  }

  private func writePurge(of id: ObjectID, immediately: Bool) throws(AnabranchError) {
    let conversation = try write { (writer, store) throws(StoreError) in
      let file = try store.sameFiles(as: id)
      // Each time that the same file was attached to the message, or it would show again.
      for target in file?.additions.map(ObjectID.native) ?? [id] {
        try writer.add(Draft(kind: .purge, target: target, mutation: .purge(Purge(isImmediate: immediately))))
      }
      _ = try writer.flush()
      return try store.message(file?.message ?? id)?.conversation ?? id
    }
    notify([conversation])
  }

  /// Takes what was deleted from a text for good, on every device: a password that was pasted, and deleted since. What
  /// shows stays as it is, and who wrote it; earlier versions show what is left of them. Returns how many characters go.
  ///
  /// Where a message was imported, it is not imported again. Throws ``AnabranchError/Code/notFound`` where there is no
  /// such message or conversation, or a part of the text is not on this device.
  @discardableResult
  public func purgePast(
    of text: TextKind, in object: ObjectID, immediately: Bool = false
  ) throws(AnabranchError) -> Int {
    try sealOpenChange()
    let past = try past(of: text, in: object)
    guard !past.isEmpty else { return 0 }
    try write(past, from: object, immediately)
    return past.reduce(0) { $0 + $1.goneCount }
  }

  /// How many characters ``purgePast(of:in:immediately:)`` would take.
  public func pastCount(of text: TextKind, in object: ObjectID) throws(AnabranchError) -> Int {
    try past(of: text, in: object).reduce(0) { $0 + $1.goneCount }
  }

  private func past(of text: TextKind, in object: ObjectID) throws(AnabranchError) -> [PastContent] {
    try checkNotPurged(object)
    guard let past = try withStore({ (store) throws(StoreError) in try store.past(of: text, in: object) }) else {
      throw AnabranchError(
        .notFound, "there is no \(text == .body ? "message" : "conversation") \(object)",
        remedy: "see `anabranch list` for conversations, `anabranch show` for messages")
    }
    return past
  }

  /// What ``purge(_:immediately:)`` would take. Throws ``AnabranchError/Code/notFound`` where there is no such object.
  public func purgePreview(of id: ObjectID) throws(AnabranchError) -> PurgePreview {
    try checkNotPurged(id)
    guard let preview = try withStore({ (store) throws(StoreError) in try store.purgePreview(of: id) }) else {
      throw AnabranchError(
        .notFound, "there is no conversation and no message \(id)", remedy: "see `anabranch list` and `anabranch show`")
    }
    return preview
  }

  /// Does one step of taking the bytes of what was purged from this device's disk, as far as they are due.
  ///
  /// To be called again as long as it returns ``ErasureProgress/more``. At the end this device tells the others.
  @discardableResult
  public func eraseStep() throws(AnabranchError) -> ErasureProgress {
    _ = try deviceKey()
    let wall = surroundings.wall()
    let before = try withStore { (store) in store.vector }
    let progress = try withStore { (store) throws(StoreError) in try store.eraseStep(wall: wall) }
    if try withStore({ (store) in store.vector }) != before { notify([]) }
    return progress
  }

  /// Writes purges of the past of an object's texts.
  private func write(_ past: [PastContent], from object: ObjectID, _ isImmediate: Bool) throws(AnabranchError) {
    let conversation = try write { (writer, store) throws(StoreError) in
      for content in past {
        let (chunks, rest) = try writer.cut(content.kept)
        let purge = PurgePast(
          of: content.operation, gone: content.gone, count: content.count, isImmediate: isImmediate, chunks: chunks)
        try writer.add(
          Draft(kind: .purgePast, target: object, mutation: .purgePast(purge), content: writer.content(rest)))
      }
      _ = try writer.flush()
      return try store.message(object)?.conversation ?? object
    }
    notify([conversation])
  }

  /// All that was purged, the last one first, and who has carried it out.
  public func purges() throws(AnabranchError) -> [PurgeStatus] {
    try withStore { (store) throws(StoreError) in
      try store.consistently { () throws(StoreError) in
        let devices = try Self.devices(of: store)
        return try store.purges().map { record in
          let confirmed = Set(record.receipts.compactMap { store.device(of: $0) })
          return PurgeStatus(
            record: record, confirmed: devices.filter { confirmed.contains($0.key) },
            outstanding: devices.filter { !confirmed.contains($0.key) })
        }
      }
    }
  }

  /// The devices that write a log here, or were met, this one included; in ascending order of their keys.
  private static func devices(of store: Store) throws(StoreError) -> [PurgeStatus.Device] {
    let names = try deviceNames(store)
    var devices = Set(store.heads.compactMap { log, _, _ in store.device(of: log) })
    devices.formUnion(try store.peers().map(\.device))
    return devices.sorted().map { PurgeStatus.Device(key: $0, name: names[$0]) }
  }
}

extension PastContent {
  fileprivate var goneCount: Int {
    gone.reduce(0) { $0 + $1.count }
  }
}
