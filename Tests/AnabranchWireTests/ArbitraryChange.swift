import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom

/// A change whose parts are drawn at random, whether they make sense together or not.
struct ArbitraryChange {
  var open: OpenChange
  var context: SealedChange.Context
  var dependencies: [Dependency]

  private var random: RandomStream

  init(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let sequence = random.one(of: 1, 2, 3, 200, 70_000, UInt32.max)
    let id = ChangeID(log: LogID(random.bytes16()), sequence: sequence)
    context = SealedChange.Context(id: id, previous: random.digest())
    let time =
      random.one(
        of: HybridTime.zero, HybridTime(rawValue: .max),
        HybridTime(milliseconds: 1_700_000_000_000, counter: 5))
    let action = sequence - UInt32(random.number(in: 0...Int(min(sequence - 1, 300))))
    open = OpenChange(id: id, time: time, wall: time.milliseconds, action: action)
    dependencies = []
    self.random = random
    dependencies = (0..<self.random.number(in: 0...4)).map { _ in
      Dependency(
        change: ChangeID(log: LogID(self.random.bytes16()), sequence: self.sequence()),
        hash: self.random.bytes16())
    }
    for _ in 0..<self.random.number(in: 1...6) { _ = open.append(draft()) }
  }

  var sealed: SealedChange {
    SealedChange(sealing: open, context: context, dependencies: dependencies)
  }

  private mutating func sequence() -> UInt32 {
    random.one(of: 1, 2, 127, 128, 99_999, .max)
  }

  private mutating func operation() -> OperationID? {
    let index = random.one(of: 0, 1, 127, 128, Limits.identifiersMax - 1)
    if let seen = random.pick(dependencies)?.change, random.chance(2, in: 3) {
      return OperationID(log: seen.log, sequence: min(sequence(), seen.sequence), index: index)
    }
    let own = context.id
    let distance = UInt32(random.number(in: 0...Int(min(own.sequence - 1, 300))))
    // The first operation of the first change has nothing to refer to.
    guard distance > 0 || open.nextIndex > 0 else {
      return dependencies.first.map { OperationID(log: $0.change.log, sequence: $0.change.sequence, index: index) }
    }
    return OperationID(
      log: own.log, sequence: own.sequence - distance, index: distance > 0 ? index : min(index, open.nextIndex - 1))
  }

  private mutating func operations() -> [OperationID] {
    (0..<random.number(in: 0...3)).compactMap { _ in operation() }
  }

  private mutating func object() -> ObjectID {
    if random.chance(2, in: 3), let operation = operation() { return .native(operation) }
    return .imported(random.bytes16())
  }

  private mutating func time() -> Int64 {
    random.one(of: 0, 1, 1_700_000_000_001, Limits.millisecondsMax, -1, .min, .max)
  }

  private mutating func message() -> CreateMessage {
    let line = random.one(of: LinePlacement.continued, .started, .named(object()))
    return CreateMessage(
      parents: (0..<random.number(in: 0...3)).map { _ in object() }, line: line,
      role: Role(rawValue: UInt8(truncatingIfNeeded: random.next())), created: time(),
      length: UInt32(random.number(in: 0...1_000)), chunks: operations())
  }

  private mutating func edits() -> [TextEdit] {
    var edits: [TextEdit] = []
    for _ in 0...random.below(6) {
      let position = random.one(of: edits.last?.position ?? 0, random.below(200), Int(UInt32.max))
      let kind = random.one(of: TextEdit.Kind.insert, .deleteForward, .deleteBackward)
      edits.add(TextEdit(kind, at: position, count: random.one(of: 1, 1, 2, 300)))
    }
    return edits
  }

