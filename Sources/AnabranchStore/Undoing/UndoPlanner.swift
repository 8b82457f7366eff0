internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Works out what taking back some operations comes to, within one reading of the database.
///
/// Changes nothing. What is taken back at once is weighed as one: a title that replaced another one of the same actions is
/// no reason to leave that one.
struct UndoPlanner {
  let reader: ContentReader
  /// What is to be taken back.
  private let undone: Set<OperationID>
  /// What counts as written by the same hand in texts: what undid the actions and what undid that too.
  let chain: Set<ChangeID>
  /// The changes of the actions that are taken back once more, and of what took them back at first: all that they did goes
  /// again with what they made.
  private var again: Set<ChangeID> = []
  /// The operations that count, in the order in which they are taken back.
  let order: [HeldOperation]
  /// Those that have no effect: to name them would give them one.
  private let uncounted: [HeldOperation]
  var plan = UndoPlan()
  private var told: Set<UndoRemainder> = []
  /// Conversations that go to the trash, and messages that disappear: what was done to them goes with them.
  var gone: Set<ObjectKey> = []
  /// Conversations that go to the trash.
  var trashed: [ObjectID] = []
  /// Conversations to which something is done that would bring them out of the trash.
  var stirred: Set<ObjectKey> = []
  var takenBack: [ObjectID: [OperationID]] = [:]
  var reinstated: [ObjectID: [OperationID]] = [:]

  var db: Database { reader.db }
  var logs: LogState { reader.logs }

  /// The plan for taking back `operations`; `chain` has the changes that say the same as theirs.
  static func plan(
    _ operations: [HeldOperation], chain: Set<ChangeID>, _ reader: ContentReader
  ) throws -> UndoPlan {
    var planner = try UndoPlanner(operations, chain: chain, reader)
    try planner.work()
    return planner.plan
  }

  private init(_ operations: [HeldOperation], chain: Set<ChangeID>, _ reader: ContentReader) throws {
    self.reader = reader
    self.chain = chain
    var all = operations
    // To take back the end of a withdrawal is to take back once more what that named.
    var ended: [ChangeID: Withdrawal] = [:]
    for held in operations {
      guard case .reinstate(let reinstate) = held.operation.mutation else { continue }
      for name in reinstate.withdrawals {
        guard let operation = try reader.held(name), let withdrawal = Withdrawal(operation) else { continue }
        all += try withdrawal.operations.compactMap { try reader.held($0) }
        // What one action took back it took back at once, knowing no more at its end than at its beginning.
        let action = ChangeID(log: name.log, sequence: operation.change.action)
        guard let last = ended[action]?.operation else {
          ended[action] = withdrawal
          continue
        }
        // In place: an import that is undone is a million withdrawals.
        ended[action]?.operations += withdrawal.operations
        guard last < name else { continue }
        ended[action]?.operation = name
        ended[action]?.seen = withdrawal.seen
      }
    }
    for withdrawal in ended.values { again.formUnion(try Self.changes(takenBackBy: withdrawal, reader)) }
    var seen: Set<OperationID> = []
    let places = all.indices.filter { seen.insert(all[$0].id).inserted }
    // Mostly each is there once, and a large import is not copied.
    let distinct = places.count == all.count ? all : places.map { all[$0] }
    undone = seen
    let isAny = try reader.db.hasUncounted()
    uncounted = try isAny ? distinct.filter { try reader.isUncounted($0.id) } : []
    let idle = Set(uncounted.map(\.id))
    order = idle.isEmpty ? distinct : distinct.filter { !idle.contains($0.id) }
  }

  /// The changes that a withdrawal took back, and its own: one that undid others, directly or not, took back also what it did not
  /// need to name. What of the same actions came later than it knew is not among them.
  private static func changes(takenBackBy withdrawal: Withdrawal, _ reader: ContentReader) throws -> Set<ChangeID> {
    var changes = Set(try reader.changes(ofActionWith: withdrawal.operation))
    var waiting = try withdrawal.operations + changes.flatMap { try reader.actions(undoneIn: $0) }
    while let next = waiting.popLast() {
      guard !changes.contains(next.change) else { continue }
      for change in try reader.changes(ofActionWith: next)
      where withdrawal.covers(change) && changes.insert(change).inserted {
        waiting += try reader.actions(undoneIn: change)
      }
    }
    return changes
  }

