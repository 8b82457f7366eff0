public import Anabranch

/// What came of a run.
public struct Outcome: Sendable {
  /// What the run followed from.
  public var run: Case
  /// The first property that did not hold; nil if all did.
  public var violation: Violation?
  /// Equal for runs that went the same way, byte for byte.
  public var traceHash: UInt64
  /// What happened, one line an event, if it was asked for.
  public var lines: [String]
  /// The rare paths that were taken.
  public var marks: Set<Mark>
  /// How long it took, in virtual time.
  public var span: VirtualTime
  /// That, times the machines.
  public var hostHours: Double
  /// Changes that were written.
  public var changes: Int
  /// Events that were taken.
  public var events: Int
  /// A bundle of each machine by its name, where that was asked for.
  public var bundles: [(name: String, bytes: [UInt8])]
  /// What was written and what happened, as a picture, where that was asked for.
  public var picture: CausalDiagram?
}