  private mutating func mutation() -> (OperationKind, Mutation) {
    let register = RegisterKind(rawValue: random.one(of: 1, 2, 127, 128, .max))
    let set = SetKind(rawValue: random.one(of: 1, 2, 127, 128, .max))
    let times = (random.chance(1, in: 2) ? time() : nil, random.chance(1, in: 2) ? time() : nil)
    switch random.number(in: 0...23) {
    case 0: return (.createConversation, .createConversation(CreateConversation(created: time())))
    case 1: return (.createMessage, .createMessage(message()))
    case 2:
      let append = AppendText(
        predecessors: operations(), position: sequence(), length: UInt32(random.number(in: 0...500)))
      return (.appendText, .appendText(append))
    case 3:
      return (.writeRegister, .writeRegister(WriteRegister(register: register, predecessors: operations())))
    case 4: return (.addElement, .addElement(AddElement(set: set)))
    case 5: return (.removeElement, .removeElement(RemoveElement(set: set, additions: operations())))
    case 6: return (.trash, .trash)
    case 7: return (.restore, .restore)
    case 8:
      return (
        .importConversation,
        .importConversation(ImportConversation(created: times.0, updated: times.1, chunks: operations()))
      )
    case 9:
      let source = ImportMessage(message: random.bytes16(), updated: times.0, base: message())
      return (.importMessage, .importMessage(source))
    case 10: return (.chunk, .chunk)
    case 11:
      let text = TextKind(rawValue: random.one(of: 1, 2, 127, 128, .max))
      return (.editText, .editText(EditText(text: text, predecessors: operations(), edits: edits())))
    case 12: return (.purge, .purge(Purge(isImmediate: random.chance(1, in: 2))))
    case 13: return (.receipt, .receipt(PurgeReceipt(purges: operations())))
    case 14: return (.markRead, .markRead(MarkRead(messages: operations())))
    case 16: return (.withdraw, .withdraw(Withdraw(operations: operations())))
    case 17: return (.reinstate, .reinstate(Reinstate(withdrawals: operations())))
    case 18: return (.undo, .undo(UndoActions(actions: operations())))
    case 19:
      guard let operation = operation() else { return (.chunk, .chunk) }
      let origins = (0..<random.number(in: 0...4)).map { _ in
        TextOrigin(
          operation: random.chance(1, in: 3) ? nil : self.operation(), offset: random.one(of: 0, 1, 300, 1 << 30),
          count: random.one(of: 1, 2, 300, 1 << 30))
      }
      return (.regainText, .regainText(RegainText(operation: operation, origins: origins)))
    case 20:
      return (
        .enrol,
        .enrol(Enrol(digest(), into: random.bytes16(), as: random.one(of: .reader, .writer, .owner), recovery: word()))
      )
    case 21:
      let role: MemberRole = random.one(of: .outsider, .reader, .writer)
      return (
        .restrict, .restrict(Restrict(digest(), in: random.bytes16(), to: role, after: heads(), recovery: word()))
      )
    case 22: return (.adopt, .adopt(Adopt(heads(), into: random.bytes16())))
    case 15:
      guard let operation = operation() else { return (.chunk, .chunk) }
      let runs = (0..<random.number(in: 0...5)).map { $0 == 0 ? random.below(3) : 1 + random.below(300) }
      let purge = PurgePast(of: operation, runs: runs, isImmediate: random.chance(1, in: 2), chunks: operations())
      return (.purgePast, .purgePast(purge))
    default: return (OperationKind(rawValue: random.one(of: 0, 99, 128, .max)), .unknown)
    }
  }

  private mutating func digest() -> Digest {
    Digest(head: random.bytes16(), tail: random.bytes16())
  }

  private mutating func word() -> RecoveryWord? {
    guard random.chance(1, in: 2) else { return nil }
    return RecoveryWord(key: digest(), signature: random.bytes(RecoveryWord.signatureBytes))
  }

  private mutating func heads() -> [Dependency] {
    Set((0..<random.number(in: 0...4)).map { _ in LogID(random.bytes16()) }).sorted().map {
      Dependency(change: ChangeID(log: $0, sequence: random.one(of: 1, 127, 128, .max)), hash: random.bytes16())
    }
  }

  private mutating func draft() -> Draft {
    let (kind, mutation) = mutation()
    let content = Content.present(salt: random.bytes16(), bytes: random.bytes(random.number(in: 0...40))[...])
    return Draft(
      kind: kind, target: random.chance(3, in: 4) ? object() : nil, mutation: mutation,
      content: random.chance(2, in: 3) ? content : .none)
  }
}
