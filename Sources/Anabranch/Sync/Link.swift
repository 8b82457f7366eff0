internal import AnabranchCore
internal import AnabranchNoise
internal import AnabranchSync
internal import AnabranchWire

/// A session's way out. Nothing here waits: what is sent goes on its way, what comes is told to the replica.
package protocol LinkPort: Sendable {
  /// The other side, in words: its address.
  var peer: String { get }
  /// This machine's address that it leads from; nil where it has none.
  var localHost: String? { get }
  /// Sends `bytes` after all that was sent before.
  func send(_ bytes: [UInt8])
  /// Closes once everything is sent. What is sent afterwards is dropped.
  func close()
  /// Closes at once; what is unsent is lost.
  func abort()
}

extension LinkPort {
  /// None: it leads over no network.
  package var localHost: String? { nil }
}

/// One connection to another replica. Used only by the replica it belongs to.
final class Link {
  let number: Int
  let port: any LinkPort
  /// Since when a record has begun to come, and not ended.
  var recordBegan: Duration?
  /// Where it was dialled; nil if the other side called.
  let dialled: String?
  let mode: SyncSession.Mode
  var channel: SecureChannel
  /// The device on the other side, once it has proved to be it.
  var peer: Digest?
  /// The device that is to be on the other side; nil where any of the space may be.
  let expected: Digest?
  /// As long as one of the two devices comes in.
  var pairing: PairingSession?
  /// How this device comes in here, if it does.
  let joining: Joining?
  /// Somebody who is asked whether it does.
  var question: Task<Void, Never>?
  /// Why it does not.
  var refusal: AnabranchError?
  /// Begins when the other side has proved who it is; before that nothing is said to it.
  var session: SyncSession?
  /// Bytes on the connection, the handshake and all else included.
  var (sentBytes, receivedBytes): (UInt64, UInt64) = (0, 0)
  var summary = SyncSummary()
  /// What the other side has durably, as far as it said in this session.
  var known = VersionVector()
  /// Whether ``known`` says all there is to know: both sides have told what they hold.
  var isComplete = false
  /// Whether ``known`` holds more than was saved.
  var isUnsaved = false
  /// The blobs that the session fetches.
  var fetching: Set<BlobID> = []
  /// When the session wants its timer; when the handshake must be over, as long as there is none.
  var deadline: Duration?
  var ending: SyncEnding?
  /// Events that wait until those before them were handled.
  var pending: [SyncSession.Event] = []
  var isHandling = false
  /// Is told how far the session is.
  let progress: @Sendable (WorkProgress) -> Void
  /// When the connection came to stand: on the clock that never goes back, and on the wall.
  let (began, beganWall): (Duration, Int64)
  /// Follows what crosses it, for those who look.
  var trace = SessionTrace()
  /// Those who write it down.
  let recorders: [SessionRecorder]
  /// Whether its end was told to them.
  var isEndNoted = false

  init(
    number: Int, port: any LinkPort, dialled: String?, channel: SecureChannel, mode: SyncSession.Mode,
    expected: Digest?, joining: Joining?, began: Duration, beganWall: Int64, recorders: [SessionRecorder],
    progress: @escaping @Sendable (WorkProgress) -> Void
  ) {
    (self.began, self.beganWall, self.recorders) = (began, beganWall, recorders)
    (self.expected, self.joining) = (expected, joining)
    self.number = number
    self.port = port
    self.dialled = dialled
    self.channel = channel
    self.mode = mode
    self.progress = progress
  }

  var address: String {
    dialled ?? port.peer
  }

  /// Sends `bytes`, as they are.
  func send(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    sentBytes += UInt64(bytes.count)
    port.send(bytes)
  }

  /// How far the session is; nothing while there is none.
  var counts: SyncProgress {
    session?.progress ?? SyncProgress()
  }
}
