internal import AnabranchCore

extension LogHeader {
  /// What number its change `sequence` has in the log that it is a part of; nil where there is no such number.
  func number(of sequence: UInt32) -> UInt32? {
    guard case .branch(_, let first, _) = self else { return sequence }
    guard first > 0 else { return nil }
    let (number, overflow) = (first - 1).addingReportingOverflow(sequence)
    return overflow ? nil : number
  }
}
