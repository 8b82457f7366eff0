public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// All that was done to a facet of a conversation or a message, what shows first, then the last thing first.
  ///
  /// Empty where nobody did anything to it, where there is no such object, and where it was purged, unless that is asked, or
  /// whether a message shows: then the purge is among it. O(what was done to the object); of the trash also, for each log that
  /// deleted it, the changes that some deletion of it had not seen, and deletions² × what undid them.
  public func contenders(for facet: Facet, of id: ObjectID) throws(StoreError) -> [Contender] {
    try reading { db in
      let reader = ContentReader(db, state)
      guard let key = try db.key(of: id, state) else { return [] }
      guard try facet == .message || facet == .purge || !reader.isPurged(key) else { return [] }
      let contenders =
        switch facet {
        case .title, .model, .archived, .pinned, .field: try reader.contenders(forRegister: facet, of: key)
        case .tag(let word): try reader.contenders(for: word, in: .tags, of: key)
        case .folder(let word): try reader.contenders(for: word, in: .folders, of: key)
        case .trash: try reader.contendersForTrash(of: key)
        case .message: try reader.contendersForMessage(key)
        case .purge: try reader.purges(of: key).map { try reader.contender($0, value: nil, .stands) }
        }
      let counting = contenders.map(\.operation)
      let (needs, undos) = (try reader.needs(of: counting), try reader.undosByOperation(of: key))
      return try (contenders + reader.contendersWithoutEffect(for: facet, of: key)).map { contender in
        var contender = contender
        contender.need = needs[contender.operation]
        if case .withdrawn = contender.fate { contender.moreUndos = max(0, (undos[contender.operation] ?? 0) - 1) }
        return contender
      }.inOrder()
    }
  }
}

extension [Contender] {
  /// What shows first, then the last thing first.
  func inOrder() -> [Contender] {
    sorted { a, b in
      let (first, second) = (a.fate == .stands, b.fate == .stands)
      return first == second ? (a.time, a.operation) > (b.time, b.operation) : first
    }
  }
}

extension Facet {
  /// The register that holds it.
  fileprivate var register: RegisterKind? {
    switch self {
    case .title: .title
    case .model: .model
    case .archived: .archived
    case .pinned: .pinned
    case .field: .fields
    case .tag, .folder, .trash, .message, .purge: nil
    }
  }

  /// What is in the set that it is about; nil where it is about none.
  fileprivate var word: String? {
    switch self {
    case .tag(let word), .folder(let word): word
    default: nil
    }
  }

  /// Whether it is whether `content` is in that set.
  fileprivate func holds(_ set: SetKind, _ content: ArraySlice<UInt8>?) -> Bool {
    let own: SetKind? = if case .tag = self { .tags } else if case .folder = self { .folders } else { nil }
    guard let word, set == own else { return false }
    return content?.elementsEqual(word.utf8) == true
  }

  /// What a write of these bytes says, nil inside where that is nothing; nil where it is of another name.
  fileprivate func value(_ bytes: ArraySlice<UInt8>?) -> String?? {
    switch self {
    case .field(let name):
      let content = bytes.flatMap { FieldContent(canonicalBytes: $0) }
      return content.flatMap { $0.name.utf8.elementsEqual(name.utf8) ? .some($0.value) : nil }
    case .archived, .pinned: return .some(bytes.map { $0.elementsEqual([1]) ? "true" : "false" })
    default: return .some(bytes.flatMap { String(utf8: $0) })
    }
  }

  /// What a source says of it; nil where that is nothing.
  fileprivate func value(_ content: ConversationContent) -> String? {
    switch self {
    case .title: content.title
    case .model: content.model
    case .archived: content.archived ? "true" : nil
    case .pinned: content.pinned ? "true" : nil
    default: nil
    }
  }
}

extension ContentReader {
  func contender(
    _ held: HeldOperation, value: String?, other: ObjectID? = nil, _ fate: Fate
  ) throws -> Contender {
    func action(_ change: ChangeID) throws -> ChangeID {
      ChangeID(log: change.log, sequence: try logs.changeHeader(of: change, in: db).action)
    }
    var builtOn = held.change.seen
    // Its own log up to the change before: what it wrote at once is one thing.
    builtOn[held.id.log] = held.id.sequence - 1
    let (kind, first) = (held.operation.envelope.kind, ChangeID(log: held.id.log, sequence: held.change.action))
    let undoes = try Self.undoing.contains(kind) ? actions(undoneIn: first).map(\.change) : []
    return Contender(
      operation: held.id, action: first, kind: kind,
      isUndo: [.withdraw, .reinstate].contains(kind) || !undoes.isEmpty, undoes: undoes, time: held.change.time,
      other: other, value: value,
      updated: ImportPrecedence(held)?.updated, due: try kind == .purge ? due(held.id) : nil,
      builtOn: builtOn, fate: fate,
      decidedBy: try fate.decidedBy.map { try action($0.change) })
  }

  /// When the bytes go that a purge takes; nil where they are gone.
  private func due(_ purge: OperationID) throws -> Int64? {
    try logs.key(of: purge).flatMap { try db.due($0) }
  }

  /// What an undo can do.
  private static let undoing: Set<OperationKind> = [.withdraw, .reinstate, .editText, .trash, .restore]

  /// By operation on an object the first undo that took it back and stands, by its time.
  func withdrawalsByOperation(of object: ObjectKey) throws -> [OperationID: OperationID] {
    let pairs = try withdrawalsInOrder(of: object).flatMap { withdrawal in
      withdrawal.operations.map { ($0, withdrawal.operation) }
    }
    return Dictionary(pairs) { first, _ in first }
  }

