public import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire

extension Replica {
  /// Starts a conversation, and returns its name.
  @discardableResult
  public func newConversation(_ title: String? = nil) throws(AnabranchError) -> ObjectID {
    try checkLength(Array((title ?? "").utf8))
    let wall = surroundings.wall()
    let id = try write { (writer, store) throws(StoreError) in
      guard let log = store.ownLog, let sequence = store.nextSequence else {
        throw StoreError(.limit, "this replica's log cannot be written", remedy: "open another log")
      }
      let id = ObjectID.native(OperationID(log: log, sequence: sequence, index: 0))
      try writer.add(
        Draft(
          kind: .createConversation, target: nil,
          mutation: .createConversation(CreateConversation(created: wall))))
      if let title { try writer.addRegister(.title, Array(title.utf8), on: id, replacing: []) }
      _ = try writer.flush()
      return id
    }
    notify(id)
    return id
  }

  /// Where a message goes that names no parents.
  public enum Placement: Hashable, Sendable {
    /// After what its writer is shown: a person's message after all tips of the line written last, an answer after
    /// the last of them.
    case shown
    /// After that message, on its line if nobody answered it yet; else as a branch of its own.
    case after(ObjectID)
    /// After that message, as a branch of its own.
    case branch(from: ObjectID)
  }

  /// Writes a message, and returns its name.
  ///
  /// Durable when this returns, and pushed to every live peer right after. Throws
  /// ``AnabranchError/Code/notFound`` where the conversation, or the message it shall follow, is not held.
  @discardableResult
  public func say(
    _ text: String, in conversation: ObjectID, as role: Role = .user, model: String? = nil,
    at placement: Placement = .shown
  ) throws(AnabranchError) -> ObjectID {
    let content = MessageContent(text: text, model: model)
    let wall = surroundings.wall()
    let id = try write { (writer, store) throws(StoreError) in
      let (parents, line, created) = try store.place(placement, in: conversation, role: role, wall: wall)
      let (chunks, rest) = try writer.cut(content.canonicalBytes)
      try writer.add(
        Draft(
          kind: .createMessage, target: conversation,
          mutation: .createMessage(
            CreateMessage(
              parents: parents, line: line, role: role, created: created,
              length: UInt32(clamping: text.scalarCount), chunks: chunks)),
          content: writer.content(rest)))
      guard let made = try writer.flush().last else { throw StoreError(.io, "nothing was written") }
      return ObjectID.native(made)
    }
    notify(conversation)
    return id
  }

  /// Gives a conversation another title, which replaces every one its writer can see.
  public func setTitle(_ title: String, of conversation: ObjectID) throws(AnabranchError) {
    try setRegister(.title, Array(title.utf8), of: conversation)
  }

  /// Puts a conversation aside, or takes it back.
  public func setArchived(_ archived: Bool, of conversation: ObjectID) throws(AnabranchError) {
    try setRegister(.archived, [archived ? 1 : 0], of: conversation)
  }

  /// Keeps a conversation at the top, or a message in every context of a model; or lets it go.
  public func setPinned(_ pinned: Bool, of object: ObjectID) throws(AnabranchError) {
    let found = try withStore { (store) throws(StoreError) in try store.message(object) }
    guard let found else { return try setRegister(.pinned, [pinned ? 1 : 0], of: object) }
    try checkNotPurged(object)
    try setRegister(.pinned, [pinned ? 1 : 0], of: object, in: found.conversation)
  }

  private func setRegister(
    _ register: RegisterKind, _ value: [UInt8], of object: ObjectID
  ) throws(AnabranchError) {
    try setRegister(register, value, of: object, in: checkExists(object).id)
  }

  /// Writes a register of an object that is there: `conversation`, or a message in it.
  private func setRegister(
    _ register: RegisterKind, _ value: [UInt8], of object: ObjectID, in conversation: ObjectID
  ) throws(AnabranchError) {
    try checkLength(value)
    try write { (writer, store) throws(StoreError) in
      let seen = try store.values(of: register, on: object).map(\.operation)
      try writer.addRegister(register, value, on: object, replacing: seen)
      _ = try writer.flush()
    }
    notify(conversation)
  }

  /// Puts a conversation into the trash, as far as it is seen here: what others do to it meanwhile brings it back.
  public func delete(_ conversation: ObjectID) throws(AnabranchError) {
    try checkExists(conversation)
    try write { (writer, _) throws(StoreError) in
      try writer.addTrash(conversation)
      _ = try writer.flush()
    }
    notify(conversation)
  }

  /// Takes a conversation out of the trash. No change where it does not lie there.
  public func restore(_ conversation: ObjectID) throws(AnabranchError) {
    guard try checkExists(conversation).trashed else { return }
    try write { (writer, _) throws(StoreError) in
      try writer.add(Draft(kind: .restore, target: conversation, mutation: .restore))
      _ = try writer.flush()
    }
    notify(conversation)
  }
}

extension Replica {
  /// Does several things as one: all of it is kept, and durable when this returns, or nothing.
  ///
  /// Much faster than one after the other, where there are many: the disk is waited for once. Whoever watches, and
  /// live peers, hear of it at the end. Rethrows what `body` throws, and then nothing of it was kept; a write that fails
  /// undoes all the others too, also if `body` catches its error. The replica cannot be closed or backed up in it.
  public func atomically<Result: Sendable>(
    _ body: @Sendable (isolated Replica) throws(AnabranchError) -> Result
  ) throws(AnabranchError) -> Result {
    try asOne { () throws(AnabranchError) in try body(self) }
  }

