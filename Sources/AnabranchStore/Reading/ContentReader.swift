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
  private lazy var openDrafts = readOpenAppends()

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

  /// What a message says, appended text included; nil where its own content is not there.
  func message(_ key: ObjectKey, held: HeldOperation) throws -> MessageContent? {
    guard let bytes = try content(of: held), var content = MessageContent(canonicalBytes: bytes) else {
      return nil
    }
    content.text += try appended(to: key).map(\.text).joined()
    return content
  }

  /// A piece of text at the end of a body.
  struct AppendedText {
    let part: AppendOrder.Part
    let text: String
  }

  /// What was appended to a message, sealed or not, in the order in which it reads.
  func appended(to message: ObjectKey) throws -> [AppendedText] {
    let keys = try db.appends(to: message)
    var pieces = try openAppends()[message] ?? []
    for key in keys {
      guard let held = try operation(key), case .appendText(let append) = held.operation.mutation
      else { continue }
      pieces.append(AppendedText(append, held.id, held.change.time, held.operation.envelope.content))
    }
    let byName = Dictionary(pieces.map { ($0.part.operation, $0) }, uniquingKeysWith: { first, _ in first })
    return AppendOrder.sorted(pieces.map(\.part)).compactMap { byName[$0.operation] }
  }

  /// Text that was appended and is not sealed yet, by message.
  func openAppends() throws -> [ObjectKey: [AppendedText]] {
    try openDrafts.get()
  }

  private func readOpenAppends() -> Result<[ObjectKey: [AppendedText]], any Error> {
    Result {
      guard let open = try OpenChange.load(db, logs), logs.isNext(open.id) else { return [:] }
      var pieces: [ObjectKey: [AppendedText]] = [:]
      var index: UInt32 = 0
      for draft in open.drafts {
        defer { index += draft.span }
        guard case .appendText(let append) = draft.mutation, let target = draft.target,
          let key = try db.key(of: target, logs)
        else { continue }
        let id = OperationID(log: open.id.log, sequence: open.id.sequence, index: index)
        pieces[key, default: []].append(AppendedText(append, id, open.time, draft.content))
      }
      return pieces
    }
  }
}

extension ContentReader.AppendedText {
  /// The text of one append; empty where its content is not there.
  fileprivate init(_ append: AppendText, _ id: OperationID, _ time: HybridTime, _ content: Content) {
    part = AppendOrder.Part(operation: id, time: time, predecessors: append.predecessors)
    text = content.bytes.flatMap { String(utf8: $0) } ?? ""
  }
}
