/// A peer did not keep to the protocol; says what was expected and what came.
struct Violation: Error, Hashable {
  var reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}
