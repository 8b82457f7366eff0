public import AnabranchCore

/// What can be decided about a conversation, or about a message, by several people at once.
public enum Facet: Hashable, Sendable {
  /// What it is called.
  case title
  /// The model that answers unless a message says otherwise.
  case model
  /// Whether it is put aside.
  case archived
  /// Whether it is kept at the top, or in every context of a model.
  case pinned
  /// What a person keeps under that name.
  case field(String)
  /// Whether it has that tag.
  case tag(String)
  /// Whether it lies in that folder.
  case folder(String)
  /// Whether it lies in the trash.
  case trash
  /// Whether it shows: of a message.
  case message
  /// Whether it is gone for good: of a conversation.
  case purge
}

/// One thing that was done to a ``Facet``, and what became of it.
public struct Contender: Hashable, Sendable {
  /// The operation.
  public var operation: OperationID
  /// The first change of the action it belongs to, by which it can be undone.
  public var action: ChangeID
  /// What was done.
  public var kind: OperationKind
  /// Whether an undo did it.
  public var isUndo: Bool
  /// The actions that this undoes, by their first changes; empty for what no undo did.
  public var undoes: [ChangeID]
  /// When, on its writer's hybrid clock.
  public var time: HybridTime
  /// What else it was done to, where that is not the object that is asked about: the conversation that holds a message, or a
  /// message that follows it.
  public var other: ObjectID?
  /// What was written, `true` or `false` of what is either; nil where that is nothing, or not here any more.
  public var value: String?
  /// Of an import, when the source changed the conversation last, milliseconds since 1970, if it says so.
  public var updated: Int64?
  /// Of the import of a message that shows, the other one that its text is from; nil where that is from itself.
  public var textFrom: OperationID?
  /// What was done, as a list of actions tells it: of what is told of the trash, but for deletions; else nil.
  public var step: ActionRecord.Step?
  /// Of what is told of the trash, whether its writer had seen all deletions.
  public var sawDeletions = false
  /// The action that took back since what keeps a conversation out of the trash all the same, by its first change; else nil.
  public var undoneBy: ChangeID?
  /// Of a purge, when the bytes go from this device, milliseconds since 1970, 0 for at once; nil of anything else, and where they
  /// are gone.
  public var due: Int64?
  /// Why it counts though its device might not do it; nil where that might.
  public var need: Need?
  /// What it builds on: the change before it in its own log, and what that change names of others. Its writer had seen
  /// those, and all that they build on in turn.
  public var builtOn: VersionVector
  /// What became of it.
  public var fate: Fate
  /// The first change of the action that its fate names.
  public var decidedBy: ChangeID?
  /// Of what an undo took back, how many more undos that stand did so too: of these its fate names the first.
  public var moreUndos = 0
}
