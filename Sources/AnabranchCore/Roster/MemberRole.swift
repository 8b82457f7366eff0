/// What a device may do in a space. Each role includes those below it.
public enum MemberRole: UInt8, Hashable, Sendable, CaseIterable {
  /// Nothing: it was never let in, or not any more.
  case outsider = 0
  /// Reads everything; writes only what it is called, how far its person has read, and receipts.
  case reader = 1
  /// Writes everything but what is an owner's.
  case writer = 2
  /// Also lets devices in, keeps them out, and purges.
  case owner = 3
}

extension MemberRole: Comparable {
  /// A role that may do less comes first.
  public static func < (a: Self, b: Self) -> Bool {
    a.rawValue < b.rawValue
  }
}
