internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// What is to be done to a text that the views keep.
struct PendingText {
  /// What is new to it, in a causal order.
  var operations: [TextOperation] = []
  /// Whether any of these does more than add text at its end.
  var isEdited = false
  /// Whether all of it has to be read anew from the log.
  var isRebuilt = false
}

/// Keeps each edited text as it reads.
///
/// What is done to it is collected and merged at the end of a transaction, so that a batch from another device is
/// replayed once.
extension ViewWriter {
  /// So many bytes of operations are collected before they are merged.
  private static let pendingBytesMax = 4 << 20

  /// Takes note of an operation on a text.
  func note(_ operation: Operation, of id: OperationID, on key: TextKey) throws {
    guard let edits = TextOperation(operation.mutation, id: id, content: operation.envelope.content) else { return }
    texts[key, default: PendingText()].operations.append(edits)
    if operation.envelope.kind == .editText { texts[key]?.isEdited = true }
    pendingBytes += (edits.inserted?.count ?? 0) + edits.edits.count * MemoryLayout<TextEdit>.size
  }

  /// Merges what was collected if it has become much.
  func finishTextsIfMany(logs: LogState) throws {
    if pendingBytes > Self.pendingBytesMax { try finishTexts(logs: logs) }
  }

  /// Has what is kept of a text removed if it was purged.
  func reconsiderText(_ key: TextKey) {
    texts[key] = texts[key] ?? PendingText()
  }

  /// Has all texts of a purged object, and of the messages in it, removed.
  func reconsiderTexts(takenWith object: ObjectKey) throws {
    try emptyTail(of: object)
    for key in try db.keptTexts(of: object) + db.keptBodies(in: object) { reconsiderText(key) }
  }

  /// Has all texts of an object read anew from the log.
  func rebuildTexts(of object: ObjectKey) throws {
    for key in try db.keptTexts(of: object) { texts[key, default: PendingText()].isRebuilt = true }
    for key in texts.keys where key.object == object { texts[key]?.isRebuilt = true }
  }

  /// Brings what is kept of texts up to date.
  func finishTexts(logs: LogState) throws {
    guard !texts.isEmpty else { return }
    let reader = ContentReader(db, logs)
    for (key, pending) in texts.sorted(by: { $0.key < $1.key }) { try update(key, pending, reader) }
    texts = [:]
    pendingBytes = 0
  }

  private func update(_ key: TextKey, _ pending: PendingText, _ reader: ContentReader) throws {
    if try reader.isPurged(textsOf: key.object) { return try db.removeText(key) }
    var (operations, isEdited) = (pending.operations, pending.isEdited)
    if pending.isRebuilt {
      try db.removeText(key)
      let all = try reader.sealedOperations(on: key)
      (operations, isEdited) = (all.operations.inCausalOrder, all.isEdited)
    }
    guard let first = operations.first else { return }
    let row = try pending.isRebuilt ? nil : TextRow.fetch(db, key)
    let merger = try row.map { TextMerger($0, reader) } ?? TextMerger(beginning: key, with: first, reader)
    try merger.merge(operations)
    try merger.save(isEdited: isEdited)
  }
}