  private mutating func work() throws {
    for held in uncounted { leave(held, .uncounted) }
    for held in order { try noteFinal(held) }
    try undoBeginnings()
    try undoMessages()
    try undoSources()
    try undoRegisters()
    try undoSets()
    try undoWithdrawals()
    try undoTexts()
    try undoTrash()
    try keepInTrash()
    try keepHidden()
    try hideAgain()
    try hideMessagesAgain()
    addWithdrawals()
  }

  // MARK: What all have in common

  func isUndone(_ operation: OperationID) -> Bool {
    undone.contains(operation)
  }

  /// Whether an operation is of the actions that go, or undid them, so that it keeps nothing that they made.
  func isOwn(_ operation: OperationID) -> Bool {
    isUndone(operation) || chain.contains(operation.change) || again.contains(operation.change)
  }

  mutating func leave(
    _ held: HeldOperation, _ reason: UndoRemainder.Reason, of object: ObjectID? = nil, by: LogID? = nil
  ) {
    var (object, register, set) = (object ?? held.operation.envelope.target, RegisterKind?.none, SetKind?.none)
    switch held.operation.mutation {
    // What they are done to is the conversation that the message stands in.
    case .createMessage: object = .native(held.id)
    case .importMessage(let source): object = .imported(source.message)
    case .createConversation: object = .native(held.id)
    case .writeRegister(let write): register = write.register
    case .addElement(let add): set = add.set
    case .removeElement(let remove): set = remove.set
    default: break
    }
    let remainder = UndoRemainder(
      held.operation.envelope.kind, object, register: register, set: set, because: reason, by: by)
    if told.insert(remainder).inserted { plan.remaining.append(remainder) }
  }

  mutating func takeBack(_ operation: OperationID, of object: ObjectID, in conversation: ObjectKey?) throws {
    takenBack[object, default: []].append(operation)
    plan.reversed += 1
    try note(conversation)
  }

  mutating func note(_ conversation: ObjectKey?) throws {
    if let conversation { plan.conversations.insert(try ObjectID(key: conversation, logs: logs, db)) }
  }

  /// The key of what an operation was done to, unless it goes, or was purged, which is noted.
  mutating func object(of held: HeldOperation) throws -> (id: ObjectID, key: ObjectKey, holder: ObjectKey)? {
    guard let id = held.operation.envelope.target, let key = try db.key(of: id, logs) else { return nil }
    let holders = try db.conversations(of: key, logs)
    guard !gone.contains(key), holders.isEmpty || !holders.allSatisfy(gone.contains) else { return nil }
    guard try !reader.isPurged(textsOf: key) else {
      leave(held, .purged)
      return nil
    }
    return (id, key, holders.first ?? key)
  }

  private mutating func noteFinal(_ held: HeldOperation) throws {
    switch held.operation.mutation {
    case .purge, .purgePast, .receipt, .markRead, .enrol, .restrict, .adopt: leave(held, .final)
    case .writeRegister(let write) where write.register == .name: leave(held, .final)
    case .unknown where held.operation.envelope.target != nil: leave(held, .unknown)
    default: break
    }
  }

  // MARK: Texts

  private mutating func undoTexts() throws {
    var texts: [TextKey: HeldOperation] = [:]
    for held in order {
      guard let text = held.operation.mutation.text, let (_, key, _) = try object(of: held) else { continue }
      texts[TextKey(object: key, text: text)] = held
    }
    for (text, held) in texts.sorted(by: { $0.key < $1.key }) { try undo(text, held) }
  }

