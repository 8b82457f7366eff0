public import AnabranchCore

/// Something that happened between this replica and others.
public enum SyncEvent: Hashable, Sendable {
  /// A connection to, or from, that address stands.
  case connected(address: String)
  /// The other side said who it is.
  case greeted(address: String, peer: Digest, name: String)
  /// Both sides hold all that either held when they met, but for what the summary says is excluded.
  case caughtUp(peer: Digest, SyncSummary)
  /// Changes came and are durable.
  case received(peer: Digest, changes: Int)
  /// A log is left out of a session: it has forked more often than branches are kept, or builds on what has.
  case excluded(peer: Digest, ChangeID)
  /// A log turned out to have forked after that change: its branches are logs of their own by now.
  case forked(ChangeID)
  /// A device's clock is further ahead than is believed; its changes are kept, this device's clock stays.
  case clockAhead(LogID)
  /// The connection has ended; `reason` is empty where it ended in good order.
  case disconnected(address: String, SyncSummary, reason: String)
  /// The time of conversations in the trash is over: some go in a day, some went now.
  case trashExpired(TrashExpiry)
  /// A device was found on this network, at that address; `name` is what its person calls it, as far as that is known here.
  case found(address: String, peer: Digest, name: String)
  /// The database was moved away, or another one put in its place: the last event, after which the server is to be stopped.
  case movedAway
  /// What crosses connections is not written down any more: the file cannot be written. Nothing else is the matter.
  case recordingEnded(reason: String)
  /// Others cannot be found on a network, or cannot find this device there. Told once.
  case undiscoverable(reason: String)
  /// No connection could be made; the next attempt is `retry` away.
  case unreachable(address: String, reason: String, retry: Duration)
}
