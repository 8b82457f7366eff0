import AnabranchCore
import AnabranchOracle
import AnabranchTestSupport
import SeededRandom

/// A text that a few people edited at the same time, as chance would have it.
struct EditedText {
  var base: String
  var steps: [TextOperation] = []
  /// What the reference says of all of it.
  private(set) var text = ""

  private struct Writer {
    var seen: Set<Int> = []
    var heads: Set<Int> = []
    var sequence: UInt32 = 0
  }

  init(seed: UInt64, steps count: Int, writers: Int = 3) {
    var random = RandomStream(seed: seed, "text")
    base = random.chance(1, in: 2) ? "" : random.words(1...4)
    var reference = NaiveText(base: base)
    var people = [Writer](repeating: Writer(), count: writers)
    for step in 0..<count {
      let author = random.below(writers)
      if random.chance(1, in: 3) {
        let other = people[random.below(writers)]
        people[author].seen.formUnion(other.seen)
        people[author].heads = heads(people[author].heads.union(other.heads))
      }
      people[author].sequence += 1
      let length = reference.text(people[author].seen).unicodeScalars.count
      let (edits, inserted) = Self.edits(in: length, &random)
      let id = OperationID(
        log: LogID(Bytes16(high: UInt64(author) + 1, low: 0)), sequence: people[author].sequence, index: 0)
      let operation = TextOperation(
        id: id, predecessors: people[author].heads.map { steps[$0].id }, edits: edits,
        inserted: Array(inserted.utf8)[...])
      steps.append(operation)
      people[author].seen = reference.add(operation, past: people[author].seen)
      people[author].heads = [step]
    }
    text = reference.text(people.reduce(into: []) { $0.formUnion($1.seen) })
  }

  /// Those of `candidates` that are not in another's past.
  private func heads(_ candidates: Set<Int>) -> Set<Int> {
    candidates.filter { head in !candidates.contains { $0 != head && past(of: $0).contains(head) } }
  }

  func past(of step: Int) -> Set<Int> {
    var past: Set<Int> = []
    var waiting = [step]
    while let next = waiting.popLast() {
      guard past.insert(next).inserted else { continue }
      for name in steps[next].predecessors { waiting += steps.indices.filter { steps[$0].id == name } }
    }
    return past
  }

  /// Its document, given the steps of each batch, and merged after each.
  func document(in batches: [[Int]]) -> TextDocument {
    var document = TextDocument(base: base)
    for batch in batches {
      for step in batch.map({ steps[$0] }) {
        document.add(step)
      }
      document.merge()
    }
    return document
  }

  /// All steps in some causal order and some batches.
  func batches(_ random: inout RandomStream) -> [[Int]] {
    var batches: [[Int]] = [[]]
    var done: Set<Int> = []
    let pasts = steps.indices.map { past(of: $0).subtracting([$0]) }
    while done.count < steps.count {
      // What a writer did comes in the order in which they did it.
      let ready = steps.indices.filter { step in
        !done.contains(step) && pasts[step].isSubset(of: done)
          && steps.indices.allSatisfy { $0 >= step || done.contains($0) || steps[$0].id.log != steps[step].id.log }
      }
      guard let next = random.pick(ready) else { break }
      done.insert(next)
      batches[batches.count - 1].append(next)
      if random.chance(1, in: 4) { batches.append([]) }
    }
    return batches
  }

  private static func edits(in length: Int, _ random: inout RandomStream) -> ([TextEdit], String) {
    var (length, inserted) = (length, "")
    var edits: [TextEdit] = []
    for _ in 0..<random.one(of: 1, 1, 2, 3) {
      let isPast = random.chance(1, in: 40)
      let position = isPast ? length + random.below(4) : random.below(length + 1)
      if random.chance(3, in: 5) || length == 0 {
        let piece = random.one(of: "a", "b", "ÿz", "東京", "😀 ", "hello")
        edits.append(TextEdit(.insert, at: position, count: piece.unicodeScalars.count))
        inserted += piece
        length += piece.unicodeScalars.count
      } else {
        let count = isPast ? 3 : min(random.number(in: 1...4), max(1, length - position))
        edits.append(TextEdit(random.one(of: .deleteForward, .deleteBackward), at: position, count: count))
        length = max(0, length - count)
      }
    }
    return (edits, inserted)
  }
}

extension TextDocument {
  mutating func add(_ id: OperationID, after predecessors: [OperationID], _ edits: [TextEdit], inserted: [UInt8]?) {
    add(TextOperation(id: id, predecessors: predecessors, edits: edits, inserted: inserted?[...]))
  }
}
