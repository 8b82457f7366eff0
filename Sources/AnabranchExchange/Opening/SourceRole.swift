internal import AnabranchCore

/// The roles of a source, in our words.
struct SourceRole {
  /// What it is here.
  var role: Role
  /// Whether the source calls it as we do, so that its word need not be kept.
  var isItsName: Bool

  /// What a source means by `name`; nil if that is not known.
  static func named(_ name: String) -> SourceRole? {
    if let role = Role(name: name) { return SourceRole(role: role, isItsName: true) }
    switch name {
    case "prompter", "human": return SourceRole(role: .user, isItsName: false)
    case "model", "bot": return SourceRole(role: .assistant, isItsName: false)
    case "developer": return SourceRole(role: .system, isItsName: false)
    case "function": return SourceRole(role: .tool, isItsName: false)
    default: return nil
    }
  }
}
