import AnabranchCore
import AnabranchWire
internal import SeededRandom

/// What a person may do in a turn.
extension HistoryGenerator {
  mutating func act(in open: inout OpenChange, model: ReplicaModel, wall: Int64) {
    if options.isAboutUndo, model.messageOrder.count >= 3 { return actAndTakeBack(in: &open, model) }
    guard let conversation = random.pick(model.conversations), !random.chance(1, in: 8) else {
      return start(in: &open, wall: wall)
    }
    switch random.number(in: 0...32) {
    case 0...5: say(in: conversation, &open, model, wall)
    case 6: branch(&open, model, wall)
    case 7...8: stream(&open, model)
    case 9...11: writeRegister(of: conversation, &open, model)
    case 12...13: tag(conversation, &open)
    case 14: untag(&open, model)
    case 15: trash(conversation, &open)
    case 16: restore(conversation, &open, model)
    case 17, 18:
      guard let message = random.pick(model.messageOrder) else { return }
      edit(.body, of: message, &open, model)
    case 19: edit(random.one(of: .draft, .notes, TextKind(rawValue: 9)), of: conversation, &open, model)
    case 20 where random.chance(1, in: 3): purge(conversation, &open, model)
    case 24: purgePast(&open, model)
    case 25: attach(&open, model)
    case 22: setField(of: conversation, &open, model)
    case 23: markRead(conversation, &open, model)
    case 28...30: withdraw(&open, model)
    case 31: reinstate(&open, model)
    case 21 where options.includesUnknown: doUnknown(to: conversation, &open)
    default: importSource(&open, wall)
    }
  }

  private mutating func actAndTakeBack(in open: inout OpenChange, _ model: ReplicaModel) {
    switch random.number(in: 0...9) {
    case 0: attach(&open, model)
    case 1, 2:
      if let message = random.pick(model.messageOrder) { writeRegister(.pinned, of: message, &open, model) }
    case 3:
      if let message = random.pick(model.messageOrder) { edit(.body, of: message, &open, model) }
    case 4, 5, 6: withdraw(&open, model)
    default: reinstate(&open, model)
    }
  }

  private mutating func start(in open: inout OpenChange, wall: Int64) {
    if options.includesImports, random.chance(1, in: 3) { return importSource(&open, wall) }
    let draft = Draft(
      kind: .createConversation, target: nil, mutation: .createConversation(CreateConversation(created: wall))
    )
    let id = name(open.append(draft), in: open)
    for _ in 0..<random.number(in: 0...2) {
      _ = open.append(
        message(parents: [], line: .continued, role: .user, in: .native(id), chunks: [], wall: wall))
    }
  }

  /// A person's turn on tips of one line, and mostly an answer to it.
  private mutating func say(
    in conversation: ObjectID, _ open: inout OpenChange, _ model: ReplicaModel, _ wall: Int64
  ) {
    let tips = model.tips(of: conversation)
    let line = random.pick(tips).flatMap { model.messages[$0]?.line } ?? conversation
    let parents = tips.filter { model.messages[$0]?.line == line }
    let placement: LinePlacement = random.chance(1, in: 6) ? .named(line) : .continued
    let turn = message(
      parents: parents, line: placement, role: .user, in: conversation, chunks: [], wall: wall)
    let question = append(turn, inPieces: random.chance(1, in: 6) ? random.number(in: 2...4) : 1, to: &open)
    guard random.chance(2, in: 3) else { return }
    let answer = name(
      open.append(
        message(
          parents: [.native(question)], line: .continued, role: .assistant, in: conversation, chunks: [],
          wall: wall + 1)),
      in: open)
    var (end, position) = (answer, UInt32(0))
    for _ in 0..<random.number(in: 0...4) {
      let text = random.words(1...3)
      let append = AppendText(
        predecessors: [end], position: position, length: UInt32(text.unicodeScalars.count))
      let index = open.append(
        Draft(
          kind: .appendText, target: .native(answer), mutation: .appendText(append),
          content: content(Array(text.utf8))))
      // Text that continues the last operation joins it, and is continued under its name.
      if open.drafts.last?.mutation == .appendText(append) { end = name(index, in: open) }
      position += append.length
    }
  }

