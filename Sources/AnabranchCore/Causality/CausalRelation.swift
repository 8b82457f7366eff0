/// How two points in a history relate. A partial order has four answers, not three.
public enum CausalRelation: Hashable, Sendable {
  /// The first is in the past of the second.
  case before
  /// The second is in the past of the first.
  case after
  /// They hold the same.
  case equal
  /// Each holds something the other does not.
  case concurrent
}
