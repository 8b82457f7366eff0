/// What an operation means: its structure, decoded. Its content is apart, since it may be absent.
public indirect enum Mutation: Hashable, Sendable {
  /// A conversation starts; it is named by the operation.
  case createConversation(CreateConversation)
  /// A message is written; it is named by the operation.
  case createMessage(CreateMessage)
  /// Text follows at the end of a message's body.
  case appendText(AppendText)
  /// A text of the target is edited.
  case editText(EditText)
  /// A register of the target gets another value.
  case writeRegister(WriteRegister)
  /// A set of the target gets an element.
  case addElement(AddElement)
  /// A set of the target loses the named additions.
  case removeElement(RemoveElement)
  /// The target goes to the trash, as far as its change's dependencies reach: ``Change/seen``.
  case trash
  /// The target comes out of the trash.
  case restore
  /// What a source says of the target, a conversation.
  case importConversation(ImportConversation)
  /// What a source says of a message in the target.
  case importMessage(ImportMessage)
  /// A piece of a larger content.
  case chunk
  /// The target is taken away for good: what was said in it, and what is still to come.
  case purge(Purge)
  /// What was deleted is taken out of what one operation said, for good.
  case purgePast(PurgePast)
  /// A person has read a conversation, up to some messages.
  case markRead(MarkRead)
  /// A replica has no bytes left of what the named purges took.
  case receipt(PurgeReceipt)
  /// Operations on the target are taken back.
  case withdraw(Withdraw)
  /// Withdrawals end: what they took back counts again.
  case reinstate(Reinstate)
  /// What an edit of the target inserts was there before.
  case regainText(RegainText)
  /// Its action undoes the named ones.
  case undo(UndoActions)
  /// A device is let in.
  case enrol(Enrol)
  /// A device loses rights.
  case restrict(Restrict)
  /// Another space's history is brought along.
  case adopt(Adopt)
  /// A kind, or a structure, that this version does not understand: kept, relayed, without effect.
  case unknown

  /// Whether this version does not understand it.
  public var isUnknown: Bool {
    if case .unknown = self { true } else { false }
  }
}

/// The start of a conversation.
public struct CreateConversation: Hashable, Sendable {
  /// Milliseconds since 1970 on the writer's wall clock.
  public var created: Int64

  /// A conversation started at `created`.
  public init(created: Int64) {
    self.created = created
  }
}

/// A message: where it stands and what a reader needs to know without its content.
public struct CreateMessage: Hashable, Sendable {
  /// The tips its writer was shown; several for a rejoin, none for a first message.
  public var parents: [ObjectID]
  /// The line it belongs to.
  public var line: LinePlacement
  /// Who speaks.
  public var role: Role
  /// Milliseconds since 1970, for display and to order concurrent runs.
  public var created: Int64
  /// The body's length in Unicode scalars, chunks included.
  public var length: UInt32
  /// Operations that hold the beginning of a content too large for one; in order.
  public var chunks: [OperationID]

  /// A message of those parts.
  public init(
    parents: [ObjectID], line: LinePlacement, role: Role, created: Int64, length: UInt32,
    chunks: [OperationID] = []
  ) {
    self.parents = parents
    self.line = line
    self.role = role
    self.created = created
    self.length = length
    self.chunks = chunks
  }
}

/// Which line a message belongs to.
public enum LinePlacement: Hashable, Sendable {
  /// That of its first parent; the conversation's main line for a message without parents.
  case continued
  /// One of its own: a deliberate branch.
  case started
  /// The line that this message started.
  case named(ObjectID)
}

/// Text at the end of a body.
public struct AppendText: Hashable, Sendable {
  /// The appends, or the message itself, that its writer saw as the end of the body.
  public var predecessors: [OperationID]
  /// Where the text starts, in Unicode scalars of the body its writer saw.
  public var position: UInt32
  /// How many Unicode scalars it has; the operation takes as many identifiers, at least one.
  public var length: UInt32

  /// `length` scalars at `position`, after `predecessors`.
  public init(predecessors: [OperationID], position: UInt32, length: UInt32) {
    self.predecessors = predecessors
    self.position = position
    self.length = length
  }
}

/// Edits of a text, where they were made. What they insert is the operation's content.
public struct EditText: Hashable, Sendable {
  /// Which text of the target.
  public var text: TextKind
  /// The operations on it, or for the body of a message the message itself, that its writer had seen and that nothing
  /// else follows which its writer had seen; none for a text that nobody has edited.
  public var predecessors: [OperationID]
  /// What was done, one after the other, run-length encoded: see ``Swift/Array/isRunLengthEncoded``.
  public var edits: [TextEdit]

