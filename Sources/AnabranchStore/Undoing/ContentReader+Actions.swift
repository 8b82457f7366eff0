internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// What actions did.
extension ContentReader {
  /// An action that begins with `first` and ends with `end`, without what it did.
  func record(of first: ChangeID, end: Change) -> ActionRecord {
    ActionRecord(
      first: first, last: end.id, time: end.time, steps: [], isWhole: false, conversations: 0, messages: 0,
      undoes: [], undoneBy: nil)
  }

  /// The same action with what it did, as far as that fits a list.
  func described(_ record: ActionRecord) throws -> ActionRecord {
    guard let first = logs.key(of: record.first) else { return record }
    var record = record
    let row = try db.actionRow(first)
    var tally = ActionRow(first: first, last: first, changes: 1)
    var left = Self.stepsMax
    var told: [Change] = []
    record.isWhole = true
    for key in try db.changes(ofAction: first, logs) {
      guard left > 0 else {
        record.isWhole = false
        break
      }
      guard let change = try change(key) else { continue }
      tally.count(change)
      told.append(change)
      for operation in change.operations {
        let id = OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index)
        if case .undo(let undo) = operation.mutation { record.undoes += undo.actions.map(\.change) }
        guard left > 0 else {
          record.isWhole = false
          continue
        }
        record.steps.append(try step(HeldOperation(id: id, operation: operation, change: change)))
        left -= 1
      }
    }
    record.conversations = Int(row?.conversations ?? tally.conversations)
    record.messages = Int(row?.messages ?? tally.messages)
    record.uncounted = try db.hasUncounted() ? uncounted(in: told) : nil
    record.undoneBy = try db.standingUndo(of: first, logs).map { try logs.change(of: $0) }
    return record
  }

  /// The changes of the action that an operation belongs to; none where that is not held.
  func changes(ofActionWith operation: OperationID) throws -> [ChangeID] {
    guard let key = logs.key(of: operation.change) else { return [] }
    let first = try logs.changeHeader(of: operation.change, in: db).action
    return try db.changes(ofAction: ChangeKey(ordinal: key.ordinal, sequence: first), logs).map(logs.change)
  }

  /// The first operations of the actions that a change says are undone by its own.
  func actions(undoneIn change: ChangeID) throws -> [OperationID] {
    guard let key = logs.key(of: change), let change = try self.change(key) else { return [] }
    return change.operations.flatMap { operation in
      if case .undo(let undo) = operation.mutation { undo.actions } else { [OperationID]() }
    }
  }

  /// Operations of an action that a list tells of.
  private static let stepsMax = 64
  /// Scalars of what an operation says that a list tells.
  private static let contentMax = 200

  /// What an operation did, as far as that fits a list.
  func step(_ held: HeldOperation) throws -> ActionRecord.Step {
    var step = ActionRecord.Step(kind: held.operation.envelope.kind, object: held.operation.envelope.target)
    step.conversation = try conversation(of: step.object)
    let isHidden = try step.object.flatMap { try db.key(of: $0, logs) }.map { try isPurged(textsOf: $0) } ?? false
    switch held.operation.mutation {
    case .createConversation:
      step.object = .native(held.id)
      step.conversation = step.object
    case .createMessage(let message):
      step.conversation = step.object
      step.object = .native(held.id)
      step.role = message.role
      if let key = logs.key(of: held.id)?.rawValue, try !isPurged(key, held) {
        step.content = try base(of: held)?.content.text
      }
    case .importMessage(let source):
      step.conversation = step.object
      step.object = .imported(source.message)
      step.role = source.base.role
    case .writeRegister(let write):
      step.register = write.register
      guard !isHidden else { break }
      if write.register == .fields {
        step.field = try content(of: held).flatMap { FieldContent(canonicalBytes: $0) }.map(\.name)
      }
      step.content = try text(of: held, in: write.register)
      step.before = try shown(of: write.predecessors).flatMap { try text(of: $0, in: write.register) }
    case .addElement(let add):
      step.set = add.set
      step.content = try isHidden ? nil : word(held, in: add.set)
    case .removeElement(let remove):
      step.set = remove.set
      step.content =
        try isHidden
        ? nil : remove.additions.first.flatMap { try self.held($0) }.flatMap { try word($0, in: remove.set) }
    case .enrol(let enrol):
      (step.device, step.deviceRole) = (enrol.device, enrol.role)
    case .restrict(let restrict):
      (step.device, step.deviceRole) = (restrict.device, restrict.role)
    case .appendText, .editText:
      step.text = held.operation.mutation.text
      let past = try step.object.flatMap { try db.key(of: $0, logs) }.map { try hasRedactions(on: $0) } ?? false
      step.content = isHidden || past ? nil : try text(of: held)
    default: break
    }
    step.content = step.content.map(Self.beginning)
    step.before = step.before.map(Self.beginning)
    step.field = step.field.map(Self.beginning)
    return step
  }

  /// Of writes to a register that stood beside each other, the one that showed.
  private func shown(of writes: [OperationID]) throws -> HeldOperation? {
    let held = try writes.compactMap { try self.held($0) }
    let register = MultiValueRegister(live: held.map { .init(operation: $0.id, time: $0.change.time) })
    return held.first { $0.id == register.winner?.operation }
  }

  private static func beginning(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(contentMax)))
  }

  /// What an addition says: a word, or of a file its name.
  private func word(_ held: HeldOperation, in set: SetKind) throws -> String? {
    guard set == .attachments else { return try text(of: held) }
    guard let key = logs.key(of: held.id), try !isPurged(key.rawValue) else { return nil }
    return db.attachment(by: held.operation)?.name
  }

  private func text(of held: HeldOperation, in register: RegisterKind? = nil) throws -> String? {
    guard let bytes = try content(of: held) else { return nil }
    switch register {
    case .fields: return FieldContent(canonicalBytes: bytes)?.value
    case .archived, .pinned: return Array(bytes) == [1] ? "1" : "0"
    default: return String(utf8: bytes)
    }
  }

  /// The conversation that holds an object; the object itself, where it is none's message.
  private func conversation(of object: ObjectID?) throws -> ObjectID? {
    guard let object, let key = try db.key(of: object, logs) else { return nil }
    guard let holder = try db.conversation(of: key, logs) else { return object }
    return try ObjectID(key: holder, logs: logs, db)
  }
}
