extension RandomNumberGenerator {
  /// A number below `bound`, each as likely to within 2⁻⁴⁸ for bounds of 16 bits: the upper half of a full product, without a loop and the
  /// same on every platform. Takes one number.
  public mutating func number(below bound: UInt64) -> UInt64 {
    next().multipliedFullWidth(by: bound).high
  }
}

extension Duration {
  /// A number of milliseconds of `range`, which does not reach to the greatest integer, each as likely. Takes one number from
  /// `generator`.
  public static func drawn(
    ofMs range: ClosedRange<UInt64>, using generator: inout some RandomNumberGenerator
  ) -> Duration {
    .milliseconds(range.lowerBound + generator.number(below: range.upperBound - range.lowerBound + 1))
  }
}
