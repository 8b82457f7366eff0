internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A text as the views keep it, with what is open.
struct CurrentText {
  let text: String
  /// How many scalars it has, those included that are not there.
  let count: Int
  /// What the next edit builds on; empty where nothing was done to it.
  let heads: [OperationID]
  /// Whether anything that is sealed did more than add text at the end.
  let isEdited: Bool
}

extension ContentReader {
  /// A text as it reads; nil where the views keep none: where nothing was done to it that is sealed, where it was purged,
  /// and where the words of several imports were edited. O(text).
  func currentText(_ key: TextKey) throws -> CurrentText? {
    guard let merger = try merger(of: key) else { return nil }
    let bytes =
      try openChange.get().operations[key] == nil
      ? PagedText.bytes(db, of: key) : merger.wholeBytes()
    guard let text = String(utf8: bytes), text.scalarCount <= merger.row.count else {
      throw StoreError(.damaged, "a text in the views cannot be read", remedy: "see `anabranch inspect check`")
    }
    return CurrentText(
      text: text, count: merger.row.count, heads: try heads(of: merger.row), isEdited: merger.row.isEdited)
  }

  /// What the next edit of a text builds on, and how many scalars that has; nil where ``currentText(_:)`` is.
  func currentEnd(_ key: TextKey) throws -> (heads: [OperationID], count: Int)? {
    try merger(of: key).map { (try heads(of: $0.row), $0.row.count) }
  }

  /// The names of a text's version; where nothing was done to it, of what it begins with, if that is known.
  private func heads(of row: TextRow) throws -> [OperationID] {
    let version = row.version ?? []
    return try (version.isEmpty ? row.root.map { [$0] } ?? [] : version).map { try logs.operation(of: $0) }.sorted()
  }

  /// A text that the views keep, after what is open.
  private func merger(of key: TextKey) throws -> TextMerger? {
    guard let row = try TextRow.fetch(db, key), row.version != nil, try !isPurged(textsOf: key.object) else {
      return nil
    }
    let merger = TextMerger(row, self)
    try merger.merge(openChange.get().operations[key] ?? [])
    return merger.row.version == nil ? nil : merger
  }

  /// What a text begins with that nobody has edited, as the writer of `first` saw it, and for an imported message the
  /// import that says so; nil where that is not known.
  func beginning(
    of key: TextKey, seenBy first: TextOperation
  ) throws -> (root: OperationID?, text: PartialText)? {
    let nothing = PartialText("")
    guard key.text == .body else { return (nil, nothing) }
    if key.object < 0 {
      return try first.predecessors.first.flatMap { root in
        try importing(root, of: key.object).map { (root, $0.text) }
      }
    }
    guard let held = try operation(deciding: OperationKey(rawValue: key.object)),
      case .createMessage = held.operation.mutation
    else { return (nil, nothing) }
    return (nil, try base(of: held)?.text ?? nothing)
  }
}