  /// `edits` of `text`, after `predecessors`.
  public init(text: TextKind, predecessors: [OperationID], edits: [TextEdit]) {
    self.text = text
    self.predecessors = predecessors
    self.edits = edits
  }
}

/// Which text of an object; a number, since a newer version may have more.
public struct TextKind: RawRepresentable, Hashable, Sendable {
  /// The number in the canonical bytes.
  public let rawValue: UInt32

  /// The text of that number, known or not.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// What a message says.
  public static let body = Self(rawValue: 1)
  /// What a person is about to say in a conversation.
  public static let draft = Self(rawValue: 2)
  /// What a person wants to remember of a conversation.
  public static let notes = Self(rawValue: 3)
}

/// A write to a multi-value register.
public struct WriteRegister: Hashable, Sendable {
  /// Which register of the target.
  public var register: RegisterKind
  /// The writes its writer had seen, which it replaces.
  public var predecessors: [OperationID]

  /// A write that replaces `predecessors`.
  public init(register: RegisterKind, predecessors: [OperationID]) {
    self.register = register
    self.predecessors = predecessors
  }
}

/// Which register of an object; a number, since a newer version may have more.
public struct RegisterKind: RawRepresentable, Hashable, Sendable {
  /// The number in the canonical bytes.
  public let rawValue: UInt32

  /// The register of that number, known or not.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// What a person calls the conversation; text.
  public static let title = Self(rawValue: 1)
  /// Whether it is put aside; one byte, 0 or 1.
  public static let archived = Self(rawValue: 2)
  /// Whether it is kept at the top; one byte, 0 or 1.
  public static let pinned = Self(rawValue: 3)
  /// The model that answers unless a message says otherwise; text.
  public static let model = Self(rawValue: 4)
  /// What a person calls a device; text. Of the object that stands for the device.
  public static let name = Self(rawValue: 6)
  /// What a person keeps under names of their own: each write holds a name and a value, see ``FieldContent``, and
  /// replaces those of the same name that its writer had seen.
  public static let fields = Self(rawValue: 5)
}

/// An addition to a set.
public struct AddElement: Hashable, Sendable {
  /// Which set of the target.
  public var set: SetKind

  /// An addition to `set`.
  public init(set: SetKind) {
    self.set = set
  }
}

/// A removal from a set.
public struct RemoveElement: Hashable, Sendable {
  /// Which set of the target.
  public var set: SetKind
  /// The additions its writer had seen; only they are undone.
  public var additions: [OperationID]

  /// The removal of `additions` from `set`.
  public init(set: SetKind, additions: [OperationID]) {
    self.set = set
    self.additions = additions
  }
}

/// Which set of an object; a number, since a newer version may have more.
public struct SetKind: RawRepresentable, Hashable, Sendable {
  /// The number in the canonical bytes.
  public let rawValue: UInt32

  /// The set of that number, known or not.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Words a person sorts conversations by.
  public static let tags = Self(rawValue: 1)
  /// The folders that a conversation lies in.
  public static let folders = Self(rawValue: 2)
  /// The files that are attached to a message; see ``AttachmentContent``.
  public static let attachments = Self(rawValue: 3)
}

/// How far a person has read a conversation: a maximum register for each log, joined over all devices.
public struct MarkRead: Hashable, Sendable {
  /// Of each log, the last message that was read; those before it count as read too.
  public var messages: [OperationID]

  /// Read up to `messages`.
  public init(messages: [OperationID]) {
    self.messages = messages
  }
}

/// What a source says of a conversation.
public struct ImportConversation: Hashable, Sendable {
  /// Milliseconds since 1970; nil where the source does not say.
  public var created: Int64?
  /// Milliseconds since 1970 of the source's last change; decides between imports that differ.
  public var updated: Int64?
  /// Operations that hold the beginning of a content too large for one; in order.
  public var chunks: [OperationID]

  /// A conversation of the source, as of `updated`.
  public init(created: Int64?, updated: Int64?, chunks: [OperationID] = []) {
    self.created = created
    self.updated = updated
    self.chunks = chunks
  }
}

/// What a source says of a message.
public struct ImportMessage: Hashable, Sendable {
  /// The message's identifier, a hash of the source's name and its identifiers there.
  public var message: Bytes16
  /// Milliseconds since 1970 of the source's last change; decides between imports that differ.
  public var updated: Int64?
  /// Where it stands and who speaks.
  public var base: CreateMessage

  /// `message` as the source had it at `updated`.
  public init(message: Bytes16, updated: Int64?, base: CreateMessage) {
    self.message = message
    self.updated = updated
    self.base = base
  }
}
