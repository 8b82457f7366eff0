import AnabranchCore
import AnabranchWire

/// What a generated replica has seen, as far as its person needs it to act sensibly.
///
/// Deliberately rough: it makes plausible operations, and judges nothing.
struct ReplicaModel {
  struct Message {
    var conversation: ObjectID
    var children = 0
    var line: ObjectID
    var length: UInt32
    /// The operation that wrote or imported it.
    var operation: OperationID
  }

  struct Register: Hashable {
    var object: ObjectID
    var kind: RegisterKind
  }

  struct Text: Hashable {
    var object: ObjectID
    var kind: TextKind
  }

  struct Addition {
    var object: ObjectID
    var set: SetKind
    var operation: OperationID
    var text: [UInt8]
  }

  private(set) var held = VersionVector()
  private(set) var frontier = Frontier()
  private(set) var received: [SealedChange] = []
  private(set) var hashes: [ChangeID: Digest] = [:]
  private(set) var conversations: [ObjectID] = []
  private(set) var messages: [ObjectID: Message] = [:]
  /// What an operation said of a message, or put into a text.
  struct Said {
    let operation: OperationID
    let object: ObjectID
    let text: String
    let isMessage: Bool
  }

  /// The messages in the order in which they came, so that no choice depends on the order of a dictionary.
  private(set) var messageOrder: [ObjectID] = []
  private(set) var writes: [Register: [OperationID]] = [:]
  /// The operations on each text that no other one follows.
  private(set) var ends: [Text: [OperationID]] = [:]
  private(set) var additions: [Addition] = []
  private(set) var trashed: [ObjectID] = []
  private(set) var purges: [OperationID] = []
  /// What operations said, each in one piece.
  private(set) var said: [Said] = []
  /// What was done to an object and can be taken back.
  struct Done: Equatable {
    let object: ObjectID
    let operation: OperationID
  }

  private(set) var done: [Done] = []
  private(set) var withdrawals: [Done] = []

  mutating func take(_ sealed: SealedChange) {
    let change = sealed.change
    received.append(sealed)
    held[change.id.log] = change.id.sequence
    frontier.add(change)
    hashes[change.id] = sealed.hash
    for operation in change.operations {
      take(
        operation.mutation, target: operation.envelope.target, content: operation.envelope.content,
        as: OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index))
    }
  }

  private mutating func take(
    _ mutation: Mutation, target: ObjectID?, content: Content, as id: OperationID
  ) {
    if case .createConversation = mutation { return note(conversation: .native(id)) }
    guard let target else { return }
    note(what: mutation, target: target, content: content, as: id)
    note(done: mutation, to: target, by: id)
    switch mutation {
    case .createMessage(let message):
      note(message, .native(id), in: target, by: id)
    case .importMessage(let source):
      note(source.base, .imported(source.message), in: target, by: id)
    case .importConversation:
      note(conversation: target)
    case .appendText(let append):
      note(.body, of: target, follows: append.predecessors, by: id)
      messages[target]?.length = append.position + append.length
    case .editText(let edit):
      note(edit.text, of: target, follows: edit.predecessors, by: id)
    case .writeRegister(let write):
      let key = Register(object: target, kind: write.register)
      writes[key, default: []].removeAll { write.predecessors.contains($0) }
      writes[key, default: []].append(id)
    case .addElement(let add):
      additions.append(
        Addition(object: target, set: add.set, operation: id, text: content.bytes.map(Array.init) ?? []))
    case .removeElement(let remove):
      additions.removeAll { remove.additions.contains($0.operation) }
    case .trash:
      if !trashed.contains(target) { trashed.append(target) }
    case .restore:
      trashed.removeAll { $0 == target }
    case .purge:
      purges.append(id)
    case .createConversation, .chunk, .receipt, .markRead, .purgePast, .withdraw, .reinstate, .undo, .regainText,
      .enrol, .restrict, .adopt, .unknown:
      break
    }
  }

  private mutating func note(done mutation: Mutation, to target: ObjectID, by id: OperationID) {
    switch mutation {
    case .createMessage: done.append(Done(object: .native(id), operation: id))
    case .importMessage(let source): done.append(Done(object: .imported(source.message), operation: id))
    case .importConversation, .writeRegister, .addElement, .removeElement:
      done.append(Done(object: target, operation: id))
    case .withdraw: withdrawals.append(Done(object: target, operation: id))
    default: break
    }
  }

  private mutating func note(
    _ text: TextKind, of object: ObjectID, follows predecessors: [OperationID], by id: OperationID
  ) {
    let key = Text(object: object, kind: text)
    ends[key, default: []].removeAll { predecessors.contains($0) }
    ends[key, default: []].append(id)
  }

  /// What the next edit of a text names as seen.
  func ends(of text: TextKind, of object: ObjectID) -> [OperationID] {
    let ends = ends[Text(object: object, kind: text)] ?? []
    return ends.isEmpty ? messages[object].map { [$0.operation] } ?? [] : ends
  }

  private mutating func note(what mutation: Mutation, target: ObjectID, content: Content, as id: OperationID) {
    guard let bytes = content.bytes, mutation.chunks.isEmpty, let count = mutation.scalarCount else { return }
    var object = target
    var text: String?
    switch mutation {
    case .createMessage: (object, text) = (.native(id), MessageContent(canonicalBytes: bytes)?.text)
    case .importMessage(let source):
      (object, text) = (.imported(source.message), MessageContent(canonicalBytes: bytes)?.text)
    default: text = String(validating: bytes, as: UTF8.self)
    }
    guard let text, text.unicodeScalars.count == count, count > 0 else { return }
    let isMessage = object != target
    said.append(Said(operation: id, object: object, text: text, isMessage: isMessage))
  }

  private mutating func note(conversation: ObjectID) {
    if !conversations.contains(conversation) { conversations.append(conversation) }
  }

  private mutating func note(
    _ message: CreateMessage, _ id: ObjectID, in conversation: ObjectID, by operation: OperationID
  ) {
    guard messages[id] == nil else { return }
    let parents = message.parents.filter { messages[$0]?.conversation == conversation }
    for parent in parents { messages[parent]?.children += 1 }
    let line: ObjectID =
      switch message.line {
      case .continued: parents.first.flatMap { messages[$0]?.line } ?? conversation
      case .started: id
      case .named(let line): line
      }
    messages[id] = Message(
      conversation: conversation, line: line, length: message.length, operation: operation)
    messageOrder.append(id)
  }

  /// The tips of a conversation, in the order in which they came.
  func tips(of conversation: ObjectID) -> [ObjectID] {
    messageOrder.filter { messages[$0]?.conversation == conversation && messages[$0]?.children == 0 }
  }
}