  /// The same for who is on the replica's executor already.
  package func asOne<Result>(_ body: () throws(AnabranchError) -> Result) throws(AnabranchError) -> Result {
    guard gathered == nil else { return try body() }
    _ = try deviceKey()
    try sealOpenChange()
    defer { gatheredBlobs = [] }
    var failure: AnabranchError?
    do {
      let result = try withStore { (store) throws(StoreError) in
        gathered = []
        return try store.atomically { () throws(StoreError) in
          do throws(AnabranchError) {
            return try body()
          } catch {
            failure = error
            throw StoreError(.io, error.message)
          }
        }
      }
      let changed = gathered ?? []
      gathered = nil
      if !changed.isEmpty { notify(changed) }
      for blob in gatheredBlobs.sorted() { tellHeld(blob, isRemote: false) }
      return result
    } catch {
      gathered = nil
      throw failure ?? error
    }
  }

  /// Runs `body` with a writer for one action, all of which is kept, or nothing.
  func write<Result>(
    _ body: (inout DraftWriter, Store) throws(StoreError) -> Result
  ) throws(AnabranchError) -> Result {
    _ = try deviceKey()
    // Sealed first, so that the next sequence is the one that will be written.
    try sealOpenChange()
    return try withStore { (store) throws(StoreError) in
      try store.atomically { () throws(StoreError) in
        var writer = DraftWriter(store, surroundings)
        return try body(&writer, store)
      }
    }
  }

  func notify(_ conversation: ObjectID) {
    if gathered != nil { gathered?.insert(conversation) } else { notify([conversation]) }
  }

  /// Tells everybody who watches, and every live peer; within ``atomically(_:)`` once all of it is kept.
  func notify(_ conversations: Set<ObjectID>, isRemote: Bool = false) {
    guard gathered == nil else { return gathered?.formUnion(conversations) ?? () }
    observers.send(ReplicaChange(conversations: conversations, isRemote: isRemote))
    pushToPeers()
  }

  @discardableResult
  func checkExists(_ conversation: ObjectID) throws(AnabranchError) -> ConversationSummary {
    guard let found = try withStore({ (store) throws(StoreError) in try store.summary(of: conversation) }) else {
      try checkNotPurged(conversation)
      throw AnabranchError(
        .notFound, "there is no conversation \(conversation)", remedy: "see `anabranch list` for those there are")
    }
    return found
  }

  /// Bytes of a title, a tag, a folder, or a field's name or value.
  public static let valueBytesMax = 4_096

  func checkLength(_ value: [UInt8]) throws(AnabranchError) {
    guard value.count <= Self.valueBytesMax else {
      throw AnabranchError(
        .invalid, "expected a title, a name or a value of at most \(Self.valueBytesMax) bytes, got \(value.count)",
        remedy: "choose a shorter one")
    }
  }
}

extension Store {
  /// Where a message goes that is placed so, and when it counts as created. Throws ``StoreError/Code/notFound`` where
  /// there is no such conversation, or it has no such message.
  fileprivate func place(
    _ placement: Replica.Placement, in conversation: ObjectID, role: Role, wall: Int64
  ) throws(StoreError) -> (parents: [ObjectID], line: LinePlacement, created: Int64) {
    guard let tips = try tips(of: conversation) else {
      throw StoreError(
        .notFound, "there is no conversation \(conversation)", remedy: "see `anabranch list` for those there are")
    }
    var (parents, line): ([ObjectID], LinePlacement) = ([], .continued)
    switch placement {
    case .shown:
      if let last = tips.last {
        parents = role == .user ? tips.filter { $0.line == last.line }.map(\.message) : [last.message]
      }
    case .after(let parent):
      try check(parent, isIn: conversation)
      (parents, line) = ([parent], tips.contains { $0.message == parent } ? .continued : .started)
    case .branch(let parent):
      try check(parent, isIn: conversation)
      (parents, line) = ([parent], .started)
    }
    let isAlone = tips.allSatisfy { parents.contains($0.message) }
    return (parents, line, isAlone ? wall : try moment(after: conversation, wall: wall))
  }

  /// When something counts as created that stands beside other messages of a conversation: lines are read in the order
  /// of their creation, so of two that are begun in the same millisecond the later one is dated a millisecond later; at
  /// most a second ahead.
  private func moment(after conversation: ObjectID, wall: Int64) throws(StoreError) -> Int64 {
    let (latest, overflow) = wall.addingReportingOverflow(Self.sameMomentMs)
    guard !overflow, let last = try updated(of: conversation), (wall...latest).contains(last) else { return wall }
    return min(last + 1, latest)
  }

  /// Milliseconds by which what is there may be ahead and still be of the same moment; beyond that a clock is wrong.
  private static var sameMomentMs: Int64 { 1_000 }

  private func check(_ message: ObjectID, isIn conversation: ObjectID) throws(StoreError) {
    guard try self.message(message)?.conversation == conversation else {
      throw StoreError(
        .notFound, "there is no message \(message) in conversation \(conversation)",
        remedy: "see `anabranch show \(conversation)` for those there are")
    }
  }
}

extension DraftWriter {
  mutating func addRegister(
    _ register: RegisterKind, _ value: [UInt8], on object: ObjectID, replacing seen: [OperationID]
  ) throws(StoreError) {
    try add(
      Draft(
        kind: .writeRegister, target: object,
        mutation: .writeRegister(WriteRegister(register: register, predecessors: seen)),
        content: content(value)))
  }

  mutating func addTrash(_ conversation: ObjectID) throws(StoreError) {
    try add(Draft(kind: .trash, target: conversation, mutation: .trash))
  }
}
