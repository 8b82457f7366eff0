public import AnabranchCore
internal import AnabranchWire

/// What a person sees.
extension NaiveHistory {
  /// Every listed conversation that nobody purged or took back, also those in the trash, in ascending order.
  public var conversations: [NaiveConversation] {
    listed.subtracting(purged).filter { !isTakenBack($0) }.sorted().map(conversation)
  }

  /// The conversation named `id`, whether it is listed or not.
  public func conversation(_ id: ObjectID) -> NaiveConversation {
    let titles = live(.title, of: id)
    let source = source(of: id)
    let said = source.flatMap { whole(chunks: $0.import.chunks, own: $0.applied) }.flatMap {
      ConversationContent(canonicalBytes: $0)
    }
    let messages = messages(of: id)
    let graph = graph(messages)
    return NaiveConversation(
      id: id, created: created(id) ?? source?.import.created, titles: titles.map(\.text),
      title: titles.isEmpty ? said?.title : titles[0].text, tags: words(.tags, of: id),
      folders: words(.folders, of: id), fields: fields(of: id),
      isArchived: flag(.archived, of: id) ?? said?.archived ?? false,
      isPinned: flag(.pinned, of: id) ?? said?.pinned ?? false,
      model: live(.model, of: id).first.map(\.text) ?? said?.model, draft: text(.draft, of: id),
      notes: text(.notes, of: id), isHidden: isHidden(id),
      messages: graph.linearReading.compactMap { id in messages.first { $0.id == id } },
      tips: graph.tips,
      diverged: graph.diverged { id in messages.first { $0.id == id }?.line ?? id })
  }

  private func created(_ conversation: ObjectID) -> Int64? {
    for applied in operations where .native(applied.id) == conversation {
      if case .createConversation(let create) = applied.mutation { return create.created }
    }
    return nil
  }

  /// The value of a register of one byte; nil where no person wrote it.
  private func flag(_ register: RegisterKind, of conversation: ObjectID) -> Bool? {
    live(register, of: conversation).first.map { $0.bytes.map(Array.init) == [1] }
  }

  private func words(_ set: SetKind, of conversation: ObjectID) -> [String] {
    let texts = live(set, of: conversation).compactMap { $0.text.map { Array($0.utf8) } }
    return Set(texts).sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The messages of a conversation, by (created, id).
  private func messages(of conversation: ObjectID) -> [NaiveMessage] {
    let hidden = hiddenMessages(of: conversation)
    let here = messageKeys.filter { $0.conversation == conversation && !hidden.contains($0.message) }
    let bases = Dictionary(
      uniqueKeysWithValues: here.compactMap { key in base(of: key).map { (key.message, $0) } })
    return bases.map { id, base in
      NaiveMessage(
        id: id, role: base.message.role, created: base.message.created, parents: base.message.parents,
        line: Self.line(of: id, in: conversation, messages: bases.mapValues(\.message)),
        base: content(of: base.message, own: base.applied),
        text: body(of: MessageKey(conversation: conversation, message: id), base),
        isPurged: isPurged(MessageKey(conversation: conversation, message: id)),
        isPinned: !arePurged(textsOf: id) && flag(.pinned, of: id) ?? false,
        edits: operations(on: .body, of: id).count, attachments: attachments(of: id).map(\.id))
    }.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
  }

  /// The line of a message; of messages in a cycle, which only a forged history has, the main line.
  private static func line(
    of message: ObjectID, in conversation: ObjectID, messages: [ObjectID: CreateMessage]
  ) -> ObjectID {
    var visited: Set<ObjectID> = []
    var current = message
    while visited.insert(current).inserted, let base = messages[current] {
      switch base.line {
      case .started: return current
      case .named(let line): return line
      case .continued:
        guard let parent = base.parents.first(where: { $0 != current && messages[$0] != nil }) else {
          return conversation
        }
        current = parent
      }
    }
    return conversation
  }

  func content(of message: CreateMessage, own: Applied) -> MessageContent? {
    isPurged(own) ? nil : self.message(own, chunks: message.chunks)
  }

  /// What an operation says of a message, whether it was purged or not.
  func message(_ applied: Applied, chunks: [OperationID]) -> MessageContent? {
    whole(chunks: chunks, own: applied).flatMap { MessageContent(canonicalBytes: $0) }
  }

  /// The chunks and the operation's own content, put together.
  private func whole(chunks: [OperationID], own: Applied) -> ArraySlice<UInt8>? {
    guard let last = own.bytes else { return nil }
    var whole: [UInt8] = []
    for name in chunks {
      guard let chunk = operations.first(where: { $0.id == name && $0.mutation == .chunk }),
        let bytes = chunk.bytes
      else { return nil }
      whole += bytes
    }
    return (whole + last)[...]
  }

  private func graph(_ messages: [NaiveMessage]) -> NaiveGraph<ObjectID> {
    let named = Dictionary(messages.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return NaiveGraph(
      messages.map(\.id), parents: { named[$0]?.parents ?? [] },
      precedes: { a, b in
        guard let a = named[a], let b = named[b] else { return false }
        return (a.created, a.id) < (b.created, b.id)
      })
  }
}
