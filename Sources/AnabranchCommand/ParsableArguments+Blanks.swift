internal import ArgumentParser

extension ParsableArguments {
  /// Refuses nothing, or blanks alone, as a mistake in the command's usage; `what` was expected. An option that is not
  /// given is none.
  static func refuseBlank(_ value: String?, expected what: String) throws {
    guard let value, value.allSatisfy(\.isWhitespace) else { return }
    throw ValidationError("expected \(what), got nothing")
  }
}
