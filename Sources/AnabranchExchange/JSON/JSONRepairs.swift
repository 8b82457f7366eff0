/// What a reader had to mend in texts, each by U+FFFD.
struct JSONRepairs: Equatable {
  /// Halves of a surrogate pair that stood alone.
  var loneSurrogates = 0
  /// Texts that held bytes which are not UTF-8.
  var invalidTexts = 0

  /// Nothing was mended.
  var isEmpty: Bool { loneSurrogates == 0 && invalidTexts == 0 }

  static func + (one: JSONRepairs, other: JSONRepairs) -> JSONRepairs {
    JSONRepairs(
      loneSurrogates: one.loneSurrogates + other.loneSurrogates,
      invalidTexts: one.invalidTexts + other.invalidTexts)
  }
}
