internal import Anabranch
internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire
internal import SeededRandom

/// What people take back.
extension Simulation {
  func undo(_ host: Host, _ random: inout RandomStream) throws {
    switch random.below(5) {
    case 0: try undoAtOnce(host, &random)
    case 1: try undoMerge(host, &random)
    default:
      let actions = try call(host) { try $0.actions(limit: 24).actions }
      let own = try call(host) { try $0.lastAction() }
      // Mostly the last thing done here; else anything that stands, an undo among it.
      let others = actions.filter { $0.undoneBy == nil }
      guard let action = random.chance(1, in: 2) ? own : random.pick(others) else { return }
      try undo(action, host, &random)
    }
  }

  /// Undoes an action, and mostly undoes that.
  private func undo(_ action: ActionRecord, _ host: Host, _ random: inout RandomStream) throws {
    let before = try view(of: host)
    noteUndo(of: [action.first], host)
    let preview = try call(host) { try $0.undoPreview(action) }
    let summary = try call(host) { try $0.undo(action) }
    tell(
      "  \(host.name) undoes \(action.id), kinds \(Self.kinds(of: action)), by \(summary.undo?.description ?? "nothing")"
    )
    guard preview.reversed == summary.reversed, preview.remaining == summary.remaining else {
      throw Violation(.readYourWrites, "\(host.name) was told another thing of undoing \(action.id) than was done")
    }
    if summary.remaining.contains(where: { $0.by != nil }) { marks.insert(.undoLeftSome) }
    let now = try call(host) { try $0.findAction(action.id.description) }
    guard (now.undoneBy != nil) == (summary.undo != nil) else {
      throw Violation(.readYourWrites, "\(host.name) undid \(action.id), and its list of actions says otherwise")
    }
    guard let undo = summary.undo else { return }
    marks.insert(action.undoes.isEmpty ? .undone : .undoUndone)
    if action.messages > 0 { marks.insert(.importUndone) }
    guard random.chance(1, in: 2) else { return }
    try redo(undo, host, to: before)
  }

  /// Undoes an undo, nobody having done anything in between.
  private func redo(_ undo: ObjectID, _ host: Host, to before: [SeenConversation]) throws {
    let action = try call(host) { try $0.findAction(undo.description) }
    noteUndo(of: [action.first], host)
    let summary = try call(host) { try $0.undo(action) }
    tell("  \(host.name) undoes that: \(undo), by \(summary.undo?.description ?? "nothing")")
    let now = try view(of: host)
    guard now == before else {
      throw Violation(
        .readYourWrites,
        "\(host.name) undid \(undo), an undo of \(action.undoes.count) actions (\(Self.kinds(of: action))), and does not "
          + "see what it saw before: \(Self.difference(now, before)), left \(summary.remaining)")
    }
    if summary.undo != nil { marks.insert(.undoUndone) }
  }

  /// Does something and undoes it at once: then all is as it was.
  private func undoAtOnce(_ host: Host, _ random: inout RandomStream) throws {
    guard let conversation = try conversation(host, &random)?.id else { return }
    let word = random.words(1...3)
    let message = try random.pick(call(host) { try $0.messages(of: conversation).filter { !$0.isPurged } })
    let before = try view(of: host)
    switch random.below(7) {
    case 0: try call(host) { try $0.setTitle(word, of: conversation) }
    case 1: try call(host) { _ = try $0.say(word, in: conversation) }
    case 2: try call(host) { try $0.addTag(word + "!", to: conversation) }
    case 3: try call(host) { try $0.setField("state", to: word, of: conversation) }
    case 4: try call(host) { try $0.delete(conversation) }
    case 5: try call(host) { _ = try $0.newConversation(word) }
    default:
      guard let message else { return }
      let text = try call(host) { try $0.text(.body, of: message.id) }
      guard text.count == text.text.unicodeScalars.count, !text.text.isEmpty else { return }
      ledger.forget(message.id, of: conversation)
      // The text may have been open until it was read.
      let scalars = Array(text.text.unicodeScalars)
      let new = Array((word + " ").unicodeScalars) + scalars.dropFirst(random.below(scalars.count))
      // It may have begun with that word; to write what is there already does nothing.
      guard new != scalars else { return }
      try call(host) {
        _ = try $0.rewrite(.body, of: message.id, from: text.text, to: String(String.UnicodeScalarView(new)))
      }
    }
    guard let action = try call(host, { try $0.lastAction() }) else {
      throw Violation(.readYourWrites, "\(host.name) did something, and its list of actions has nothing to undo")
    }
    noteUndo(of: [action.first], host)
    _ = try call(host) { try $0.undo(action) }
    guard try view(of: host) == before else {
      throw Violation(.readYourWrites, "\(host.name) undid what it had just done, and does not see what it saw before")
    }
    marks.insert(.undone)
  }

