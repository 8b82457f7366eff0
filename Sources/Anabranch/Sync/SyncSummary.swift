public import AnabranchCore

/// What an exchange with another replica did.
public struct SyncSummary: Hashable, Sendable {
  /// The other device's public key; nil if it never said.
  public var peer: Digest?
  /// What its person calls it.
  public var name = ""
  /// Changes that went out.
  public var sentChanges: UInt64 = 0
  /// Changes that came in and are durable here.
  public var receivedChanges: UInt64 = 0
  /// Bytes that went out, everything included.
  public var sentBytes: UInt64 = 0
  /// Bytes that came in, everything included.
  public var receivedBytes: UInt64 = 0
  /// The first change of each log that was left out, because it has forked more often than branches are kept, or by
  /// a peer that keeps none, or because it builds on such; in ascending order, one a log.
  public private(set) var excluded: [ChangeID] = []
  /// Whether it ended because a log turned out to have forked, and the two should meet again.
  var isToBeContinued = false

  /// An exchange that did nothing yet.
  public init() {}

  /// The same exchange, gone on with in another session.
  mutating func add(_ next: SyncSummary) {
    let before = self
    self = next
    for change in before.excluded { leaveOut(from: change) }
    sentChanges += before.sentChanges
    receivedChanges += before.receivedChanges
    sentBytes += before.sentBytes
    receivedBytes += before.receivedBytes
  }

  /// Takes note that a log is left out from `change` on, unless that is known.
  mutating func leaveOut(from change: ChangeID) {
    if let known = excluded.first(where: { $0.log == change.log }), known <= change { return }
    excluded.removeAll { $0.log == change.log }
    excluded.append(change)
    excluded.sort()
  }
}