  /// Adds a message whose content is cut into that many pieces, all but the last in operations of their own.
  private mutating func append(_ draft: Draft, inPieces count: Int, to open: inout OpenChange) -> OperationID {
    guard case .createMessage(var message) = draft.mutation, let bytes = draft.content.bytes else {
      return name(open.append(draft), in: open)
    }
    var rest = bytes
    for _ in 1..<count {
      let piece = rest.prefix(random.number(in: 0...rest.count))
      rest = rest.dropFirst(piece.count)
      let chunk = Draft(
        kind: .chunk, target: draft.target, mutation: .chunk, content: content(Array(piece)))
      message.chunks.append(name(open.append(chunk), in: open))
    }
    var last = draft
    last.mutation = .createMessage(message)
    last.content = content(Array(rest))
    return name(open.append(last), in: open)
  }

  private mutating func branch(_ open: inout OpenChange, _ model: ReplicaModel, _ wall: Int64) {
    guard let parent = random.pick(model.messageOrder), let known = model.messages[parent] else { return }
    _ = open.append(
      message(
        parents: [parent], line: .started, role: .user, in: known.conversation, chunks: [], wall: wall))
  }

  private mutating func stream(_ open: inout OpenChange, _ model: ReplicaModel) {
    guard let message = random.pick(model.messageOrder), let known = model.messages[message] else { return }
    let text = random.words(1...3)
    let append = AppendText(
      predecessors: model.ends(of: .body, of: message), position: known.length,
      length: UInt32(text.unicodeScalars.count))
    _ = open.append(
      Draft(
        kind: .appendText, target: message, mutation: .appendText(append), content: content(Array(text.utf8)))
    )
  }

  private mutating func edit(_ text: TextKind, of object: ObjectID, _ open: inout OpenChange, _ model: ReplicaModel) {
    var edits: [TextEdit] = []
    var inserted = ""
    for _ in 0..<random.one(of: 1, 1, 2, 4) {
      let kind = random.one(of: TextEdit.Kind.insert, .insert, .deleteForward, .deleteBackward)
      let words = random.words(1...2)
      let count = kind == .insert ? words.unicodeScalars.count : random.number(in: 1...6)
      // Now and then past the end, which nobody can rule out.
      edits.add(TextEdit(kind, at: random.number(in: 0...random.one(of: 0, 4, 30)), count: count))
      if kind == .insert { inserted += words }
    }
    let edit = EditText(text: text, predecessors: model.ends(of: text, of: object), edits: edits)
    _ = open.append(
      Draft(
        kind: .editText, target: object, mutation: .editText(edit),
        content: inserted.isEmpty ? .none : content(Array(inserted.utf8))))
  }

  private mutating func writeRegister(
    of object: ObjectID, _ open: inout OpenChange, _ model: ReplicaModel
  ) {
    let register = random.one(of: .title, .title, .archived, .pinned, .model, RegisterKind(rawValue: 77))
    let object = register == .pinned && random.chance(1, in: 2) ? random.pick(model.messageOrder) ?? object : object
    writeRegister(register, of: object, &open, model)
  }

  private mutating func writeRegister(
    _ register: RegisterKind, of object: ObjectID, _ open: inout OpenChange, _ model: ReplicaModel
  ) {
    let isFlag = register == .archived || register == .pinned
    let predecessors = model.writes[ReplicaModel.Register(object: object, kind: register)] ?? []
    let bytes = isFlag ? [UInt8(random.number(in: 0...1))] : Array(random.words(1...3).utf8)
    _ = open.append(
      Draft(
        kind: .writeRegister, target: object,
        mutation: .writeRegister(WriteRegister(register: register, predecessors: predecessors)),
        content: content(bytes)))
  }

