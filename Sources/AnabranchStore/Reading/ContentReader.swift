internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Reads what operations say, from the log, within one reading of the database.
///
/// Keeps the last few changes it decoded: an import puts many messages into one change.
///
/// A damaged change that is passed over, see ``Store/passOver(_:)``, reads as one without content where contents are shown, and nowhere
/// else: what weighs operations, such as who wins, or what a text reads like after all its edits, would come out wrong without one.
final class ContentReader {
  let db: Database
  let logs: LogState
  /// Whether contents are shown by what the views say, and only read of the log.
  private let isShowing: Bool
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

  /// Reads for what weighs operations: throws where one cannot be read.
  init(_ db: Database, _ logs: LogState, recent: [(key: ChangeKey, change: Change)] = []) {
    (self.db, self.logs, self.recent, isShowing) = (db, logs, recent, false)
  }

  /// Reads for what shows contents.
  init(showing db: Database, _ logs: LogState) {
    (self.db, self.logs, recent, isShowing) = (db, logs, [], true)
  }

  /// The operation at `key`; nil where it is not held, or its content is shown and its change is passed over.
  func operation(_ key: OperationKey) throws -> HeldOperation? {
    try change(key.change).flatMap { try operation(key, in: $0) }
  }

  /// The same of one that decides what others amount to, and so is never passed over.
  func operation(deciding key: OperationKey) throws -> HeldOperation? {
    guard let change = try change(key.change) ?? db.change(key.change, logs) else { return nil }
    return try operation(key, in: change)
  }

  private func operation(_ key: OperationKey, in change: Change) throws -> HeldOperation? {
    // Operations lie in ascending order of index.
    var (low, high) = (0, change.operations.count)
    while low < high {
      let middle = low + (high - low) / 2
      if change.operations[middle].index < key.index { low = middle + 1 } else { high = middle }
    }
    guard low < change.operations.count, change.operations[low].index == key.index else { return nil }
    return HeldOperation(id: try logs.operation(of: key), operation: change.operations[low], change: change)
  }

  /// The change at `key`, as an ``operation(_:)`` of it.
  func change(_ key: ChangeKey) throws -> Change? {
    if let index = recent.firstIndex(where: { $0.key == key }) { return recent[index].change }
    guard let change = try decode(key) else { return nil }
    if recent.count == Self.recentMax { recent.removeFirst() }
    recent.append((key, change))
    return change
  }

  /// The same of a change that is looked at once, and not kept.
  func decode(_ key: ChangeKey) throws -> Change? {
    guard isShowing else { return try db.change(key, logs) }
    return try logs.passingOver(key) { try db.change(key, logs) }
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