  private mutating func undo(_ text: TextKey, _ held: HeldOperation) throws {
    guard let id = held.operation.envelope.target, let present = try reader.text(text.text, ofHeld: text.object) else {
      return
    }
    let own = Set(present.operations.map(\.id).filter { isUndone($0) || chain.contains($0.change) })
    let regained = try reader.regained(by: present.operations.map(\.id), on: id)
    let undo = try TextUndo(of: own, in: present.operations, base: present.base, regained: regained) { operation in
      guard let key = logs.key(of: operation.change) else { return true }
      let first = try logs.changeHeader(of: operation.change, in: db).action
      return try db.standingUndo(of: ChangeKey(ordinal: key.ordinal, sequence: first), logs) == nil
    }
    if undo.lost > 0 { leave(held, .wordsGone) }
    guard !undo.edits.isEmpty else {
      if undo.lost == 0 { leave(held, .changedSince) }
      return
    }
    plan.steps.append(.edit(text.text, of: id, undo.edits, seen: present.heads, origins: undo.origins))
    plan.reversed += 1
    let holder = try db.conversations(of: text.object, logs).first ?? text.object
    stirred.insert(holder)
    try note(holder)
  }

  // MARK: The trash

  /// A conversation that was put into the trash first comes out, and one that was taken out first goes back.
  private mutating func undoTrash() throws {
    var first: [ObjectKey: HeldOperation] = [:]
    for held in order {
      switch held.operation.mutation {
      case .trash, .restore: break
      default: continue
      }
      guard let (_, key, _) = try object(of: held) else { continue }
      if let other = first[key], (other.change.time, other.id) <= (held.change.time, held.id) { continue }
      first[key] = held
    }
    for (key, held) in first.sorted(by: { $0.key < $1.key }) {
      guard let row = try ConversationRow.fetch(db, key: key), row.exists, let id = held.operation.envelope.target
      else {
        continue
      }
      let isTrashed = row.trashed ?? false
      if held.operation.mutation == .trash, isTrashed, try !layInTrash(key, before: held) {
        plan.steps.append(.draft(kind: .restore, target: id, .restore))
      } else if held.operation.mutation == .restore, !isTrashed {
        trashed.append(id)
      } else {
        continue
      }
      plan.reversed += 1
      try note(key)
    }
  }

  /// Whether a conversation lay in the trash already when a deletion was made: an undo puts back there what it stirs.
  private func layInTrash(_ key: ObjectKey, before made: HeldOperation) throws -> Bool {
    // How much of each log that had seen.
    var past = made.change.seen
    past[made.id.log] = made.id.sequence
    let activity = try db.activity(of: key, logs)
    return try db.deletions(of: key, logs).contains { deletion in
      let operation = deletion.operation
      return try past.contains(operation.change) && !isUndone(operation) && !chain.contains(operation.change)
        && activity.allSatisfy { last in
          try !isTouched(key, upTo: min(last.sequence, past[last.log]), of: last, since: deletion)
        }
    }
  }

  /// Changes that are looked through at most for what was done to a conversation before.
  private static let changesLookedThrough: UInt32 = 4_096

  /// Whether the log of `last`, the last thing that it did to a conversation, did something to it up to a change, and after
  /// what a deletion covers, that is not taken back. True where that is too long ago to look.
  func isTouched(
    _ key: ObjectKey, upTo end: UInt32, of last: OperationID, since deletion: Deletion
  ) throws -> Bool {
    let covered = deletion.operation.log == last.log ? deletion.operation.sequence : deletion.seen[last.log]
    guard !deletion.covers(last), end >= max(covered, 1) else { return false }
    guard end - covered <= Self.changesLookedThrough, let ordinal = logs.ordinal(of: last.log) else { return true }
    for sequence in max(covered, 1)...end {
      guard let change = try reader.change(ChangeKey(ordinal: ordinal, sequence: sequence)) else { continue }
      for operation in change.operations {
        let id = OperationID(log: last.log, sequence: sequence, index: operation.index)
        guard !deletion.covers(id), !isUndone(id), let target = operation.envelope.target,
          let object = try db.key(of: target, logs)
        else { continue }
        if object == key {
          if operation.mutation.bringsBack { return true }
        } else if operation.mutation.bringsBackAsOfMessage {
          if try db.conversations(of: object, logs).contains(key) { return true }
        }
      }
    }
    return false
  }

