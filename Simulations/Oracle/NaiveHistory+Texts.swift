public import AnabranchCore

/// What texts say.
extension NaiveHistory {
  /// What was done to a text, each after what its writer had seen.
  func operations(on text: TextKind, of object: ObjectID) -> [Applied] {
    let isPurged = arePurged(textsOf: object)
    var waiting = operations.filter { $0.target == object && $0.mutation.text == text }
    if isPurged { waiting = waiting.map(\.withoutContent) }
    var ordered: [Applied] = []
    while let next = waiting.first(where: { one in
      !waiting.contains { other in
        other.id != one.id
          && (pasts[one.id.change]?.contains(other.id.change) == true && other.id.change != one.id.change
            || other.id.change == one.id.change && other.id < one.id)
      }
    }) {
      waiting.removeAll { $0.id == next.id }
      ordered.append(next)
    }
    return ordered
  }

  /// A text of an object, other than the body of a message.
  public func text(_ text: TextKind, of object: ObjectID) -> String {
    read(operations(on: text, of: object), from: PartialText(""))
  }

  /// The body of a message as `base` defines it, with its edits; nothing where what it said at first is not there, as on a machine that
  /// took it away on the word of somebody who turned out to have no right to that.
  func body(
    of key: MessageKey, _ base: (message: CreateMessage, updated: Int64?, applied: Applied)
  ) -> String {
    guard !isPurged(key), message(base.applied, chunks: base.message.chunks) != nil else { return "" }
    let words = self.words(of: base.applied, chunks: base.message.chunks)
    let edits = operations(on: .body, of: key.message)
    guard case .imported(let name) = key.message, !edits.isEmpty else { return read(edits, from: words) }
    // Edits stay on the words that they were made on. Each reads on from the first thing that it names.
    var roots: [OperationID: OperationID] = [:]
    var bases: [[String]: (rank: (Int64, Digest, OperationID), text: PartialText, edits: [Applied])] = [:]
    for edit in edits {
      let first = edit.predecessors.first
      let root = first.flatMap { first in named(first, among: edits).flatMap { roots[$0.id] } ?? first }
      roots[edit.id] = root
      var (text, source) = (words, base.applied)
      var updated = base.updated
      for other in operations where other.id == root {
        guard case .importMessage(let told) = other.mutation, told.message == name else { continue }
        (text, source, updated) = (self.words(of: other, chunks: told.base.chunks), other, told.updated)
      }
      let rank = (updated ?? -1, source.operation.contentHash, source.id)
      // By its bytes: two that are written differently are two.
      let key = ["\(Array(text.text.utf8))", "\(text.gone)"]
      let present = bases[key]
      let best = present.map { $0.rank > rank ? $0.rank : rank } ?? rank
      bases[key] = (best, text, (present?.edits ?? []) + [edit])
    }
    let newest = bases.max { $0.value.rank < $1.value.rank }
    return newest.map { read($0.value.edits, from: $0.value.text) } ?? words.text
  }

  /// What a message says at first, without what was purged from it.
  private func words(of applied: Applied, chunks: [OperationID]) -> PartialText {
    guard !isPurged(applied), let text = message(applied, chunks: chunks)?.text else { return PartialText("") }
    return PartialText(text).without(gone(from: applied))
  }

  /// Which of the scalars that an operation inserted were purged.
  func gone(from applied: Applied) -> [Range<Int>] {
    pastPurges(of: applied).flatMap(\.gone)
  }

  /// The operation that `name` is an identifier of.
  private func named(_ name: OperationID, among edits: [Applied]) -> Applied? {
    edits.filter { $0.id.change == name.change && $0.id <= name }.max { $0.id < $1.id }
  }

  /// The text that begins as `base`, after `edits`.
  private func read(_ edits: [Applied], from base: PartialText) -> String {
    let steps = edits.compactMap { edit -> TextOperation? in
      let step = TextOperation(edit.mutation, id: edit.id, content: edit.operation.envelope.content)
      let gone = gone(from: edit)
      guard let inserted = step?.inserted, !gone.isEmpty else { return step }
      return step?.inserting(PartialText(String(decoding: inserted, as: UTF8.self)).without(gone))
    }
    let scalars = base.count + steps.reduce(0) { $0 + $1.edits.reduce(0) { $0 + $1.count } }
    // Scalar by scalar, long texts take too long; what is compared with them is the fast way, all at once.
    guard scalars <= Self.scalarsMax else { return TextDocument(base: base, steps).text }
    var text = NaiveText(base: base)
    var seen: [OperationID: Set<Int>] = [:]
    var all: Set<Int> = []
    for (edit, step) in zip(edits, steps) {
      let before = step.predecessors.compactMap { named($0, among: edits).flatMap { seen[$0.id] } }
      let past = before.reduce(into: Set<Int>()) { $0.formUnion($1) }
      let after = text.add(step, past: past)
      seen[edit.id] = after
      all.formUnion(after)
    }
    return text.text(all)
  }

  /// So many scalars, inserted or deleted, are weighed one by one.
  private static let scalarsMax = 400
}

extension NaiveHistory.Applied {
  /// What an operation on a text names as seen.
  fileprivate var predecessors: [OperationID] {
    switch mutation {
    case .appendText(let append): append.predecessors
    case .editText(let edit): edit.predecessors
    default: []
    }
  }
}
