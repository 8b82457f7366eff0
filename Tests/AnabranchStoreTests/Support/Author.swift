import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom

@testable import AnabranchStore

/// A person at a device who writes to its store. The same seed writes the same bytes.
struct Author {
  let store: Store
  var random: RandomStream
  /// What the device's wall clock shows.
  var wall: Int64 = someWall

  /// An author with a log of its own.
  init(_ store: Store, seed: UInt64 = 1) throws {
    self.store = store
    random = RandomStream(seed: seed)
    try openLog()
  }

  /// An author who goes on with what the store holds.
  init(with store: Store, seed: UInt64) {
    self.store = store
    random = RandomStream(seed: seed)
  }

  mutating func openLog() throws {
    try store.openLog(.device(key: random.digest(), nonce: random.bytes16()), wall: wall)
  }

  mutating func content(_ bytes: [UInt8]) -> Content {
    .present(salt: random.bytes16(), bytes: bytes[...])
  }

  mutating func content(_ text: String) -> Content {
    content(Array(text.utf8))
  }

  /// Starts a conversation.
  mutating func start(_ title: String? = nil) throws -> ObjectID {
    let draft = Draft(
      kind: .createConversation, target: nil, mutation: .createConversation(CreateConversation(created: wall))
    )
    let id = ObjectID.native(try store.write([draft], wall: wall)[0])
    if let title { try self.title(id, title) }
    return id
  }

  mutating func message(
    _ text: String, in conversation: ObjectID, after parents: [ObjectID], role: Role = .user,
    line: LinePlacement = .continued
  ) -> Draft {
    let body = MessageContent(text: text)
    return Draft(
      kind: .createMessage, target: conversation,
      mutation: .createMessage(
        CreateMessage(
          parents: parents, line: line, role: role, created: wall, length: UInt32(text.unicodeScalars.count))),
      content: content(body.canonicalBytes))
  }

  /// Says something after all tips of the first tip's line.
  @discardableResult
  mutating func say(_ text: String, in conversation: ObjectID, role: Role = .user) throws -> ObjectID {
    let tips = try store.tips(of: conversation) ?? []
    let parents = tips.filter { $0.line == tips[0].line }.map(\.message)
    let draft = message(
      text, in: conversation, after: role == .user ? parents : Array(parents.prefix(1)), role: role)
    return .native(try store.write([draft], wall: wall)[0])
  }

  /// Goes on with a message, in the open change.
  @discardableResult
  mutating func stream(_ text: String, to message: ObjectID) throws -> OperationID {
    guard let end = try store.end(of: message) else { throw StoreError(.notFound, "no such message") }
    let append = AppendText(
      predecessors: end.operations, position: end.length, length: UInt32(text.unicodeScalars.count))
    return try store.append(
      Draft(kind: .appendText, target: message, mutation: .appendText(append), content: content(text)),
      wall: wall)
  }

  mutating func write(_ register: RegisterKind, of object: ObjectID, _ bytes: [UInt8]) throws {
    let seen = try store.values(of: register, on: object).map(\.operation)
    let draft = Draft(
      kind: .writeRegister, target: object,
      mutation: .writeRegister(WriteRegister(register: register, predecessors: seen)), content: content(bytes)
    )
    try store.write([draft], wall: wall)
  }

  mutating func title(_ conversation: ObjectID, _ text: String) throws {
    try write(.title, of: conversation, Array(text.utf8))
  }

  mutating func tag(_ conversation: ObjectID, _ text: String) throws {
    let draft = Draft(
      kind: .addElement, target: conversation, mutation: .addElement(AddElement(set: .tags)),
      content: content(text))
    try store.write([draft], wall: wall)
  }

  mutating func untag(_ conversation: ObjectID, _ text: String) throws {
    let seen = try store.elements(of: .tags, on: conversation).additions(of: Array(text.utf8))
    let remove = RemoveElement(set: .tags, additions: seen)
    try store.write(
      [Draft(kind: .removeElement, target: conversation, mutation: .removeElement(remove))], wall: wall)
  }

  mutating func trash(_ conversation: ObjectID) throws {
    try store.write([Draft(kind: .trash, target: conversation, mutation: .trash)], wall: wall)
  }

  mutating func restore(_ conversation: ObjectID) throws {
    try store.write([Draft(kind: .restore, target: conversation, mutation: .restore)], wall: wall)
  }

  /// Imports a conversation of one message, as of `updated`.
  @discardableResult
  mutating func importMessage(
    _ text: String, named name: String, in source: String, updated: Int64? = nil
  ) throws -> (conversation: ObjectID, message: ObjectID) {
    let conversation = ObjectID.imported(Hashing.imported(source: "test", path: [source]))
    let id = Hashing.imported(source: "test", path: [source, name])
    let base = CreateMessage(
      parents: [], line: .continued, role: .user, created: 1_500_000_000_000,
      length: UInt32(text.unicodeScalars.count))
    try store.write(
      [
        Draft(
          kind: .importConversation, target: conversation,
          mutation: .importConversation(ImportConversation(created: 1_500_000_000_000, updated: updated)),
          content: content(ConversationContent(title: source).canonicalBytes)),
        Draft(
          kind: .importMessage, target: conversation,
          mutation: .importMessage(ImportMessage(message: id, updated: updated, base: base)),
          content: content(MessageContent(text: text).canonicalBytes)),
      ], wall: wall)
    return (conversation, .imported(id))
  }
}
