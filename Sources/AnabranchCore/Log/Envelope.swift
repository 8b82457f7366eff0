/// One operation as it is stored, hashed and relayed, whether its kind is known here or not.
///
/// The structure orders and merges; the content is what a person wrote. Redaction takes the content and leaves
/// everything else, also in operations a newer version made.
public struct Envelope: Hashable, Sendable {
  /// What the operation does, as a number; see ``OperationKind``.
  public var kind: OperationKind
  /// The object it acts on; nil where it makes one.
  public var target: ObjectID?
  /// How many identifiers it takes, at least 1.
  public var span: UInt32
  /// The canonical bytes of its structure. References in them count through the change's table of logs.
  public var structure: ArraySlice<UInt8>
  /// What it says.
  public var content: Content

  /// An envelope of those parts.
  public init(
    kind: OperationKind, target: ObjectID?, span: UInt32, structure: ArraySlice<UInt8>, content: Content
  ) {
    self.kind = kind
    self.target = target
    self.span = span
    self.structure = structure
    self.content = content
  }

  /// The same operation without its content; `hash` is H(salt ‖ content).
  public func redacted(hash: Digest) -> Envelope {
    guard case .present = content else { return self }
    var copy = self
    copy.content = .absent(hash: hash)
    return copy
  }
}

/// The kind of an operation. A number rather than a closed list, because a newer version may have more.
public struct OperationKind: RawRepresentable, Hashable, Sendable {
  /// The number in the canonical bytes.
  public let rawValue: UInt32

  /// The kind of that number, known or not.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }
}

extension OperationKind {
  /// Makes a conversation.
  public static let createConversation = Self(rawValue: 1)
  /// Makes a message in a conversation.
  public static let createMessage = Self(rawValue: 2)
  /// Adds text at the end of a message's body.
  public static let appendText = Self(rawValue: 3)
  /// Writes a register, replacing the writes it names.
  public static let writeRegister = Self(rawValue: 4)
  /// Adds an element to a set.
  public static let addElement = Self(rawValue: 5)
  /// Removes the additions of an element that it names.
  public static let removeElement = Self(rawValue: 6)
  /// Puts a conversation into the trash, as far as its writer had seen it.
  public static let trash = Self(rawValue: 7)
  /// Takes a conversation out of the trash.
  public static let restore = Self(rawValue: 8)
  /// Tells what a source says of a conversation.
  public static let importConversation = Self(rawValue: 9)
  /// Tells what a source says of a message.
  public static let importMessage = Self(rawValue: 10)
  /// Holds a piece of a content too large for one operation.
  public static let chunk = Self(rawValue: 11)
  /// Edits a text, at the places it names.
  public static let editText = Self(rawValue: 12)
  /// Takes an object away for good.
  public static let purge = Self(rawValue: 13)
  /// Says that nothing is left of what purges took.
  public static let receipt = Self(rawValue: 14)
  /// Takes out of what one operation said what was deleted since.
  public static let purgePast = Self(rawValue: 16)
  /// Says how far a conversation was read.
  public static let markRead = Self(rawValue: 15)
  /// Takes back operations on an object.
  public static let withdraw = Self(rawValue: 17)
  /// Ends withdrawals.
  public static let reinstate = Self(rawValue: 18)
  /// Says that what an edit inserts was in the text before.
  public static let regainText = Self(rawValue: 19)
  /// Says which actions its action undoes.
  public static let undo = Self(rawValue: 20)
  /// Lets a device into the space.
  public static let enrol = Self(rawValue: 21)
  /// Takes rights from a device.
  public static let restrict = Self(rawValue: 22)
  /// Brings along the history of another space.
  public static let adopt = Self(rawValue: 23)
}
