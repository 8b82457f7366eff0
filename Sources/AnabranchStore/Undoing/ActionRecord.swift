public import AnabranchCore

/// What a person did in one go, as a list of actions tells it.
public struct ActionRecord: Hashable, Sendable {
  /// One thing that was done.
  public struct Step: Hashable, Sendable {
    /// What.
    public var kind: OperationKind
    /// To what; of what was made, the thing itself.
    public var object: ObjectID?
    /// The conversation that it happened in; nil where that is not known.
    public var conversation: ObjectID?
    /// Of a register, which.
    public var register: RegisterKind?
    /// Of a set, which.
    public var set: SetKind?
    /// Of a text, which.
    public var text: TextKind?
    /// Of a message, who speaks.
    public var role: Role?
    /// Of the roster, whom it is about.
    public var device: Digest?
    /// Of the roster, what that one may do from then on.
    public var deviceRole: MemberRole?
    /// Of a field, what it is called, where that is there.
    public var field: String?
    /// What it says: a beginning of it, where it is there; of a field that was taken away nothing.
    public var content: String?
    /// Of a register, what it said before: of several values that stood the one that showed.
    public var before: String?
  }

  /// Its first change, which names it.
  public var first: ChangeID
  /// Its last change.
  public var last: ChangeID
  /// When that was made, on its writer's hybrid clock.
  public var time: HybridTime
  /// What was done, in order; the beginning of it, where that is much.
  public var steps: [Step]
  /// Whether ``steps`` is all.
  public var isWhole: Bool
  /// How many imports of conversations it has.
  public var conversations: Int
  /// How many imports of messages it has.
  public var messages: Int
  /// The actions that it undoes, by their first changes.
  public var undoes: [ChangeID]
  /// The action that undoes it and is not undone itself, by its first change; nil as long as it stands.
  public var undoneBy: ChangeID?
  /// What of it has no effect, as far as ``steps`` goes; nil where all of that counts.
  public var uncounted: Uncounted?

  /// What people call it by: the printed form of its first operation.
  public var id: ObjectID { first.actionName }

  /// Whether there is anything in it that can be undone, as far as ``steps`` goes.
  public var isUndoable: Bool {
    !isWhole || steps.contains { !Self.final.contains($0.kind) && $0.register != .name }
  }

  private static let final: Set<OperationKind> = [
    .chunk, .purge, .purgePast, .receipt, .markRead, .undo, .enrol, .restrict, .adopt,
  ]
}

extension ChangeID {
  /// What people call the action that begins with this change: the printed form of its first operation.
  public var actionName: ObjectID {
    .native(OperationID(log: log, sequence: sequence, index: 0))
  }
}
