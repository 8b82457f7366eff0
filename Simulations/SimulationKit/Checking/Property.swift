/// What must hold, by the numbers of the list in `docs/simulation.md`.
public enum Property: Int, CaseIterable, Sendable {
  case sameChangesSameState = 1
  case mergeIsALattice
  case batchesDoNotMatter
  case convergence
  case incrementalIsRebuilt
  case equalsOracle
  case everythingFromAVerifiedLog
  case acknowledgedSurvives
  case nothingBeforeItsDependencies
  case readYourWrites
  case purgedStaysPurged
  case orderIsIdentical
  case chainIsWhole
  case numberToHashNeverChanges
  case numbersAreNotReused
  case forksLeaveEvidence
  case signedHeadCoversThePrefix
  case vectorIsMonotone
  case clockIncreases
  case clockKeepsItsBound
  case nothingWraps
  case acknowledgementIsDurable
  case commitIsAtomic
  case corruptionIsDetected
  case lyingSyncNeverDiverges
  case memoryIsBounded
  case nothingBeforeAuthentication
  case removedIsExcluded
  case noNonceTwice
  case determinism
  case wordsPass
}

/// A property that did not hold.
public struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
  /// Which.
  public var property: Property
  /// What was seen, in words.
  public var detail: String

  /// Its number, its name, and what was seen, in one line.
  public var description: String {
    "property \(property.rawValue), \(property): \(detail.split(whereSeparator: \.isNewline).joined(separator: "⏎"))"
  }

  init(_ property: Property, _ detail: String) {
    self.property = property
    self.detail = detail
  }
}
