public import AnabranchCore

/// Changes as points in lanes, one lane a log, and lines from each to those that build on it, as in Lamport, "Time, Clocks, and the
/// Ordering of Events in a Distributed System", 1978.
///
/// A value without input or output. ``svg()`` and ``dot()`` draw it.
public struct CausalDiagram: Hashable, Sendable {
  /// What one writer did, from left to right.
  public struct Lane: Hashable, Sendable {
    /// The log.
    public var log: LogID
    /// What its device is called.
    public var name: String
  }

  /// A change.
  public struct Point: Hashable, Sendable {
    /// The change.
    public var change: ChangeID
    /// Its lane's place among ``CausalDiagram/lanes``.
    public var lane: Int
    /// What is to be said of it, in a few words.
    public var label: String
    /// The places of the points that it builds on directly, all smaller than its own.
    public var parents: [Int]
  }

  /// In the order in which they were first written to.
  public private(set) var lanes: [Lane] = []
  /// From left to right, each after what it builds on.
  public private(set) var points: [Point] = []
  private var places: [ChangeID: Int] = [:]

  /// An empty diagram.
  public init() {}

  /// Adds a change to the right of all others, in the lane of its log, which is called `name` if it is new. What it builds on that was
  /// not added is left out. O(lanes + parents).
  public mutating func add(_ change: ChangeID, buildingOn parents: [ChangeID], in name: String, label: String) {
    let lane = lanes.firstIndex { $0.log == change.log } ?? lanes.count
    if lane == lanes.count { lanes.append(Lane(log: change.log, name: name)) }
    places[change] = points.count
    points.append(
      Point(change: change, lane: lane, label: label, parents: parents.compactMap { places[$0] }.sorted()))
  }
}
