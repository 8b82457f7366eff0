/// The rules by which operations become state. A version that changes what some history means raises it, and
/// rebuilds its views; replicas of one level and one vector have equal state hashes.
public enum SemanticsLevel {
  /// The level of this version. At level 1 texts could only be appended to; at level 2 nothing could be purged; at level 3
  /// nothing could be undone; at level 4 nobody was kept out; at level 5 everything counted, whoever wrote it.
  public static let current: UInt32 = 6
}
