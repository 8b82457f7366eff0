internal import AnabranchWire

/// When a session has to act although nothing came: one timer for all its deadlines.
struct Liveness: Sendable {
  /// What is due.
  enum Due: Hashable {
    /// The peer is to be asked for a sign of life.
    case ping(UInt64)
    /// The peer took too long; in words.
    case timeout(String)
    /// The peer did not answer our last word in time.
    case farewell
  }

  private enum Phase {
    case greeting(until: Duration)
    case open
    case farewell(until: Duration)
  }

  private var phase: Phase
  private var lastHeard: Duration
  /// When the last ping was sent, if nothing came since.
  private var pinged: Duration?
  private var pings: UInt64 = 0
  /// What the host's timer is set to.
  private var armed: Duration?

  /// A connection that stands since `now`.
  init(now: Duration) {
    phase = .greeting(until: now + SyncLimits.greetingMax)
    lastHeard = now
  }

  /// Bytes came.
  mutating func heard(now: Duration) {
    lastHeard = now
    pinged = nil
  }

  /// The greeting is over.
  mutating func greeted() {
    phase = .open
  }

  /// Our last word is out, and the peer's is awaited until `deadline`.
  mutating func saidFarewell(until deadline: Duration) {
    phase = .farewell(until: deadline)
  }

  /// What the timer is to be set to, if not to what it is, where something else is due at `other`. A later deadline
  /// leaves it: it fires for nothing then.
  mutating func arm(or other: Duration?) -> Duration? {
    let next = other.map { min($0, deadline) } ?? deadline
    if let armed, armed <= next { return nil }
    armed = next
    return next
  }

  /// What is due at `now`.
  mutating func timer(now: Duration) -> Due? {
    armed = nil
    switch phase {
    case .greeting(let until):
      guard now >= until else { return nil }
      return .timeout("expected a greeting within \(SyncLimits.greetingMax)")
    case .farewell(let until):
      return now >= until ? .farewell : nil
    case .open:
      if now >= lastHeard + SyncLimits.silenceMax {
        return .timeout("nothing came for \(SyncLimits.silenceMax)")
      }
      guard now >= (pinged ?? lastHeard) + SyncLimits.pingAfter else { return nil }
      pinged = now
      pings &+= 1
      return .ping(pings)
    }
  }

  private var deadline: Duration {
    switch phase {
    case .greeting(let until), .farewell(let until): until
    case .open: min((pinged ?? lastHeard) + SyncLimits.pingAfter, lastHeard + SyncLimits.silenceMax)
    }
  }
}
