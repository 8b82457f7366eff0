internal import AnabranchCore
internal import AnabranchSync
internal import AnabranchTransport
internal import AnabranchWire

/// One connection to another replica. Used only by the replica it belongs to.
final class Link {
  let number: Int
  let connection: Connection
  /// Where it was dialled; nil if the other side called.
  let dialled: String?
  var session: SyncSession
  var summary = SyncSummary()
  /// What the other side has durably, as far as it said in this session.
  var known = VersionVector()
  /// Whether ``known`` says all there is to know: both sides have told what they hold.
  var isComplete = false
  /// Whether ``known`` holds more than was saved.
  var isUnsaved = false
  var timer: Task<Void, Never>?
  var ending: SyncEnding?
  /// Events that wait until those before them were handled.
  var pending: [SyncSession.Event] = []
  var isHandling = false
  /// Is told how far the session is.
  let progress: @Sendable (WorkProgress) -> Void

  init(
    number: Int, connection: Connection, dialled: String?, session: SyncSession,
    progress: @escaping @Sendable (WorkProgress) -> Void
  ) {
    self.number = number
    self.connection = connection
    self.dialled = dialled
    self.session = session
    self.progress = progress
  }

  var address: String {
    dialled ?? connection.peer
  }
}
