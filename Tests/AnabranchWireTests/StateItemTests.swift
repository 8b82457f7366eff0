import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Testing

@Suite("Items of the state")
struct StateItemTests {
  @Test("Items that differ in anything have different hashes")
  func distinct() {
    let log = LogID(Bytes16(high: 1, low: 1))
    let operation = OperationID(log: log, sequence: 1, index: 0)
    let other = OperationID(log: log, sequence: 1, index: 1)
    let (native, imported) = (ObjectID.native(operation), ObjectID.imported(Bytes16(high: 1, low: 1)))
    let (zero, one) = (Digest.zero, Digest(head: log.bytes, tail: log.bytes))
    func message(
      _ parents: [ObjectID] = [], _ line: LinePlacement = .continued, _ length: UInt32 = 0,
      _ chunks: [OperationID] = [], role: Role = .user, created: Int64 = 0
    ) -> CreateMessage {
      CreateMessage(
        parents: parents, line: line, role: role, created: created, length: length, chunks: chunks)
    }
    let bases = [
      message(), message([native]), message([imported]), message([native, imported]), message([], .started),
      message([], .named(native)), message([], .named(imported)), message([], .continued, 1),
      message([], .continued, 0, [operation]), message([], .continued, 0, [other]), message(role: .tool),
      message(created: 1),
    ]
    let appends = [
      AppendText(predecessors: [], position: 0, length: 0),
      AppendText(predecessors: [other], position: 0, length: 0),
      AppendText(predecessors: [], position: 1, length: 0),
      AppendText(predecessors: [], position: 0, length: 1),
    ]
    var items: [StateItem] = bases.map { .message(native, of: imported, $0, updated: nil, content: zero) }
    let edits = [
      EditText(text: .body, predecessors: [], edits: [TextEdit(.insert, at: 0, count: 1)]),
      EditText(text: .notes, predecessors: [], edits: [TextEdit(.insert, at: 0, count: 1)]),
      EditText(text: .body, predecessors: [other], edits: [TextEdit(.insert, at: 0, count: 1)]),
      EditText(text: .body, predecessors: [], edits: [TextEdit(.deleteForward, at: 0, count: 1)]),
    ]
    func past(_ operation: OperationID, count: Int = 3) -> PurgePast {
      PurgePast(of: operation, gone: [1..<2], count: count, isImmediate: false)
    }
    items += edits.map { .edit(operation, of: native, $0, time: .zero, content: zero) }
    items += appends.map { .append(operation, to: native, $0, time: .zero, content: zero) }
    items += [nil, 0, 5].flatMap { created in
      [nil, 0, 5].map {
        .source(imported, ImportConversation(created: created, updated: $0), content: zero)
      }
    }
    items += [
      .conversation(native, created: 0), .conversation(native, created: 1),
      .conversation(imported, created: 0),
      .message(native, of: native, message(), updated: nil, content: zero),
      .message(native, of: imported, message(), updated: 0, content: zero),
      .message(native, of: imported, message(), updated: nil, content: one),
      .source(imported, ImportConversation(created: nil, updated: nil), content: one),
      .source(imported, ImportConversation(created: nil, updated: nil, chunks: [operation]), content: zero),
      .source(imported, ImportConversation(created: nil, updated: nil, chunks: [other]), content: zero),
      .append(operation, to: imported, appends[0], time: .zero, content: zero),
      .append(operation, to: native, appends[0], time: HybridTime(rawValue: 1), content: zero),
      .append(operation, to: native, appends[0], time: .zero, content: one),
      .edit(operation, of: imported, edits[0], time: .zero, content: zero),
      .edit(other, of: native, edits[0], time: .zero, content: zero),
      .edit(operation, of: native, edits[0], time: HybridTime(rawValue: 1), content: zero),
      .edit(operation, of: native, edits[0], time: .zero, content: one),
      .register(native, .title, operation, time: .zero, content: zero),
      .register(native, .model, operation, time: .zero, content: zero),
      .register(native, .title, other, time: .zero, content: zero),
      .register(native, .title, operation, time: HybridTime(rawValue: 1), content: zero),
      .register(native, .title, operation, time: .zero, content: one),
      .element(native, .tags, operation, content: zero), .element(native, .tags, other, content: zero),
      .element(native, .tags, operation, content: one),
      .deletion(native, Deletion(operation: operation, seen: VersionVector())),
      .deletion(native, Deletion(operation: operation, seen: VersionVector([(log, UInt32(1))]))),
      .deletion(native, Deletion(operation: operation, seen: VersionVector([(log, UInt32(2))]))),
      .activity(native, operation), .activity(native, other), .activity(imported, operation),
      .purge(native, operation), .purge(native, other), .purge(imported, operation),
      .purgePast(operation, in: native, past(operation), content: zero),
      .purgePast(other, in: native, past(operation), content: zero),
      .purgePast(operation, in: imported, past(operation), content: zero),
      .purgePast(operation, in: native, past(other), content: zero),
      .purgePast(operation, in: native, past(operation, count: 4), content: zero),
      .purgePast(operation, in: native, past(operation), content: one),
      .read(native, operation), .read(native, other), .read(imported, operation),
      .reinstatement(native, operation), .reinstatement(native, other), .reinstatement(imported, operation),
    ]
    let seen = VersionVector([(log, UInt32(1))])
    items += [native, imported].flatMap { object in
      [VersionVector(), seen].flatMap { seen in
        [[], [operation], [other]].map {
          .withdrawal(object, Withdrawal(operation: operation, seen: seen, operations: $0))
        }
      }
    }
    #expect(Set(items.map(\.hash)).count == items.count)
  }

  @Test("The state's hash is that of the sum and the level")
  func total() {
    var sum = StateHash()
    let empty = StateHash.state(items: sum)
    let item = StateItem.activity(
      .imported(Bytes16(high: 0, low: 0)),
      OperationID(log: LogID(Bytes16(high: 0, low: 0)), sequence: 1, index: 0))
    sum.add(item.hash)
    #expect(StateHash.state(items: sum) != empty)
    sum.remove(item.hash)
    #expect(StateHash.state(items: sum) == empty)
  }
}
