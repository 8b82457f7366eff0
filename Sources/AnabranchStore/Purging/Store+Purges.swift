public import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A purge, and who has carried it out.
public struct PurgeRecord: Hashable, Sendable {
  /// What was purged.
  public var id: ObjectID
  /// What that was.
  public var kind: ObjectKind
  /// Whether only what was deleted from its texts went, and it still shows.
  public var isPast: Bool
  /// The operation that purged it; of several that did so together, the first.
  public var operation: OperationID
  /// When, on its writer's hybrid clock.
  public var time: HybridTime
  /// When the bytes go here, milliseconds since 1970; nil where they are gone.
  public var due: Int64?
  /// The logs whose writers said that they have no bytes of it left, in ascending order.
  public var receipts: [LogID]
  /// Messages of this replica's own log that it took and its writer had not seen.
  public var unseen: Int
}

/// What a purge would take.
public struct PurgePreview: Hashable, Sendable {
  /// How many messages.
  public var messages: Int
  /// How many contents: of messages, edits, titles, tags, and what nobody sees any more of these.
  public var contents: Int
  /// How many bytes these have, files apart.
  public var bytes: Int
  /// How many files.
  public var files = 0
  /// How many bytes these have, as far as somebody said.
  public var fileBytes: UInt64 = 0
  /// How many of the files stay, since something else has them attached too.
  public var filesStaying = 0
}

extension Store {
  /// Whether an object was purged, or the conversation that it is a message of.
  public func isPurged(_ id: ObjectID) throws(StoreError) -> Bool {
    try reading(onlyRows: true) { db in
      guard let key = try db.key(of: id, state), try db.hasPurges() else { return false }
      guard try db.purges(of: key).isEmpty else { return true }
      let conversations = try db.conversations(of: key, state)
      return try !conversations.isEmpty && conversations.allSatisfy { try !db.purges(of: $0).isEmpty }
    }
  }

  /// Whether an object was made or imported, and taken back since, so that it does not show.
  public func isTakenBack(_ id: ObjectID) throws(StoreError) -> Bool {
    try reading { db in
      guard let key = try db.key(of: id, state) else { return false }
      if try ConversationRow.fetch(db, key: key)?.hidden == true { return true }
      return try db.conversations(of: key, state).contains {
        try MessageRow.fetch(db, conversation: $0, key: key, from: .hidden) != nil
      }
    }
  }

  /// Whether something was purged from the past of what a message says.
  public func hasPurgedPast(_ id: ObjectID) throws(StoreError) -> Bool {
    try reading(onlyRows: true) { db in
      guard let key = try db.key(of: id, state) else { return false }
      return try !db.redactions(on: key).isEmpty
    }
  }

  /// All purges, the last one first. O(purges).
  public func purges() throws(StoreError) -> [PurgeRecord] {
    try reading { db in
      let rows = try db.all("SELECT object, operation FROM purge") { _ in
      } _: {
        (object: try $0.integer(0), operation: OperationKey(rawValue: try $0.integer(1)))
      }
      // What went from one object in one change went together.
      let past = try db.all("SELECT object, min(purge) FROM redaction GROUP BY object, purge >> 19") { _ in
      } _: {
        (object: try $0.integer(0), operation: OperationKey(rawValue: try $0.integer(1)))
      }
      return try (rows + past).map { try record(of: $0.operation, on: $0.object, db) }
        .sorted { ($0.time, $0.operation) > ($1.time, $1.operation) }
    }
  }

  private func record(of purge: OperationKey, on object: ObjectKey, _ db: Database) throws -> PurgeRecord {
    let held = try db.operation(purge, state)
    let kind = try db.kind(of: object, state)
    var isPast = false
    if case .purgePast = held.operation.mutation { isPast = true }
    return PurgeRecord(
      id: try ObjectID(key: object, logs: state, db), kind: kind, isPast: isPast,
      operation: held.id,
      time: held.change.time, due: try db.due(purge),
      receipts: try Set(db.receipts(for: purge).map { try state.operation(of: $0).log }).sorted(),
      unseen: try kind == .conversation && !isPast ? ownMessages(in: object, unseenBy: held, db) : 0)
  }

  private func ownMessages(in conversation: ObjectKey, unseenBy purge: HeldOperation, _ db: Database) throws -> Int {
    guard let own = state.own, own != purge.id.log, let ordinal = state.ordinal(of: own) else { return 0 }
    let seen = OperationKey(ordinal: ordinal, sequence: purge.change.seen[own], index: OperationID.indexMax).rawValue
    return try db.messageCount(
      of: conversation, in: [(after: seen, last: OperationKey.range(ofOrdinal: ordinal).upperBound)])
  }

  /// What a purge of `id` would take; nil where there is no such object. O(what it would take).
  public func purgePreview(of id: ObjectID) throws(StoreError) -> PurgePreview? {
    try reading { db in
      guard let key = try db.key(of: id, state) else { return nil }
      let reader = ContentReader(db, state)
      var preview = PurgePreview(messages: 1, contents: 0, bytes: 0)
      switch try db.kind(of: key, state) {
      case .attachment:
        preview.messages = 0
      case .message:
        break
      case .conversation:
        guard let row = try ConversationRow.fetch(db, key: key), row.exists || row.hidden == true else { return nil }
        preview.messages = Int(row.messages)
      }
      var blobs: Set<BlobID> = []
      var operations = try Array(db.operations(takenWith: key, state).reversed())
      var taken = Set(operations)
      while let next = operations.popLast() {
        taken.insert(next)
        guard let held = try reader.operation(next) else { continue }
        operations += try db.chunks(of: held.operation.mutation, state)
        guard let bytes = held.operation.envelope.content.bytes else { continue }
        preview.contents += 1
        preview.bytes += bytes.count
        if let file = db.attachment(by: held.operation), let blob = file.blob, blobs.insert(blob).inserted {
          preview.files += 1
          preview.fileBytes &+= file.byteCount ?? 0
        }
      }
      for blob in blobs where try db.needers(of: blob).contains(where: { !taken.contains($0) }) {
        preview.filesStaying += 1
      }
      return preview
    }
  }
}

extension Database {
  /// When the bytes go that a purge takes, milliseconds since 1970, 0 for at once; nil where they are gone.
  func due(_ purge: OperationKey) throws -> Int64? {
    try first("SELECT due FROM erasure WHERE purge = ?") {
      $0.add(purge.rawValue)
    } _: {
      try $0.integer(0)
    }
  }
}
