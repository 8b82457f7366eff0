public import AnabranchCore

/// Why a text reads as it does: what it began with, what was done to it, and what came of it where that was done at the same time.
public struct ExplainedText: Hashable, Sendable {
  /// What it says now.
  public var text: TextExcerpt
  /// What it began with, and first which of it shows; nothing for a page, which begins empty. Of an imported message each text
  /// that its imports differ in.
  public var bases: [TextBase]
  /// How many scalars show of what it began with.
  public var baseShown: Int
  /// The last operations on it that did something, in a causal order: that of their times, as far as it is one.
  public var steps: [Step]
  /// How many of these there are in all.
  public var stepCount: Int
  /// Where one of ``steps`` met another operation on it, in the order of the text: the first such places.
  public var meetings: [Meeting]
  /// How many such places there are.
  public var meetingCount: Int
  /// The last operations on it that have no effect, since their devices might not write.
  public var uncounted: [Uncounted]
  /// How many of these there are in all.
  public var uncountedCount: Int
  /// The actions of the other operations that are named here, by their first changes.
  public var actions: [OperationID: ChangeID]

  /// An operation on a text, and what it belongs to.
  public struct Step: Hashable, Sendable {
    /// What it did.
    public var step: TextExplanation.Step
    /// The first change of the action it belongs to.
    public var action: ChangeID
    /// The actions which that undoes and that did something to the text, by their first changes, as far as its own first one names
    /// them: there an undo begins.
    public var undoes: [ChangeID]
    /// The action by which that is undone, as far as it stood, by its first change; nil as long as it is not.
    public var undoneBy: ChangeID?
    /// How many more actions undo it and stand: of all these ``undoneBy`` is the first.
    public var moreUndos: Int
    /// Why it counts though its device might not do it; nil where that might.
    public var need: Need?
  }

  /// Where operations met.
  public struct Meeting: Hashable, Sendable {
    /// What met there.
    public var meeting: TextExplanation.Meeting
    /// Why words that several deleted are not there though all of these deletions were undone; nil where that is not so.
    public var crossing: Crossing?
  }

  /// Deletions of the same words that were all undone, and of which nobody who undid one had heard of an undo of each of the others:
  /// so each left the words to a deletion that stood as far as was known there.
  public struct Crossing: Hashable, Sendable {
    /// The actions to undo, one after the other, for the words to come back: all undos of one of these deletions, and then the action of
    /// that deletion, each by its first change. Empty where one undo took back several of these deletions, each of them.
    public var remedy: [ChangeID]
  }

  /// An operation on a text that has no effect.
  public struct Uncounted: Hashable, Sendable {
    /// The operation.
    public var operation: OperationID
    /// The first change of the action it belongs to.
    public var action: ChangeID
    /// When it was made, on its writer's hybrid clock.
    public var time: HybridTime
    /// What its device might do; nil for one that nobody ever let in.
    public var role: MemberRole?
    /// What it would have inserted.
    public var inserted: TextExcerpt
    /// How many scalars it would have deleted.
    public var deleted: Int
    /// What it would have inserted, place by place: at most ``TextExplanation/Step/editsMax`` of them.
    public var insertions: [TextExcerpt]
    /// How many edits it has.
    public var editCount: Int
  }
}

/// What a text began with, or what another import says of it.
public struct TextBase: Hashable, Sendable {
  /// Whether it is what the text began with, and if not, why.
  public enum Standing: Hashable, Sendable {
    /// It is.
    case shown
    /// Edits stay on the words that they were made on, and nobody edited these.
    case unedited
    /// The undo took all back that said so.
    case withdrawn(by: OperationID)
    /// What shows goes before it.
    case passedOver(Fate.Tiebreak)
  }

  /// What says so: what made the message, or the newest such import, which nobody took back, as long as there is one.
  public var operation: OperationID
  /// The first change of the action it belongs to.
  public var action: ChangeID
  /// What made it.
  public var kind: OperationKind
  /// When that was, on its writer's hybrid clock.
  public var time: HybridTime
  /// When the source changed the conversation last, milliseconds since 1970, if it says so.
  public var updated: Int64?
  /// What it says.
  public var words: TextExcerpt
  /// How many imports say the same that nobody took back; where all were, how many did.
  public var imports: Int
  /// How many operations were done to it.
  public var edits: Int
  /// Whether it shows.
  public var standing: Standing
}
