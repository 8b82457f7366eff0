internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Reads what operations say, from the log, within one reading of the database.
///
/// Keeps the last few changes it decoded: an import puts many messages into one change.
final class ContentReader {
  let db: Database
  let logs: LogState
  /// The changes that were decoded last. A change at a key never becomes another, so these may be handed on.
  private(set) var recent: [(key: ChangeKey, change: Change)]
  /// What was done to texts and is not sealed yet.
  lazy var openChange = Result { try OpenTexts(db, logs) }
  /// What others are writing, as far as it was heard; never stored.
  var words: [TextKey: [TextOperation]] = [:]
  /// Whether anything was ever purged.
  lazy var hasPurges = Result { try db.hasPurges() }

  /// How many decoded changes are kept.
  private static let recentMax = 4

  init(_ db: Database, _ logs: LogState, recent: [(key: ChangeKey, change: Change)] = []) {
    self.db = db
    self.logs = logs
    self.recent = recent
  }

  func operation(_ key: OperationKey) throws -> HeldOperation? {
    guard let change = try change(key.change) else { return nil }
    // Operations lie in ascending order of index.
    var (low, high) = (0, change.operations.count)
    while low < high {
      let middle = low + (high - low) / 2
      if change.operations[middle].index < key.index { low = middle + 1 } else { high = middle }
    }
    guard low < change.operations.count, change.operations[low].index == key.index else { return nil }
    return HeldOperation(id: try logs.operation(of: key), operation: change.operations[low], change: change)
  }

  /// The change at `key`; nil where it is not held.
  func change(_ key: ChangeKey) throws -> Change? {
    if let index = recent.firstIndex(where: { $0.key == key }) { return recent[index].change }
    guard let change = try db.change(key, logs) else { return nil }
    if recent.count == Self.recentMax { recent.removeFirst() }
    recent.append((key, change))
    return change
  }

  /// Whether an object was purged by itself.
  func isPurged(_ object: ObjectKey) throws -> Bool {
    try hasPurges.get() && !db.purges(of: object).isEmpty
  }

  /// Whether a message that `held` defines was purged, or the conversation that it is defined in.
  func isPurged(_ message: ObjectKey, _ held: HeldOperation) throws -> Bool {
    guard try hasPurges.get() else { return false }
    let conversation = try held.operation.envelope.target.flatMap { try db.key(of: $0, logs) }
    return try isPurged(message) || conversation.map { try isPurged($0) } ?? false
  }

  /// Whether what was done to a text of an object was purged: with the object, or with a conversation that holds it.
  func isPurged(textsOf object: ObjectKey) throws -> Bool {
    guard try hasPurges.get() else { return false }
    return try isPurged(object) || db.conversations(of: object, logs).contains { try isPurged($0) }
  }

  /// The content of an operation, its chunks first; nil where a part of it is not there.
  func content(of held: HeldOperation) throws -> ArraySlice<UInt8>? {
    guard let own = held.operation.envelope.content.bytes else { return nil }
    let chunks = held.operation.mutation.chunks
    guard !chunks.isEmpty else { return own }
    var whole: [UInt8] = []
    for chunk in chunks {
      guard let key = logs.key(of: chunk), let held = try operation(key), held.operation.mutation == .chunk,
        let bytes = held.operation.envelope.content.bytes
      else { return nil }
      whole += bytes
    }
    return (whole + own)[...]
  }
}
