/// An operation that a person just made: not numbered into a sealed change yet.
public struct Draft: Hashable, Sendable {
  /// What the operation does, as a number.
  public var kind: OperationKind
  /// The object it acts on; nil where it makes one.
  public var target: ObjectID?
  /// What it means.
  public var mutation: Mutation
  /// What it says. Never absent.
  public var content: Content

  /// An operation of `kind` on `target`.
  public init(kind: OperationKind, target: ObjectID?, mutation: Mutation, content: Content = .none) {
    self.kind = kind
    self.target = target
    self.mutation = mutation
    self.content = content
  }

  /// How many identifiers it takes: one a Unicode scalar for appended text, else one.
  public var span: UInt32 {
    guard case .appendText(let append) = mutation else { return 1 }
    return max(1, append.length)
  }
}
