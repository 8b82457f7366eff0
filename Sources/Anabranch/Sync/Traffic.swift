internal import AnabranchSync

/// What went over all connections of a replica since it was opened.
public struct Traffic: Hashable, Sendable {
  /// Connections that others made to this device, and those that it made.
  public var (accepted, dialled): (UInt64, UInt64) = (0, 0)
  /// Those of them whose other side proved to be a member, so that a session began.
  public var sessions: UInt64 = 0
  /// Those that ended before: strangers, removed devices, and members whose connection broke first. Pairings are not among them.
  public var unproven: UInt64 = 0
  /// Sessions that ended otherwise than in good order.
  public var broken: UInt64 = 0
  /// Bytes out and in, everything included.
  public var (sentBytes, receivedBytes): (UInt64, UInt64) = (0, 0)
  /// Changes that went out; those that came in and are durable here.
  public var (sentChanges, receivedChanges): (UInt64, UInt64) = (0, 0)

  /// Nothing yet.
  public init() {}
}

extension Traffic {
  /// Adds what went over `link` so far, which is counted nowhere else.
  mutating func add(_ link: Link) {
    sentBytes += link.sentBytes
    receivedBytes += link.receivedBytes
    sentChanges += link.counts.sentChanges
    receivedChanges += link.counts.receivedChanges
  }

  /// Adds a link that has ended; `isComplaint` where it was not in good order.
  mutating func add(ended link: Link, isComplaint: Bool) {
    add(link)
    if link.session != nil {
      if isComplaint { broken += 1 }
    } else if link.pairing == nil {
      unproven += 1
    }
  }
}
