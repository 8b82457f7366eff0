public import AnabranchCore
internal import AnabranchStore

extension Replica {
  /// A branch of a conversation, ready for a model: its linear reading up to `tip`, or where none is given up to what the
  /// next message would follow.
  ///
  /// Within `budget` tokens, as `counter` counts them, the newest messages are taken; those that are pinned, and those
  /// that instruct the model, whatever their age. What was left out is said. The same on every device that holds the
  /// same. Throws ``AnabranchError/Code/notFound`` where the conversation has no such message, and
  /// ``AnabranchError/Code/invalid`` where what is kept is more than the budget. O(messages of the conversation).
  public func context(
    of conversation: ObjectID, tip: ObjectID? = nil, budget: Int? = nil, counter: some TokenCounter = EstimatedTokens()
  ) throws(AnabranchError) -> ModelContext {
    let record = try self.conversation(conversation)
    let tips = try tips(of: record, tip)
    let branch = record.messages.ancestors(of: tips)
    let present = branch.filter { $0.content != nil }
    let messages = present.compactMap { message -> ModelContext.Message? in
      let text = message.textWithFiles
      guard !text.allSatisfy(\.isWhitespace) else { return nil }
      return ModelContext.Message(
        id: message.id, role: message.role, author: message.content?.author, text: text,
        tokens: counter.count(text) + counter.tokensPerMessage, isKept: message.role == .system || message.isPinned)
    }
    let choice = try ContextSelection(of: messages, budget: budget, counter: counter)
    var context = ModelContext(
      conversation: conversation, title: record.summary.title, tips: tips, messages: choice.messages,
      tokens: choice.tokens)
    (context.omitted, context.omittedTokens) = (choice.omitted, choice.omittedTokens)
    (context.note, context.noteIndex) = (choice.note, choice.noteIndex)
    context.absent = branch.count - present.count
    return context
  }

  /// The messages that the branch ends in.
  private func tips(of record: ConversationRecord, _ tip: ObjectID?) throws(AnabranchError) -> [ObjectID] {
    guard let tip else {
      let tips = try withStore { (store) throws(StoreError) in try store.tips(of: record.summary.id) } ?? []
      return tips.filter { $0.line == tips.last?.line }.map(\.message)
    }
    guard record.messages.contains(where: { $0.id == tip }) else {
      throw AnabranchError(
        .notFound, "there is no message \(tip) in conversation \(record.summary.id)",
        remedy: "see `anabranch show \(record.summary.id)` for those there are")
    }
    return [tip]
  }
}

extension [MessageRecord] {
  /// Those of these that `tips` follow, and themselves, in the same order.
  fileprivate func ancestors(of tips: [ObjectID]) -> [MessageRecord] {
    let byID = Dictionary(map { ($0.id, $0) }) { first, _ in first }
    var wanted: Set<ObjectID> = []
    var waiting = tips
    while let next = waiting.popLast() {
      guard let message = byID[next], wanted.insert(next).inserted else { continue }
      waiting += message.parents
    }
    return filter { wanted.contains($0.id) }
  }
}

extension MessageRecord {
  /// What it says, and a line for each attached file: a model is told that it was there, wherever its bytes are.
  fileprivate var textWithFiles: String {
    let files = attachments.map { "[attached: \(Self.line($0.content.name))]" }
    return (text.isEmpty ? files : [text] + files).joined(separator: "\n")
  }

  /// A name that somebody else chose, within one line.
  private static func line(_ name: String) -> String {
    let breaks: [Unicode.GeneralCategory] = [.control, .lineSeparator, .paragraphSeparator]
    let scalars = name.unicodeScalars.map { breaks.contains($0.properties.generalCategory) ? " " : $0 }
    return String(String.UnicodeScalarView(scalars))
  }
}
