public import AnabranchCore
public import AnabranchStore

/// What an undo did.
public struct UndoSummary: Hashable, Sendable {
  /// The actions that were undone, by their names in the list of actions; the last one first.
  public var actions: [ObjectID]
  /// The name of the undo itself, as an action; nil where nothing was written.
  public var undo: ObjectID?
  /// How many things were taken back, the edits of one text counted once.
  public var reversed: Int
  /// What was left as it is, and why.
  public var remaining: [UndoRemainder]
  /// What was done later and of which nothing stands, where the last thing was to be undone; the last one first.
  public var passedOver: [ObjectID] = []
}
