public import AnabranchCore
public import AnabranchStore

extension Replica {
  /// Hands out everything, all branches included, or one conversation, as a stream of events that
  /// ``importHistory(from:progress:)`` takes.
  ///
  /// Conversations in the trash come too, marked so. One message is held at a time. Rethrows what `body` throws.
  public func exportHistory(
    of conversation: ObjectID? = nil, _ body: (HistoryEvent) throws(AnabranchError) -> Void
  ) throws(AnabranchError) {
    let summaries: [ConversationSummary]
    if let conversation {
      summaries = [try checkExists(conversation)]
    } else {
      summaries = try conversations() + conversations(trashed: true)
    }
    for summary in summaries.sorted(by: { $0.id < $1.id }) {
      let source = try withStore { (store) throws(StoreError) in
        var source = SourceConversation(summary, changed: try store.lastChange(of: summary.id))
        source.notes = try store.text(.notes, of: summary.id)?.text ?? ""
        source.draft = try store.text(.draft, of: summary.id)?.text ?? ""
        return source
      }
      try body(.conversation(source))
      try exportMessages(of: summary.id, body)
    }
  }

  /// Hands out each file that ``exportHistory(of:_:)`` tells of and whose bytes are all here, once; returns how many are
  /// not here. Rethrows what `body` throws.
  public func exportFiles(
    of conversation: ObjectID? = nil, _ body: (AttachmentRecord) throws(AnabranchError) -> Void
  ) throws(AnabranchError) -> Int {
    var all = conversation.map { [$0] } ?? []
    if conversation == nil { all = try (conversations() + conversations(trashed: true)).map(\.id) }
    var seen: Set<String> = []
    var absent = 0
    for id in all.sorted() {
      for file in try messages(of: id).flatMap(\.attachments) where seen.insert(file.exportName).inserted {
        if file.presence == .whole { try body(file) } else { absent += 1 }
      }
    }
    return absent
  }

  private func exportMessages(
    of conversation: ObjectID, _ body: (HistoryEvent) throws(AnabranchError) -> Void
  ) throws(AnabranchError) {
    var failure: AnabranchError?
    try withStore { (store) throws(StoreError) in
      try store.forEachMessage(of: conversation) { message in
        guard failure == nil else { return }
        do throws(AnabranchError) {
          if message.content == nil, !message.isPurged {
            try body(
              .warning(
                ImportWarning(
                  code: "content-absent", message: "the content of message \(message.id) is not on this device",
                  skipped: true)))
          }
          try body(.message(SourceMessage(message)))
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure }
  }
}

extension SourceConversation {
  /// A conversation as an export of ours tells of it; `changed` is when it was last written to, imports apart.
  ///
  /// It was updated when either its source or somebody here changed it last, so that a later export of it counts.
  init(_ summary: ConversationSummary, changed: Int64?) {
    self.init(source: Importer.ownSource, id: summary.id.description)
    title = summary.title
    created = summary.created.flatMap(Self.known)
    updated = [summary.sourceUpdated, changed].compactMap(\.self).max().flatMap(Self.known)
    current = summary.current?.description
    archived = summary.archived
    pinned = summary.pinned
    trashed = summary.trashed
    tags = summary.tags
    folders = summary.folders
    fields = summary.fields
    model = summary.model
    verbatim = summary.verbatim
  }

  /// The time; nil for 0, which in a history stands for one that nobody knows.
  static func known(_ milliseconds: Int64) -> Int64? {
    milliseconds == 0 ? nil : milliseconds
  }
}

extension SourceMessage {
  /// A message as an export of ours tells of it.
  init(_ message: MessageRecord) {
    self.init(
      id: message.id.description, parents: message.parents.map(\.description), role: message.role,
      text: message.text)
    startsLine = message.startsLine
    author = message.content?.author
    model = message.content?.model
    created = SourceConversation.known(message.created)
    verbatim = message.content?.verbatim
    attachments = message.attachments.map { file in
      SourceAttachment(
        id: file.exportName, name: file.content.name, mediaType: file.content.mediaType,
        byteCount: file.content.byteCount)
    }
  }
}

extension AttachmentRecord {
  /// What an export of ours calls the file, and its bytes beside it: equal files alike.
  public var exportName: String {
    content.blob?.description ?? content.sourceID ?? id.description
  }
}
