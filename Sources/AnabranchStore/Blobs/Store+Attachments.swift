public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// The files attached to a message, each once, in the order in which they were attached. O(attachments).
  public func attachments(of id: ObjectID) throws(StoreError) -> [AttachmentRecord] {
    try reading(onlyRows: true) { db in
      guard let key = try db.key(of: id, state) else { return [] }
      return try ContentReader(showing: db, state).attachments(of: key)
    }
  }

  /// The attachment that an addition made; nil where there is none, or it was taken away or purged.
  public func attachment(_ id: ObjectID) throws(StoreError) -> AttachmentRecord? {
    try reading(onlyRows: true) { db in
      guard let operation = id.operation, let key = state.key(of: operation),
        let held = try ContentReader(db, state).operation(key),
        case .addElement(let add) = held.operation.mutation, add.set == .attachments,
        let message = try held.operation.envelope.target.flatMap({ try db.key(of: $0, state) }),
        try db.additions(.attachments, of: message).contains(key)
      else { return nil }
      let reader = ContentReader(db, state)
      return try reader.isPurged(textsOf: message) ? nil : reader.attachment(key, of: message)
    }
  }

  /// The message that an addition attached a file to, whether the file is still attached or not, and all additions to it
  /// of the same file: equal ones, and what a source calls the same; nil where it attached none. O(attachments).
  public func sameFiles(as id: ObjectID) throws(StoreError) -> (message: ObjectID, additions: [OperationID])? {
    try reading(onlyRows: true) { db in
      let reader = ContentReader(db, state)
      guard let operation = id.operation, let key = state.key(of: operation), let held = try reader.operation(key),
        case .addElement(let add) = held.operation.mutation, add.set == .attachments,
        let target = held.operation.envelope.target, let message = try db.key(of: target, state)
      else { return nil }
      guard let own = db.attachment(by: held.operation) else { return (target, [operation]) }
      let all = try Set(db.additions(.attachments, of: message) + db.unshown(of: message))
      let same = try all.filter { other in
        guard let held = try reader.operation(other), let content = db.attachment(by: held.operation) else {
          return false
        }
        return content == own || (own.sourceID != nil && content.sourceID == own.sourceID)
      }
      return (target, try (same.union([key])).sorted().map { try state.operation(of: $0) })
    }
  }

  /// The conversations of messages to which a blob is attached.
  public func conversations(with blob: BlobID) throws(StoreError) -> Set<ObjectID> {
    try reading(onlyRows: true) { db in
      let operations = try db.all("SELECT operation FROM attached WHERE blob = ?") {
        $0.add(blob.digest)
      } _: {
        OperationKey(rawValue: try $0.integer(0))
      }
      let reader = ContentReader(db, state)
      var found: Set<ObjectID> = []
      for operation in operations {
        guard let message = try reader.operation(operation)?.operation.envelope.target,
          let key = try db.key(of: message, state)
        else { continue }
        for conversation in try db.conversations(of: key, state) {
          found.insert(try ObjectID(key: conversation, logs: state, db))
        }
      }
      return found
    }
  }

  /// Wants a blob, whatever this device's rule says, or no longer.
  public func want(_ blob: BlobID, _ isWanted: Bool = true) throws(StoreError) {
    try transaction { db, _ in
      try db.run("UPDATE blob SET wanted = ? WHERE id = ?") { values in
        values.add(isWanted)
        values.add(blob.digest)
      }
    }
  }

  /// Blobs that are not whole here and that something needs: all of at most `bytesMax` bytes, none for nil, and those that
  /// were wanted by name; the smallest first, without `excluded`, and at most `limit`. What was purged is not wanted, from
  /// the purge on. O(blobs that are lacking).
  public func wantedBlobs(
    upTo bytesMax: UInt64?, excluding excluded: Set<BlobID>, limit: Int
  ) throws(StoreError) -> [BlobID] {
    try reading(onlyRows: true) { db in
      let all = try db.all(
        "SELECT id FROM blob WHERE missing > 0 AND (bytes <= ? OR wanted = 1) ORDER BY bytes, number"
      ) {
        $0.add(bytesMax.map { Int64(clamping: $0) } ?? -1)
      } _: { columns in
        Digest(try columns.bytes(0)).map { BlobID($0) }
      }
      let reader = ContentReader(db, state)
      var wanted: [BlobID] = []
      for case let blob? in all where wanted.count < limit {
        if try !excluded.contains(blob) && reader.isNeeded(blob) { wanted.append(blob) }
      }
      return wanted
    }
  }

  /// What is here of all attached files, and what is lacking of those that something needs. O(blobs).
  public func attachmentTotals() throws(StoreError) -> AttachmentTotals {
    try attachmentTotals(without: [])
  }

  /// The same, and those that are `damaged` count as neither.
  func attachmentTotals(without damaged: Set<BlobID>) throws(StoreError) -> AttachmentTotals {
    try reading(onlyRows: true) { db in
      var totals = AttachmentTotals()
      let rows = try db.all("SELECT missing, bytes, id FROM blob WHERE missing >= 0") { _ in
      } _: {
        (missing: try $0.integer(0), bytes: UInt64(clamping: try $0.integer(1)), blob: Digest(try $0.bytes(2)))
      }
      let reader = ContentReader(db, state)
      for row in rows {
        // One whose name is none is nobody's.
        guard let blob = row.blob.map({ BlobID($0) }), !damaged.contains(blob) else { continue }
        if row.missing == 0 {
          totals.whole += 1
          totals.wholeBytes &+= row.bytes
        } else if try reader.isNeeded(blob) {
          totals.lacking += 1
          totals.lackingBytes &+= row.bytes
        }
      }
      return totals
    }
  }
}