  /// Takes back what came from another machine, from one of its actions on.
  private func undoMerge(_ host: Host, _ random: inout RandomStream) throws {
    let actions = try call(host) { try $0.actions(limit: 40).actions }
    let own = try call(host) { try $0.status() }
    let others = actions.filter { $0.first.log != own.log && $0.undoneBy == nil }
    guard let since = random.pick(Array(others.prefix(8))), let store = host.process?.store,
      case .device(let device, _)? = store.header(of: since.first.log), device != own.device
    else { return }
    let preview = try call(host) { try $0.undoPreview(from: device, since: since) }
    noteUndo(of: preview.actions.compactMap { $0.operation?.change }, host)
    let summary = try call(host) { try $0.undo(from: device, since: since) }
    guard preview.actions == summary.actions, preview.reversed == summary.reversed else {
      throw Violation(.readYourWrites, "\(host.name) was told another thing of undoing what came than was done")
    }
    if summary.undo != nil { marks.insert(.mergeUndone) }
  }

  /// Expects nothing more of the messages that some actions are about, and of what imports find.
  private func noteUndo(of actions: [ChangeID], _ host: Host) {
    guard let store = host.process?.store else { return }
    let changes = host.disk.spared { self.changes(heldBy: store) }.filter { sealed in
      actions.contains { $0.log == sealed.change.id.log && $0.sequence == sealed.change.action }
    }
    for change in changes.map(\.change) {
      for operation in change.operations {
        let id = OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index)
        ledger.forget(.native(id))
        if let target = operation.envelope.target { ledger.forget(target) }
      }
    }
    hasUndone = true
  }

  // MARK: What is seen

  /// What a person sees of a conversation outside of the trash.
  struct SeenConversation: Equatable {
    let id: ObjectID
    let title: String?
    let words: [[String]]
    let fields: [FieldRecord]
    let flags: [Bool]
    let texts: [[Unicode.Scalar]]
    let messages: [ObjectID]
    let parents: [[ObjectID]]
    let diverged: [[ObjectID]]
    let updated: Int64
  }

  /// The kinds of operations of an action, as numbers.
  private static func kinds(of action: ActionRecord) -> [UInt32] {
    action.steps.map(\.kind.rawValue)
  }

  /// What differs first between what is seen and what was.
  private static func difference(_ now: [SeenConversation], _ before: [SeenConversation]) -> String {
    let (ids, old) = (now.map(\.id), before.map(\.id))
    guard ids == old else {
      return "without \(Set(old).subtracting(ids).sorted()), with \(Set(ids).subtracting(old).sorted())"
    }
    for (one, other) in zip(now, before) where one != other {
      let parts: [(String, Bool)] = [
        ("title", one.title == other.title), ("words", one.words == other.words),
        ("fields", one.fields == other.fields),
        ("flags", one.flags == other.flags), ("texts", one.texts == other.texts),
        ("messages", one.messages == other.messages), ("parents", one.parents == other.parents),
        ("diverged", one.diverged == other.diverged), ("time", one.updated == other.updated),
      ]
      return "\(one.id), \(parts.filter { !$0.1 }.map(\.0))"
    }
    return ""
  }

  private func view(of host: Host) throws -> [SeenConversation] {
    try call(host) { replica in
      // What is open counts as done.
      _ = try replica.lastAction()
      return try replica.conversations().map(\.id).sorted().map { id in
        let record = try replica.conversation(id)
        let texts = [record.draft, record.notes] + record.messages.map(\.text)
        return SeenConversation(
          id: id, title: record.summary.title, words: [record.summary.tags, record.summary.folders],
          fields: record.summary.fields,
          flags: [record.summary.archived, record.summary.pinned] + record.messages.map(\.isPinned),
          texts: texts.map { Array($0.unicodeScalars) }, messages: record.messages.map(\.id),
          parents: record.messages.map(\.parents), diverged: record.diverged, updated: record.summary.updated)
      }
    }
  }
}
