internal import ArgumentParser

extension ParsableCommand {
  /// Throws where what was given with `--limit` is less than 1.
  func checkLimit(_ limit: Int) throws(ValidationError) {
    guard limit > 0 else { throw ValidationError("expected --limit of 1 or more, got \(limit)") }
  }
}
