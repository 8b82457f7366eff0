public import AnabranchCore
public import AnabranchStore
internal import AnabranchWire

extension Replica {
  /// The conversations, the one written last first; those in the trash only on demand. Where a folder or a tag is
  /// given, those that have it.
  public func conversations(
    trashed: Bool = false, folder: String? = nil, tag: String? = nil, limit: Int = .max
  ) throws(AnabranchError) -> [ConversationSummary] {
    var wanted: [(set: SetKind, element: [UInt8])] = []
    if let folder { wanted.append((.folders, Array(folder.utf8))) }
    if let tag { wanted.append((.tags, Array(tag.utf8))) }
    return try withStore { (store) throws(StoreError) in
      try store.conversations(trashed: trashed, with: wanted, limit: limit)
    }
  }

  /// The conversations outside of the trash that have lines which diverged, with their messages, the one written last first: at most
  /// `limit` of them; and how many there are. O(conversations).
  public func divergedConversations(
    limit: Int = .max
  ) throws(AnabranchError) -> (records: [ConversationRecord], count: Int) {
    try withStore { (store) throws(StoreError) in
      try store.consistently { () throws(StoreError) in
        var records: [ConversationRecord] = []
        for summary in try store.conversations(diverged: true, limit: limit) {
          if let record = try store.conversation(summary.id) { records.append(record) }
        }
        return (records, try store.divergedCount())
      }
    }
  }

  /// One conversation without its messages.
  public func summary(of id: ObjectID) throws(AnabranchError) -> ConversationSummary {
    try checkExists(id)
  }

  /// One conversation with all its messages, in the order a person scrolls them.
  public func conversation(_ id: ObjectID) throws(AnabranchError) -> ConversationRecord {
    guard let record = try withStore({ (store) throws(StoreError) in try store.conversation(id) }) else {
      try checkNotPurged(id)
      throw AnabranchError(
        .notFound, "there is no conversation \(id)", remedy: "see `anabranch list` for those there are")
    }
    return record
  }

  /// The messages of a conversation, on all branches, in the order a person scrolls them.
  public func messages(of id: ObjectID) throws(AnabranchError) -> [MessageRecord] {
    try conversation(id).messages
  }

  /// The conversation that holds a message, and the message.
  public func message(
    _ id: ObjectID
  ) throws(AnabranchError) -> (conversation: ObjectID, message: MessageRecord) {
    guard let found = try withStore({ (store) throws(StoreError) in try store.message(id) }) else {
      try checkNotPurged(id)
      throw AnabranchError(.notFound, "there is no message \(id)", remedy: "see `anabranch show` for those there are")
    }
    return found
  }

  /// Where a message stands in the conversation that holds it, and why, with that conversation. O(its messages).
  public func place(
    of message: ObjectID
  ) throws(AnabranchError) -> (conversation: ConversationRecord, place: MessagePlace) {
    let record = try conversation(try self.message(message).conversation)
    guard let place = record.place(of: message) else {
      throw AnabranchError(.notFound, "\(message) does not show", remedy: "see `anabranch inspect why \(message)`")
    }
    return (record, place)
  }

  /// The messages in which all words of `query` occur, the best first. Always complete, indexed or not.
  ///
  /// Made for searching while somebody types: the last word stands for every word that starts so, unless a space
  /// follows it. Words in quotation marks are a phrase, and `word*` stands for every word that starts so.
  public func search(_ query: String, limit: Int = 20) throws(AnabranchError) -> [SearchHit] {
    try withStore { (store) throws(StoreError) in try store.search(query, limit: limit) }
  }

  /// Brings the search's index up to a number of further changes; false once nothing is left to index.
  @discardableResult
  public func indexStep(limit: Int = 1_000) throws(AnabranchError) -> Bool {
    try withStore { (store) throws(StoreError) in try store.indexStep(limit: limit) }
  }

  /// Moves what was written of late to its place in the database, so that no write has to do it.
  package func checkpoint() throws(AnabranchError) {
    try withStore { (store) throws(StoreError) in try store.checkpoint() }
  }

  /// Tells of every change to the history from now on, until the replica is closed.
  public nonisolated var changes: AsyncStream<ReplicaChange> {
    observers.stream()
  }
}

extension MessageRecord {
  /// What a person reads; empty where the content is not on this device.
  public var text: String {
    content?.text ?? ""
  }
}
