internal import ArgumentParser

extension ParsableCommand {
  /// Throws where what was given with `--limit` is less than 1, or more than `most`, if there is a most.
  func checkLimit(_ limit: Int, most: Int? = nil) throws(ValidationError) {
    guard limit < 1 || limit > most ?? .max else { return }
    throw ValidationError("expected --limit of 1 \(most.map { "to \($0)" } ?? "or more"), got \(limit)")
  }
}
