/// What takes back what some operations did to a text: edits of the text as it is now.
///
/// What they inserted and still shows goes. What they deleted, and nobody else did, comes again where it stood: right
/// after what stood before it and is there. What others wrote stays as it is.
public struct TextUndo: Hashable, Sendable {
  /// What to do to the text as it is now; empty where nothing of it stands any more.
  public private(set) var edits = TextEdits()
  /// How many of the deleted scalars cannot come again, because what they said is not there any more.
  public private(set) var lost = 0
  /// Where all that ``edits`` insert was before, in order.
  public private(set) var origins: [TextOrigin] = []

  /// So many scalars, inserted and deleted, of one text are weighed at most where deletions are taken back: 2²⁴, and 2²⁰ of
  /// which nothing is here but their number. Of a longer one no deletion is taken back.
  public static let (scalarsMax, absentMax) = (1 << 24, 1 << 20)

  /// Takes back those of `operations` that are named by `undone`; the text began as `base`.
  ///
  /// `regained` tells where what an operation inserted was before, if it only came again: it counts as inserted by all that
  /// inserted it one after the other. `stands` tells whether another operation counts, which deleted something at the same
  /// time: one that was itself taken back does not. O(undone deletions × history), and O(history) where nothing undone
  /// deletes.
  public init(
    of undone: Set<OperationID>, in operations: [TextOperation], base: PartialText,
    regained: [OperationID: [TextOrigin]] = [:], stands: (OperationID) throws -> Bool = { _ in true }
  ) rethrows {
    let lineage = TextLineage(regained)
    let document = TextDocument(base: base, operations)
    guard operations.contains(where: { undone.contains($0.id) && $0.edits.contains(where: \.isDeletion) }) else {
      deleteWords(of: undone, in: document, lineage)
      return
    }
    var scalars = base.count
    for edit in operations.lazy.flatMap(\.edits) where scalars <= Self.scalarsMax { scalars += edit.count }
    let absent = document.spans.reduce(0) { $0 + ($1.text.isEmpty ? $1.count : 0) }
    guard scalars <= Self.scalarsMax, absent <= Self.absentMax else { return }
    let history = TextPast(operations, base: base)
    func isUndone(_ name: TextScalar.Name) -> Bool {
      guard !regained.isEmpty else { return name.operation.map(undone.contains) ?? false }
      return lineage.names(of: name).contains { $0.operation.map(undone.contains) ?? false }
    }
    var sequence = TextSequence(document.scalars) { lineage.root(of: $0) }
    // What was deleted last comes first: what was deleted before that stood beside it.
    for (index, operation) in history.operations.enumerated().reversed() where undone.contains(operation.id) {
      guard operation.edits.contains(where: \.isDeletion) else { continue }
      var elsewhere: Set<TextScalar.Name> = []
      for other in history.concurrentDeletions(with: index, besides: undone) {
        guard try stands(history.operations[other].id) else { continue }
        elsewhere.formUnion(history.deleted(by: other).compactMap(\.name))
      }
      let deleted = history.deleted(by: index)
      lost += deleted.count { $0.name == nil || $0.scalar == nil }
      let returning = Set(deleted.compactMap(\.name)).filter { !isUndone($0) && !elsewhere.contains($0) }
      guard !returning.isEmpty else { continue }
      sequence.restore(returning, asIn: history.text(before: index)) { lineage.root(of: $0) }
    }
    edit(sequence, isUndone)
  }

  /// The edits that take out of a text what `undone` inserted, or brought back. O(spans, and scalars that came again).
  private mutating func deleteWords(of undone: Set<OperationID>, in document: TextDocument, _ lineage: TextLineage) {
    var position = 0
    func take(_ count: Int, _ isUndone: Bool, _ edits: inout TextEdits) {
      if isUndone { edits.delete(position..<position + count) } else { position += count }
    }
    for span in document.spans {
      if span.text.isEmpty {
        position += span.count
      } else if let operation = span.operation, lineage.came(operation) {
        for offset in span.offset..<span.offset + span.count {
          let names = lineage.names(of: .init(operation: operation, offset: offset))
          take(1, names.contains { $0.operation.map(undone.contains) ?? false }, &edits)
        }
      } else {
        take(span.count, span.operation.map(undone.contains) ?? false, &edits)
      }
    }
  }

  /// The edits that take out of a text what `isUndone`, and insert what was restored in it.
  private mutating func edit(_ sequence: TextSequence, _ isUndone: (TextScalar.Name) -> Bool) {
    var position = 0
    var inserted = String.UnicodeScalarView()
    func flush(_ edits: inout TextEdits) {
      guard !inserted.isEmpty else { return }
      edits.insert(String(inserted), at: position)
      position += inserted.count
      inserted = .init()
    }
    sequence.forEach { scalar, isRestored in
      if isRestored, let name = scalar.name, let scalar = scalar.scalar {
        inserted.append(scalar)
        note(name)
        return
      }
      flush(&edits)
      if let name = scalar.name, isUndone(name) {
        edits.delete(position..<position + 1)
      } else {
        position += 1
      }
    }
    flush(&edits)
  }

  private mutating func note(_ name: TextScalar.Name) {
    if let last = origins.last, last.operation == name.operation, last.offset + last.count == name.offset {
      origins[origins.count - 1].count += 1
    } else {
      origins.append(TextOrigin(operation: name.operation, offset: name.offset, count: 1))
    }
  }
}
