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
    read(operations(on: text, of: object), from: "")
  }

  /// The body of a message as `base` defines it, with its edits.
  func body(
    of key: MessageKey, _ base: (message: CreateMessage, updated: Int64?, applied: Applied)
  ) -> String {
    let words = content(of: base.message, own: base.applied)?.text ?? ""
    guard !isPurged(key) else { return "" }
    let edits = operations(on: .body, of: key.message)
    guard case .imported(let name) = key.message, !edits.isEmpty else { return read(edits, from: words) }
    // Edits stay on the words that they were made on. Each reads on from the first thing that it names.
    var roots: [OperationID: OperationID] = [:]
    var bases: [[UInt8]: (rank: (Int64, Digest, OperationID), edits: [Applied])] = [:]
    for edit in edits {
      let first = edit.predecessors.first
      let root = first.flatMap { first in named(first, among: edits).flatMap { roots[$0.id] } ?? first }
      roots[edit.id] = root
      var (text, source) = (words, base.applied)
      var updated = base.updated
      for other in operations where other.id == root {
        guard case .importMessage(let told) = other.mutation, told.message == name else { continue }
        (text, source, updated) = (content(of: told.base, own: other)?.text ?? "", other, told.updated)
      }
      let rank = (updated ?? -1, source.operation.contentHash, source.id)
      let present = bases[Array(text.utf8)]
      let best = present.map { $0.rank > rank ? $0.rank : rank } ?? rank
      bases[Array(text.utf8)] = (best, (present?.edits ?? []) + [edit])
    }
    let newest = bases.max { $0.value.rank < $1.value.rank }
    return newest.map { read($0.value.edits, from: String(decoding: $0.key, as: UTF8.self)) } ?? words
  }

  /// The operation that `name` is an identifier of.
  private func named(_ name: OperationID, among edits: [Applied]) -> Applied? {
    edits.filter { $0.id.change == name.change && $0.id <= name }.max { $0.id < $1.id }
  }

  /// The text that begins as `base`, after `edits`.
  private func read(_ edits: [Applied], from base: String) -> String {
    let steps = edits.compactMap { edit in
      TextOperation(edit.mutation, id: edit.id, content: edit.operation.envelope.content)
    }
    let scalars = base.unicodeScalars.count + steps.reduce(0) { $0 + $1.edits.reduce(0) { $0 + $1.count } }
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