  /// Sets a field, or takes it away; it may replace some others too, which nobody can rule out.
  private mutating func setField(of conversation: ObjectID, _ open: inout OpenChange, _ model: ReplicaModel) {
    let writes = model.writes[ReplicaModel.Register(object: conversation, kind: .fields)] ?? []
    let field = FieldContent(
      name: random.one(of: "state", "rating", "e\u{301}", "é"),
      value: random.chance(1, in: 5) ? nil : random.words(1...2))
    let replaced = writes.filter { _ in random.chance(1, in: 2) }
    _ = open.append(
      Draft(
        kind: .writeRegister, target: conversation,
        mutation: .writeRegister(WriteRegister(register: .fields, predecessors: replaced)),
        content: content(random.chance(1, in: 12) ? [0xff] : field.canonicalBytes)))
  }

  private mutating func markRead(_ conversation: ObjectID, _ open: inout OpenChange, _ model: ReplicaModel) {
    let messages = model.messageOrder.filter { model.messages[$0]?.conversation == conversation }
    let read = messages.compactMap(\.operation).filter { _ in random.chance(1, in: 2) }
    _ = open.append(Draft(kind: .markRead, target: conversation, mutation: .markRead(MarkRead(messages: read))))
  }

  private mutating func tag(_ conversation: ObjectID, _ open: inout OpenChange) {
    let set = random.one(of: .tags, .tags, .tags, .folders, SetKind(rawValue: 9))
    _ = open.append(
      Draft(
        kind: .addElement, target: conversation, mutation: .addElement(AddElement(set: set)),
        content: content(Array(random.words(1...1).utf8))))
  }

  private mutating func untag(_ open: inout OpenChange, _ model: ReplicaModel) {
    guard let chosen = random.pick(model.additions) else { return }
    let seen = model.additions.filter {
      $0.object == chosen.object && $0.set == chosen.set && $0.text == chosen.text
    }
    _ = open.append(
      Draft(
        kind: .removeElement, target: chosen.object,
        mutation: .removeElement(RemoveElement(set: chosen.set, additions: seen.map(\.operation).sorted()))))
  }

  private mutating func trash(_ conversation: ObjectID, _ open: inout OpenChange) {
    _ = open.append(Draft(kind: .trash, target: conversation, mutation: .trash))
  }

  private mutating func restore(_ conversation: ObjectID, _ open: inout OpenChange, _ model: ReplicaModel) {
    let target = random.pick(model.trashed) ?? conversation
    _ = open.append(Draft(kind: .restore, target: target, mutation: .restore))
  }

  /// Takes a conversation or a message away for good, or says that it is gone.
  private mutating func purge(_ conversation: ObjectID, _ open: inout OpenChange, _ model: ReplicaModel) {
    if let purge = random.pick(model.purges), random.chance(1, in: 2) {
      let receipt = PurgeReceipt(purges: [purge])
      return _ = open.append(Draft(kind: .receipt, target: nil, mutation: .receipt(receipt)))
    }
    let message = random.chance(2, in: 3) ? random.pick(model.messageOrder) : nil
    let purge = Purge(isImmediate: random.chance(1, in: 2))
    let addition = random.chance(1, in: 4) ? random.pick(model.additions).map { ObjectID.native($0.operation) } : nil
    _ = open.append(Draft(kind: .purge, target: addition ?? message ?? conversation, mutation: .purge(purge)))
  }

  /// Attaches a file, of few that there are, to a message.
  private mutating func attach(_ open: inout OpenChange, _ model: ReplicaModel) {
    guard let message = random.pick(model.messageOrder) else { return }
    let blob = BlobID(Digest(head: Bytes16(high: UInt64(random.below(4)), low: 7), tail: Bytes16(high: 0, low: 0)))
    let file = AttachmentContent(
      name: random.one(of: "a", "b"), byteCount: random.one(of: 0, 90), blob: random.chance(3, in: 4) ? blob : nil,
      sourceID: random.chance(1, in: 2) ? random.one(of: "s", "t") : nil)
    _ = open.append(
      Draft(
        kind: .addElement, target: message, mutation: .addElement(AddElement(set: .attachments)),
        content: content(random.chance(1, in: 12) ? [0xff] : file.canonicalBytes)))
  }

