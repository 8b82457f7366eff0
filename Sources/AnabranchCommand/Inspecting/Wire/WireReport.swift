internal import Anabranch

/// Something that happened on a connection, as `inspect wire --json` prints it, one a line.
struct WireReport: Encodable {
  var event: String
  /// The connection; null for what is of none.
  @Nullable var connection: UInt64?
  /// Microseconds since it began; null where its beginning is not known.
  @Nullable var at: UInt64?
  /// By the wall clock, as far as it was right when the connection began.
  @Nullable var time: String?
  var contents: Bool?
  var address: String?
  var dialled: Bool?
  var device: String?
  var name: String?
  var direction: String?
  var kind: String?
  var bytes: UInt64?
  var says: FrameReport?
  var omitted: UInt32?
  /// What people wrote; only with `--contents`.
  var written: [ContentReport]?
  var by: String?
  var code: UInt16?
  var reason: String?
  var sentBytes: UInt64?
  var receivedBytes: UInt64?
  var count: UInt64?

  init(event: String) {
    self.event = event
  }

  /// `entry`, on a connection that began so.
  init(_ entry: RecordingEntry, on session: WireSession?, contents showsContents: Bool) {
    self.init(event: "")
    connection = entry.connection == 0 ? nil : entry.connection
    at = session?.elapsed(entry)
    time = session?.wall(entry).flatMap(Self.moment)
    switch entry.event {
    case .started(let wall, let hasContents):
      (event, time, contents) = ("started", Self.moment(wall), hasContents)
    case .began(let beginning):
      (event, address, dialled) = ("began", beginning.address, beginning.isDialled)
    case .proved(let device, let name):
      (event, self.device, self.name) = ("proved", device.description, name)
    case .frame(let frame):
      event = "frame"
      direction = frame.direction == .sent ? "sent" : "received"
      (kind, bytes, omitted) = (FrameWords.kind(frame), UInt64(frame.bytes), frame.omitted)
      says = FrameReport(frame.summary)
      written = showsContents ? frame.written.map { ContentReport($0) } : nil
    case .ended(let ending):
      event = "ended"
      by = ending.by
      (code, reason) = (ending.closing?.code, ending.closing?.reason)
      (sentBytes, receivedBytes) = (ending.sentBytes, ending.receivedBytes)
    case .stopped:
      event = "stopped"
    }
  }
}

extension WireReport {
  /// A time as it is printed; nil where a recording has one that no calendar has.
  private static func moment(_ wall: Int64) -> String? {
    let text = Moment.text(wall)
    return text.isEmpty ? nil : text
  }
}

extension RecordingEntry.Ending {
  fileprivate var by: String {
    switch origin {
    case .nobody: "nobody"
    case .here: "here"
    case .peer: "peer"
    case .connection: "connection"
    }
  }
}

/// What somebody wrote, as `inspect wire --contents --json` prints it.
struct ContentReport: Encodable {
  @Nullable var log: String?
  @Nullable var change: UInt32?
  var index: UInt32
  @Nullable var kind: String?
  @Nullable var target: String?
  @Nullable var text: String?
  var bytes: Int

  init(_ content: RecordedFrame.Content) {
    log = content.change?.log.description
    change = content.change?.sequence
    index = content.index
    kind = content.kind?.name
    target = content.target?.description
    (text, bytes) = (content.text, content.bytes)
  }
}
