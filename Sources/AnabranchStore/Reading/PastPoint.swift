public import AnabranchCore

/// A point in the past of a history, as of which it can be read; see ``Store/rewind(to:progress:)``.
public enum PastPoint: Hashable, Sendable {
  /// What was made until then, by its writers' hybrid clocks, in milliseconds since 1970, and all that it builds on.
  case moment(Int64)
  /// Changes that are held, and all that they build on: what their writers had seen, and what they did there.
  case changes([ChangeID])
}