  /// Takes some scalars of what an operation said away for good, whether they show or not.
  private mutating func purgePast(_ open: inout OpenChange, _ model: ReplicaModel) {
    guard let said = random.pick(Array(model.said.suffix(6))) else { return }
    let scalars = Array(said.text.unicodeScalars)
    let first = random.below(scalars.count)
    var gone = [first..<random.number(in: first + 1...scalars.count)]
    if gone[0].upperBound + 1 < scalars.count, random.chance(1, in: 3) {
      gone.append(gone[0].upperBound + 1..<scalars.count)
    }
    let kept = scalars.indices.filter { place in !gone.contains { $0.contains(place) } }.map { scalars[$0] }
    let text = String(String.UnicodeScalarView(kept))
    let purge = PurgePast(
      of: said.operation, gone: gone, count: random.chance(1, in: 12) ? scalars.count + 1 : scalars.count,
      isImmediate: random.chance(1, in: 2))
    let bytes = said.isMessage ? MessageContent(text: text).canonicalBytes : Array(text.utf8)
    _ = open.append(
      Draft(kind: .purgePast, target: said.object, mutation: .purgePast(purge), content: content(bytes)))
  }

  /// Takes back some of what was done to one object, now and then also what was done to another, which counts for nothing.
  private mutating func withdraw(_ open: inout OpenChange, _ model: ReplicaModel) {
    guard let chosen = random.pick(Array(model.done.suffix(40))) else { return }
    var operations = model.done.filter { $0.object == chosen.object && ($0 == chosen || random.chance(1, in: 2)) }
    if random.chance(1, in: 12), let other = random.pick(model.done) { operations.append(other) }
    let withdraw = Withdraw(operations: operations.map(\.operation))
    _ = open.append(Draft(kind: .withdraw, target: chosen.object, mutation: .withdraw(withdraw)))
    if random.chance(1, in: 3) {
      let undone = UndoActions(actions: [chosen.operation])
      _ = open.append(Draft(kind: .undo, target: nil, mutation: .undo(undone)))
    }
  }

  /// Ends a withdrawal, perhaps with others of the same object.
  private mutating func reinstate(_ open: inout OpenChange, _ model: ReplicaModel) {
    guard let chosen = random.pick(model.withdrawals) else { return }
    let ended = model.withdrawals.filter { $0.object == chosen.object && ($0 == chosen || random.chance(1, in: 2)) }
    let reinstate = Reinstate(withdrawals: ended.map(\.operation))
    _ = open.append(Draft(kind: .reinstate, target: chosen.object, mutation: .reinstate(reinstate)))
  }

  /// A kind of a later version, or a known one without what it acts on.
  private mutating func doUnknown(to conversation: ObjectID, _ open: inout OpenChange) {
    let kind = OperationKind(rawValue: UInt32(random.number(in: 100...400)))
    let draft =
      random.pick([
        Draft(kind: kind, target: conversation, mutation: .unknown, content: content(random.bytes(9))),
        Draft(kind: kind, target: nil, mutation: .unknown),
        Draft(kind: .restore, target: nil, mutation: .restore),
        Draft(kind: .trash, target: nil, mutation: .trash),
        Draft(
          kind: .writeRegister, target: nil,
          mutation: .writeRegister(WriteRegister(register: .title, predecessors: []))),
        message(parents: [], line: .continued, role: .user, in: nil, chunks: [], wall: 0),
      ])
    if let draft { _ = open.append(draft) }
  }

  private mutating func message(
    parents: [ObjectID], line: LinePlacement, role: Role, in conversation: ObjectID?, chunks: [OperationID],
    wall: Int64
  ) -> Draft {
    let body = role == .assistant ? MessageContent(text: "", model: "m") : MessageContent(text: random.words(1...3))
    let create = CreateMessage(
      parents: parents, line: line, role: role, created: wall, length: UInt32(body.text.unicodeScalars.count),
      chunks: chunks)
    return Draft(
      kind: .createMessage, target: conversation, mutation: .createMessage(create),
      content: content(body.canonicalBytes))
  }

  /// `bytes` with a fresh salt.
  mutating func content(_ bytes: [UInt8]) -> Content {
    .present(salt: random.bytes16(), bytes: bytes[...])
  }

  func name(_ index: UInt32, in open: OpenChange) -> OperationID {
    OperationID(log: open.id.log, sequence: open.id.sequence, index: index)
  }
}