extension ContentReader {
  /// The files attached to a message. Of several additions that say the same the first counts, and where a source's file
  /// came later, with its bytes, not the one without.
  func attachments(of message: ObjectKey) throws -> [AttachmentRecord] {
    let additions = try db.additions(.attachments, of: message)
    guard !additions.isEmpty, try !isPurged(textsOf: message) else { return [] }
    let records = try additions.compactMap { addition in
      try attachment(addition, of: message).map { (operation: try logs.operation(of: addition), record: $0) }
    }
    .sorted { ($0.record.time, $0.operation) < ($1.record.time, $1.operation) }.map(\.record)
    let brought = Set(records.compactMap { $0.content.blob == nil ? nil : $0.content.sourceID })
    var said: Set<AttachmentContent> = []
    return records.filter { record in
      if record.content.blob == nil, let source = record.content.sourceID, brought.contains(source) { return false }
      return said.insert(record.content).inserted
    }
  }

  /// The attachment that the addition at `key` made; nil where it was purged, or what it says is not here.
  func attachment(_ key: OperationKey, of message: ObjectKey) throws -> AttachmentRecord? {
    guard let held = try operation(key), let bytes = held.operation.envelope.content.bytes,
      let content = AttachmentContent(canonicalBytes: bytes), try !isPurged(key.rawValue)
    else { return nil }
    let id = ObjectID.native(held.id)
    let target = try ObjectID(key: message, logs: logs, db)
    guard let blob = content.blob else {
      return AttachmentRecord(
        id: id, message: target, content: content, log: held.id.log, time: held.change.time, presence: .never,
        holders: [])
    }
    let row = try BlobRow.fetch(db, blob)
    let presence: AttachmentRecord.Presence =
      if let row, row.isWhole { .whole } else { .partial(blocks: try row.map { try db.blocks(of: $0).count } ?? 0) }
    return AttachmentRecord(
      id: id, message: target, content: content, log: held.id.log, time: held.change.time,
      presence: presence, holders: try db.holders(of: blob))
  }
}

extension Database {
  /// The devices that said that they have a blob.
  fileprivate func holders(of blob: BlobID) throws -> [Digest] {
    try all("SELECT device FROM blob_holder WHERE blob = ? ORDER BY device") {
      $0.add(blob.digest)
    } _: {
      Digest(try $0.bytes(0))
    }.compactMap { $0 }
  }
}
