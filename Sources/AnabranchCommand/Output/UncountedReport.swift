internal import Anabranch

/// What of a change, or of an action, has no effect, as `log --json` and `inspect` print it.
struct UncountedReport: Codable {
  /// How many operations.
  var operations: Int
  /// Whether that is all that was done.
  var isAll: Bool
  /// What its device might do: `removed`, `reader` or `writer`; null where nobody ever let it in.
  @Nullable var role: String?

  init(_ uncounted: Uncounted) {
    (operations, isAll, role) = (uncounted.operations.count, uncounted.isAll, uncounted.role?.name)
  }

  /// How far a change has an effect of which that is said, and why not further.
  var words: String {
    (isAll ? "none: " : "in part: ") + Uncounted.reason(MemberRole.allCases.first { $0.name == role })
  }
}

extension Uncounted {
  /// In a list, what stands behind that which it is said of.
  var mark: String { isAll ? "without effect" : "partly without effect" }

  /// Why what a device did has no effect.
  static func reason(_ role: MemberRole?) -> String {
    switch role {
    case .outsider?: "its device was removed"
    case nil: "its device was never let in"
    case .reader?: "its device may only read"
    case .writer?, .owner?: "its device is no owner"
    }
  }
}
