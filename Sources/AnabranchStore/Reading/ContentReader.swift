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

  private func change(_ key: ChangeKey) throws -> Change? {
    if let index = recent.firstIndex(where: { $0.key == key }) { return recent[index].change }
    guard let change = try db.change(key, logs) else { return nil }
    if recent.count == Self.recentMax { recent.removeFirst() }
    recent.append((key, change))
    return change
  }

  /// The content of an operation, its chunks first; nil where a part of it is not there.
  func content(of held: HeldOperation) throws -> ArraySlice<UInt8>? {
    guard let own = held.operation.envelope.content.bytes else { return nil }
    let chunks: [OperationID] =
      switch held.operation.mutation {
      case .createMessage(let message): message.chunks
      case .importMessage(let source): source.base.chunks
      case .importConversation(let source): source.chunks
      default: []
      }
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
