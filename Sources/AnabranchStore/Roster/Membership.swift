internal import AnabranchCore

/// What a replica knows of who belongs to its space, and what counts by that.
struct Membership {
  /// The space that the replica belongs to.
  var space: Bytes16?
  /// Who belongs to it.
  var roster = Roster.unfounded
  /// The operations on rosters that were read, and what of them is about that space.
  var reading = RosterReading()
  /// Whether this device was ever in the roster of its space: then that decides what counts.
  var isBinding = false
  /// The roster by which it is decided what counts: that of the space, once this device is in it. Until then everything does.
  var counting = Roster.unfounded
  /// This device, where that roster does not name it, as after a restore: what it writes counts here, until it is let in.
  var exempt: Digest?
  /// What the changes of each log may do by that, by the logs' ordinals.
  var rights: [LogRights] = []
}
