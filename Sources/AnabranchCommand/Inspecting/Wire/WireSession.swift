internal import Anabranch

/// What is known of a connection while its entries are read, one after the other.
struct WireSession {
  /// How it came to stand, and when; nil where that was not seen.
  private(set) var beginning: RecordingEntry.Beginning?
  private(set) var began: UInt64?
  /// The device on the other side, once it proved to be it.
  private(set) var device: Digest?
  /// What that is called.
  private(set) var name = ""
  /// What the devices are called whose logs it has told of.
  private(set) var words: FrameWords
  private(set) var frames = 0
  /// Bytes of frames.
  private(set) var (sentBytes, receivedBytes): (UInt64, UInt64) = (0, 0)
  private(set) var ending: RecordingEntry.Ending?
  private(set) var last: UInt64 = 0

  /// A connection of which nothing was seen yet; logs are called as `names` has them.
  init(names: LogNames = [:]) {
    words = FrameWords(names: names)
  }

  /// Takes note of the next entry.
  mutating func note(_ entry: RecordingEntry) {
    last = max(last, entry.uptime)
    switch entry.event {
    case .began(let beginning): (self.beginning, began) = (beginning, entry.uptime)
    case .proved(let device, let name):
      self.device = device
      if !name.isEmpty { self.name = name }
    case .frame(let frame):
      frames += 1
      if frame.direction == .sent { sentBytes &+= UInt64(frame.bytes) } else { receivedBytes &+= UInt64(frame.bytes) }
      guard case .hello(let hello) = frame.summary else { return }
      if frame.direction == .received { name = hello.name }
      words.names[hello.log] = hello.name
    case .ended(let ending): self.ending = ending
    case .started, .stopped: break
    }
  }

  /// Microseconds from its beginning to `entry`; nil where its beginning was not seen.
  func elapsed(_ entry: RecordingEntry) -> UInt64? {
    began.map { entry.uptime >= $0 ? entry.uptime - $0 : 0 }
  }

  /// How long it lasted, as far as it was seen.
  var length: UInt64 {
    began.map { last >= $0 ? last - $0 : 0 } ?? 0
  }

  /// When `entry` was, by the wall clock of the connection's beginning, in milliseconds since 1970.
  func wall(_ entry: RecordingEntry) -> Int64? {
    guard let beginning, let elapsed = elapsed(entry) else { return nil }
    let (sum, overflow) = beginning.wall.addingReportingOverflow(Int64(clamping: elapsed / 1_000))
    return overflow ? beginning.wall : sum
  }

  /// Who is on the other side.
  var peer: String {
    if !name.isEmpty { return name }
    return device.map(\.fingerprint) ?? "unknown"
  }

  /// Whether it ended as sessions do: both sides had what they wanted, or a program ended.
  var isInGoodOrder: Bool {
    ending?.closing.map { $0.code <= 1 || $0.code == 8 } ?? false
  }

  /// How it ended, in words.
  var end: String {
    guard let ending else { return "no end was recorded" }
    let words = ending.closing.map { FrameWords.words(code: $0.code, $0.reason) }
    switch ending.origin {
    case .nobody: return "given up, since the program ended"
    case .here: return "ended by this side: \(words ?? "no reason")"
    case .peer: return "ended by the other side: \(words ?? "no reason")"
    case .connection: return "the connection broke"
    }
  }
}

/// The connections that stand, while entries are read one after the other.
struct WireSessions {
  private var sessions: [UInt64: WireSession] = [:]
  private let names: LogNames

  /// No connection yet; logs are called as `names` has them.
  init(names: LogNames = [:]) {
    self.names = names
  }

  /// Takes note of the next entry, and returns what is known of its connection by then; nil for what is of none.
  mutating func note(_ entry: RecordingEntry) -> WireSession? {
    switch entry.event {
    case .started:
      sessions = [:]
      return nil
    case .stopped:
      return nil
    case .began:
      sessions[entry.connection] = nil
    case .proved, .frame, .ended:
      break
    }
    var session = sessions[entry.connection] ?? WireSession(names: names)
    session.note(entry)
    if case .ended = entry.event { sessions[entry.connection] = nil } else { sessions[entry.connection] = session }
    return session
  }
}
