/// An element of a ``RunTree``: it stands for several things in a row, and tells how many.
protocol MeasuredRun: Sendable {
  /// What is summed over runs: a count, or several.
  associatedtype Measure: AdditiveArithmetic & Sendable

  /// What this run adds to the sums.
  var measure: Measure { get }
}
