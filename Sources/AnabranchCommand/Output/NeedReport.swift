internal import Anabranch

/// Why something counts that its device might not do, in JSON.
struct NeedReport: Codable {
  /// What was built on it, and the action which that belongs to; null where that is not found.
  @Nullable var by: String?
  @Nullable var byAction: String?
  /// What its device might do: `removed`, `reader` or `writer`; null where nobody ever let it in.
  @Nullable var role: String?

  init(_ need: Need) {
    by = need.by.map { "\($0.log)/\($0.sequence)/\($0.index)" }
    byAction = need.action?.actionName.description
    role = need.role?.name
  }
}

extension Need {
  /// Why it counts, as a sentence.
  func words(_ names: LogNames) -> String {
    let reason = Uncounted.reason(role)
    return
      "\(reason.prefix(1).uppercased())\(reason.dropFirst()); it counts all the same, since \(builder(names)) was built on it."
  }

  /// What was built on it.
  func builder(_ names: LogNames) -> String {
    action.map { "\($0.actionName.short) on \(names.called($0.log))" } ?? "something that counts"
  }
}
