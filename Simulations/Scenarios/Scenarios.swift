public import SimulationKit

/// The stories that people know.
public enum Scenarios {
  /// All of them, by name.
  public static let all: [Scenario] = [
    twoPhonesOnAPlane, restoredBackup, clonedLaptop, clockFrom2099, diskFullInMidImport, offForAYear,
    answerThatStreams,
  ]
}
