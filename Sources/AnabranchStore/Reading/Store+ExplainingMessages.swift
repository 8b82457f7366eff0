internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension ContentReader {
  /// What made a message, or imported it into the conversation in which it is looked for first, and what takes it away or keeps
  /// it, in no order; nothing where there is no such message, or nothing that made it has an effect.
  func contendersForMessage(_ message: ObjectKey) throws -> [Contender] {
    let conversations = try conversationsInOrder(of: message)
    guard let conversation = try place(ofMessage: message)?.conversation ?? conversations.first else { return [] }
    let name = try ObjectID(key: conversation, logs: logs, db)
    guard let row = try MessageRow.fetchAnywhere(db, conversation: conversation, key: message) else {
      return try purgedMessage(message, of: madeWithoutEffect(message), in: conversation, named: name) ?? []
    }
    let bases = try bases(of: row, in: conversation)
    if let purged = try purgedMessage(message, of: bases, in: conversation, named: name) { return purged }

    let followers = try followers(of: message, in: conversation)
    let ended = try endedWithdrawals(of: message, naming: Set(bases.map(\.id)))
    let activity = try lastActivity(of: row, and: ended.map(\.by))
    let fates = Fate.ofMessage(
      bases.map { ImportPrecedence(makingMessage: $0) }, withdrawals: try withdrawalsInOrder(of: message),
      ended: ended.map { ($0.held.id, $0.by) }, activity: activity.map { ($0.id, $0.change.time) },
      followers: followers.map(\.held.id))

    var contenders = try bases.map { held in
      let fate = fates[held.id] ?? .stands
      var contender = try contender(held, value: try base(of: held)?.text.text, fate)
      if fate == .stands { contender.textFrom = try otherBase(ofText: message, definedBy: held) }
      return contender
    }
    let done = try withdrawals(of: message).compactMap { try held($0.operation) } + ended.map(\.held) + activity
    for held in done {
      if let fate = fates[held.id] { contenders.append(try contender(held, value: nil, fate)) }
    }
    for follower in followers {
      guard let fate = fates[follower.held.id] else { continue }
      contenders.append(try contender(follower.held, value: nil, other: follower.name, fate))
    }
    return try contenders + deletions(hiding: conversation, named: name)
  }

  /// What made a message, and the purges that took it or its conversation; nil where there is none.
  private func purgedMessage(
    _ message: ObjectKey, of bases: [HeldOperation], in conversation: ObjectKey, named name: ObjectID
  ) throws -> [Contender]? {
    guard try hasPurges.get() else { return nil }
    let (own, whole) = (try purges(of: message), try purges(of: conversation))
    guard let first = (own + whole).inOrderOfTime.first else { return nil }
    return try bases.map { try contender($0, value: nil, .purged(by: first.id)) }
      + own.map { try contender($0, value: nil, .stands) }
      + whole.map { try contender($0, value: nil, other: name, .stands) }
  }

  /// What made a message, or imported it, and has no effect. Of imports those count for the conversations that hold it.
  func madeWithoutEffect(_ message: ObjectKey) throws -> [HeldOperation] {
    guard message < 0 else {
      let key = OperationKey(rawValue: message)
      guard try db.isUncounted(key), let held = try operation(key) else { return [] }
      if case .createMessage = held.operation.mutation { return [held] }
      return []
    }
    return try db.conversations(of: message, logs).flatMap { try db.uncounted(on: $0) }.compactMap { try operation($0) }
      .filter { held in
        guard case .importMessage(let source) = held.operation.mutation else { return false }
        return try db.key(of: .imported(source.message), logs) == message
      }
  }

  /// The purges that took an object by its own name.
  func purges(of object: ObjectKey) throws -> [HeldOperation] {
    try db.purges(of: object).compactMap { try operation($0) }
  }

  /// The last thing that each log did to a message and that keeps it from being hidden by who had not seen it, and `others` of
  /// that kind.
  private func lastActivity(of row: MessageRow, and others: [OperationID]) throws -> [HeldOperation] {
    let last = Dictionary(grouping: try activity(of: row), by: \.log).values.compactMap { $0.max() }
    return try Set(last + others).sorted().compactMap { try held($0) }
  }

  /// The undos that took back what made a message, `bases`, and were undone in turn, each by what did so first.
  private func endedWithdrawals(
    of message: ObjectKey, naming bases: Set<OperationID>
  ) throws -> [(held: HeldOperation, by: OperationID)] {
    var ended: [(held: HeldOperation, by: OperationID)] = []
    for end in try db.reinstatements(of: message).compactMap({ try operation($0) }).inOrderOfTime {
      guard case .reinstate(let reinstate) = end.operation.mutation else { continue }
      for held in try reinstate.withdrawals.compactMap({ try held($0) })
      where !ended.contains(where: { $0.held.id == held.id }) {
        guard let withdrawal = Withdrawal(held), withdrawal.operations.contains(where: bases.contains),
          try held.operation.envelope.target.flatMap({ try db.key(of: $0, logs) }) == message
        else { continue }
        ended.append((held, end.id))
      }
    }
    return ended
  }

  /// What made the messages that show and follow a message, with their names, in the order of these.
  private func followers(
    of message: ObjectKey, in conversation: ObjectKey
  ) throws -> [(held: HeldOperation, name: ObjectID)] {
    try MessageRow.fetchAll(db, conversation: conversation).filter { $0.key != message && $0.parents.contains(message) }
      .compactMap { row in
        try operation(row.definition).map { ($0, try ObjectID(key: row.key, logs: logs, db)) }
      }.sorted { $0.name < $1.name }
  }

  /// The deletions by which a conversation lies in the trash; none where it does not.
  private func deletions(hiding conversation: ObjectKey, named name: ObjectID) throws -> [Contender] {
    guard try ConversationRow.fetch(db, key: conversation)?.trashed == true else { return [] }
    return try contendersForTrash(of: conversation).filter { $0.kind == .trash && $0.fate == .stands }.map { deletion in
      var deletion = deletion
      deletion.other = name
      return deletion
    }
  }
}

extension ImportPrecedence {
  /// The precedence of what made a message, be it an import or not.
  fileprivate init(makingMessage held: HeldOperation) {
    self =
      ImportPrecedence(held)
      ?? ImportPrecedence(updated: nil, content: held.operation.contentHash, operation: held.id)
  }
}