  /// What lies in the trash stays there, whatever comes again in it; also what does not show for the time being. But a
  /// message that no deletion had seen brings it out again, as it did when it was written.
  private mutating func keepInTrash() throws {
    for key in stirred.sorted() {
      guard let row = try ConversationRow.fetch(db, key: key), row.trashed == true, try isDeletedWithAllThatReturns(key)
      else { continue }
      let id = try ObjectID(key: key, logs: logs, db)
      let isRestored = plan.steps.contains(.draft(kind: .restore, target: id, .restore))
      if !isRestored, !trashed.contains(id) { trashed.append(id) }
    }
  }

  /// Whether a deletion of a conversation had seen also the messages that come back to it.
  private func isDeletedWithAllThatReturns(_ conversation: ObjectKey) throws -> Bool {
    let named = try Set(reinstated.keys.compactMap { try db.key(of: $0, logs) })
    let hidden = named.isEmpty ? [] : try MessageRow.fetchAll(db, conversation: conversation, from: .hidden)
    let rows = Dictionary(hidden.map { ($0.key, $0) }) { first, _ in first }
    var waiting = hidden.filter { named.contains($0.key) }
    var returning: [ObjectKey: MessageRow] = [:]
    while let row = waiting.popLast() {
      // What is taken back shows all the same where something follows it that shows.
      if returning.updateValue(row, forKey: row.key) == nil { waiting += row.parents.compactMap { rows[$0] } }
    }
    let written = returning.values.filter { $0.definition.rawValue == $0.key }
    let activity = try db.activity(of: conversation, logs) + written.map { try logs.operation(of: $0.definition) }
    return try Deletion.hides(db.deletions(of: conversation, logs), activity: activity)
  }

  /// What is taken back, conversations after their messages, so that they had seen all of it; and what goes to the trash,
  /// which must have seen even that.
  private mutating func addWithdrawals() {
    for (object, names) in Self.inOrder(reinstated) {
      for part in Self.parts(names) {
        plan.steps.append(.draft(kind: .reinstate, target: object, .reinstate(Reinstate(withdrawals: part))))
      }
    }
    for isConversation in [false, true] {
      let some = takenBack.filter { plan.conversations.contains($0.key) == isConversation }
      for (object, names) in Self.inOrder(some) {
        for part in Self.parts(names) {
          plan.steps.append(.draft(kind: .withdraw, target: object, .withdraw(Withdraw(operations: part))))
        }
      }
    }
    for object in trashed { plan.steps.append(.draft(kind: .trash, target: object, .trash)) }
  }

  /// Objects in the order in which what is named was written: each change is then read once, and a conversation that was
  /// imported at once is decided at once.
  private static func inOrder(
    _ names: [ObjectID: [OperationID]]
  ) -> [(object: ObjectID, names: [OperationID])] {
    names.map { (first: $0.value.min(), object: $0.key, names: $0.value) }
      .sorted { a, b in
        guard let one = a.first, let other = b.first, one != other else { return a.object < b.object }
        return one < other
      }
      .map { ($0.object, $0.names) }
  }

  private static func parts(_ names: [OperationID]) -> [[OperationID]] {
    stride(from: 0, to: names.count, by: Limits.referencesMax).map {
      Array(names[$0..<min($0 + Limits.referencesMax, names.count)])
    }
  }
}

extension Mutation {
  /// Whether it brings a conversation out of the trash, where it is done to that.
  fileprivate var bringsBack: Bool {
    switch self {
    case .trash, .importConversation, .importMessage, .chunk, .purge, .purgePast, .receipt, .markRead, .withdraw, .undo,
      .regainText, .enrol, .restrict, .adopt, .unknown:
      false
    default: true
    }
  }

  /// Whether it brings the conversation of a message out of the trash, where it is done to the message.
  fileprivate var bringsBackAsOfMessage: Bool {
    switch self {
    case .appendText, .reinstate: true
    case .editText(let edit): edit.text == .body
    default: false
    }
  }
}
