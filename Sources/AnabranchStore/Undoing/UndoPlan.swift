public import AnabranchCore

/// What undoing some actions comes to: what is to be written, and what of them cannot be taken back.
public struct UndoPlan: Hashable, Sendable {
  /// One thing to write.
  public enum Step: Hashable, Sendable {
    /// An operation without content.
    case draft(kind: OperationKind, target: ObjectID, Mutation)
    /// Edits of a text, of which `seen` is the version; what they insert was at `origins` before.
    case edit(TextKind, of: ObjectID, TextEdits, seen: [OperationID], origins: [TextOrigin])
  }

  /// What to write, in order.
  public var steps: [Step] = []
  /// How many operations are taken back, the edits of one text counted once.
  public var reversed = 0
  /// What is left as it is.
  public var remaining: [UndoRemainder] = []
  /// The conversations that change.
  public var conversations: Set<ObjectID> = []
  /// What happens to the actions that are undone is said by naming the first operation of each.
  public var actions: [OperationID] = []

  /// Nothing.
  public init() {}
}

/// What an action did and an undo leaves as it is.
public struct UndoRemainder: Hashable, Sendable {
  /// Why it is left.
  public enum Reason: String, Hashable, Sendable {
    /// Somebody changed the same since: their word stands.
    case changedSince = "changed-since"
    /// Somebody built on it since: an answer, an edit, a tag.
    case continuedSince = "continued-since"
    /// It was purged: nothing brings it back, and nothing needs to be taken back.
    case purged
    /// What it deleted is not on this device any more.
    case wordsGone = "words-gone"
    /// It is nothing that can be undone: a purge, that it was carried out, how far somebody has read.
    case final
    /// It has no effect: its device might not do it.
    case uncounted
    /// This version does not know what it did.
    case unknown
  }

  /// What the operation did.
  public var kind: OperationKind
  /// To what; nil where it is about none.
  public var object: ObjectID?
  /// Of a register, which.
  public var register: RegisterKind?
  /// Of a set, which.
  public var set: SetKind?
  /// Why it is left.
  public var reason: Reason
  /// The log of whoever is in the way; nil where nobody is.
  public var by: LogID?

  /// What is left of an operation of `kind` on `object`.
  public init(
    _ kind: OperationKind, _ object: ObjectID?, register: RegisterKind? = nil, set: SetKind? = nil,
    because reason: Reason, by: LogID? = nil
  ) {
    self.kind = kind
    self.object = object
    self.register = register
    self.set = set
    self.reason = reason
    self.by = by
  }
}