  /// By operation on an object how many undos took it back and stand; of these undos how many ended them.
  func undosByOperation(of object: ObjectKey) throws -> [OperationID: Int] {
    var undos: [OperationID: Int] = [:]
    for withdrawal in try withdrawals(of: object) {
      for operation in Set(withdrawal.operations) { undos[operation, default: 0] += 1 }
    }
    for end in try db.reinstatements(of: object).compactMap({ try operation($0) }) {
      guard case .reinstate(let reinstate) = end.operation.mutation else { continue }
      for withdrawal in Set(reinstate.withdrawals) { undos[withdrawal, default: 0] += 1 }
    }
    return undos
  }

  /// All writes to the register that holds a facet, in no order, and the imports that say something of it.
  func contenders(forRegister facet: Facet, of object: ObjectKey) throws -> [Contender] {
    guard let register = facet.register else { return [] }
    let writes = try operations(on: register, of: object).compactMap { held in
      facet.value(held.operation.envelope.content.bytes).map { (held: held, value: $0) }
    }
    let fates = Fate.ofWrites(
      writes.compactMap { MultiValueRegister.Replacing($0.held) }, withdrawals: try withdrawalsByOperation(of: object))
    let contenders = try writes.map { try contender($0.held, value: $0.value, fates[$0.held.id] ?? .stands) }
    return try contenders
      + imports(saying: facet, of: object, unless: contenders.first { $0.fate == .stands }?.operation)
  }

  /// The imports of a conversation, where one says something of a facet. What the one says that shows counts as long as nobody
  /// wrote it here, as `winner` did.
  private func imports(saying facet: Facet, of object: ObjectKey, unless winner: OperationID?) throws -> [Contender] {
    guard let shown = try ConversationRow.fetch(db, key: object)?.source else { return [] }
    let told = try sources(of: object, shown).map { held in
      let content = try content(of: held).flatMap { ConversationContent(canonicalBytes: $0) }
      return (held: held, value: content.flatMap { facet.value($0) })
    }
    guard told.contains(where: { $0.value != nil }) else { return [] }
    let fates = Fate.ofImports(
      told.compactMap { ImportPrecedence($0.held) }, withdrawals: try withdrawalsByOperation(of: object))
    return try told.map { held, value in
      let fate = fates[held.id] ?? .stands
      return try contender(held, value: value, fate == .stands ? winner.map { .yields(to: $0) } ?? .stands : fate)
    }
  }

  fileprivate func contenders(for word: String, in set: SetKind, of object: ObjectKey) throws -> [Contender] {
    var (additions, removals): ([HeldOperation], [HeldOperation]) = ([], [])
    for held in try (db.additions(set, of: object) + db.unshown(of: object)).compactMap({ try operation($0) }) {
      switch held.operation.mutation {
      case .addElement(let add):
        guard add.set == set, held.operation.envelope.content.bytes?.elementsEqual(word.utf8) == true else { continue }
        additions.append(held)
      case .removeElement(let remove) where remove.set == set: removals.append(held)
      default: break
      }
    }
    (additions, removals) = (additions.inOrderOfTime, removals.inOrderOfTime)
    let names = Set(additions.map(\.id))
    let taken = removals.compactMap { held -> (operation: OperationID, additions: [OperationID])? in
      guard case .removeElement(let remove) = held.operation.mutation else { return nil }
      let own = remove.additions.filter(names.contains)
      return own.isEmpty ? nil : (held.id, own)
    }
    let fates = Fate.ofElement(
      additions: additions.map(\.id), removals: taken, withdrawals: try withdrawalsByOperation(of: object))
    return try (additions + removals).compactMap { held in
      try fates[held.id].map { try contender(held, value: word, $0) }
    }
  }

  /// What was done to a facet and has no effect, since its device might not do it.
  fileprivate func contendersWithoutEffect(for facet: Facet, of object: ObjectKey) throws -> [Contender] {
    let isGone = try isPurged(textsOf: object)
    let made = try facet == .message && !isGone ? madeWithoutEffect(object) : []
    let done = try db.uncounted(on: object).compactMap { name -> (held: HeldOperation, value: String?)? in
      guard let held = try operation(name),
        try held.operation.envelope.target.map({ try db.key(of: $0, logs) }) == object,
        let value = try value(of: facet, saidBy: held)
      else { return nil }
      return (held, value)
    }
    return try (made.map { ($0, try base(of: $0)?.text.text) } + done).map { held, value in
      try contender(held, value: value, .uncounted(as: role(ofUncounted: held.id.change)))
    }
  }

  /// What an operation says of a facet, nil inside where it says no value; nil where it is about something else.
  private func value(of facet: Facet, saidBy held: HeldOperation) throws -> String?? {
    switch held.operation.mutation {
    case .writeRegister(let write):
      return write.register == facet.register ? facet.value(held.operation.envelope.content.bytes) : nil
    case .addElement(let add): return try facet.holds(add.set, content(of: held)) ? .some(facet.word) : nil
    case .removeElement(let remove):
      let isAbout = try remove.additions.contains { name in
        try self.held(name).map { try facet.holds(remove.set, content(of: $0)) } ?? false
      }
      return isAbout ? .some(facet.word) : nil
    case .trash, .restore: return facet == .trash ? .some(nil) : nil
    case .purge: return facet == .purge || facet == .message ? .some(nil) : nil
    case .withdraw, .reinstate: return facet == .message ? .some(nil) : nil
    case .importConversation:
      let content = try content(of: held).flatMap { ConversationContent(canonicalBytes: $0) }
      return content.flatMap { facet.value($0) }.map { .some($0) }
    default: return nil
    }
  }
}
