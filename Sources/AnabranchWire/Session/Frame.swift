public import AnabranchCore

/// One message between two replicas.
///
/// On the connection each frame is its length in four bytes, most significant first, then a byte for its kind,
/// then its fields. `docs/format.md` has the layout of each.
public enum Frame: Hashable, Sendable {
  /// Who speaks, and what it understands. The first frame of either side.
  case hello(Hello)
  /// What the speaker holds, log by log. The second frame of either side.
  case have([HeldLog])
  /// Log headers. They are numbered from 0 in the order in which a side sends them in a session; the frames below
  /// name logs by these numbers.
  case logs([LogHeader])
  /// Changes, each after all it depends on.
  case changes(ChangeBatch)
  /// Changes of the other side that are durable here. Log numbers are those the other side gave.
  case acknowledge([LogPosition])
  /// The speaker has room for that many more bytes of changes.
  case credit(UInt32)
  /// Asks for a ``pong(_:)`` with the same number.
  case ping(UInt64)
  /// Answers a ``ping(_:)``.
  case pong(UInt64)
  /// The last frame: why the speaker ends the session.
  case close(Closing)
  /// About the bytes of attached files.
  case blob(BlobFrame)
  /// What a device is writing right now. Sent only to a side that has ``Hello/Features/words``.
  case words(Words)
  /// Where two replicas hold a log differently. Sent only to a side that has ``Hello/Features/branches``.
  case fork(ForkProbe)
  /// About a device that comes in. No session has these: they come before it.
  case pairing(PairingFrame)
}

/// Who speaks, and what it understands.
public struct Hello: Hashable, Sendable {
  /// Abilities beyond the version's, one a bit; unknown ones are ignored.
  public struct Features: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt64

    /// The abilities of those bits.
    public init(rawValue: UInt64) {
      self.rawValue = rawValue
    }

    /// It takes what others are writing: ``Frame/words(_:)``.
    public static let words = Self(rawValue: 1 << 0)
    /// It understands frames about blobs: ``Frame/blob(_:)``.
    public static let blobs = Self(rawValue: 1 << 1)
    /// It makes logs of the branches of a forked log, and understands ``Frame/fork(_:)``.
    public static let branches = Self(rawValue: 1 << 2)
  }

  /// The newest version of the protocol it speaks.
  public var version: UInt16
  /// The oldest one it still speaks.
  public var versionMin: UInt16
  /// The shared history; all zero until devices are paired.
  public var space: Bytes16
  /// The device's Ed25519 public key.
  public var device: Digest
  /// The log it writes now.
  public var log: LogID
  /// The device's name, as its person gave it.
  public var name: String
  /// The rules by which it turns operations into state.
  public var semanticsLevel: UInt32
  /// Abilities beyond the version's.
  public var features: Features
  /// How many bytes of changes it has room for.
  public var credit: UInt32

  /// A greeting by `device`, which writes `log` and is called `name`, with room for `credit` bytes.
  public init(
    device: Digest, log: LogID, name: String, semanticsLevel: UInt32, credit: UInt32,
    space: Bytes16 = Bytes16(high: 0, low: 0), version: UInt16 = Frame.version,
    versionMin: UInt16 = Frame.versionMin, features: Features = []
  ) {
    self.device = device
    self.log = log
    self.name = name
    self.semanticsLevel = semanticsLevel
    self.credit = credit
    self.space = space
    self.version = version
    self.versionMin = versionMin
    self.features = features
  }
}

/// How far a log is held, and the hash there, so that a fork is noticed before anything is sent.
public struct HeldLog: Hashable, Sendable {
  /// The log.
  public var log: LogID
  /// The last sequence held, at least 1.
  public var sequence: UInt32
  /// The first sixteen bytes of that change's hash.
  public var hash: Bytes16

  /// `log`, held up to `sequence`, whose hash starts with `hash`.
  public init(log: LogID, sequence: UInt32, hash: Bytes16) {
    self.log = log
    self.sequence = sequence
    self.hash = hash
  }
}

/// A place in a log that has a number in this session.
public struct LogPosition: Hashable, Sendable {
  /// The log's number.
  public var log: UInt32
  /// The sequence.
  public var sequence: UInt32

  /// `sequence` of the log with number `log`.
  public init(log: UInt32, sequence: UInt32) {
    self.log = log
    self.sequence = sequence
  }
}

/// Changes in causal order, as runs of one log.
public struct ChangeBatch: Hashable, Sendable {
  /// Consecutive changes of one log.
  public struct Run: Hashable, Sendable {
    /// Where the first of them stands.
    public var first: LogPosition
    /// Their canonical bytes, in order.
    public var changes: [[UInt8]]

    /// `changes` from `first` on.
    public init(first: LogPosition, changes: [[UInt8]]) {
      self.first = first
      self.changes = changes
    }
  }

  /// An author's signature of a log: see ``AnabranchCore/Checkpoint``.
  public struct Signature: Hashable, Sendable {
    /// What was signed up to.
    public var at: LogPosition
    /// 64 bytes.
    public var signature: [UInt8]

    /// `signature` over a log up to `at`.
    public init(at: LogPosition, signature: [UInt8]) {
      self.at = at
      self.signature = signature
    }
  }

  /// The runs, in causal order.
  public var runs: [Run]
  /// For each log of the runs one, at the last change that they have of it, by ascending number.
  public var signatures: [Signature]

  /// A batch of those runs.
  public init(runs: [Run], signatures: [Signature] = []) {
    self.runs = runs
    self.signatures = signatures
  }
}

/// Why a session ends.
public struct Closing: Hashable, Sendable {
  /// A reason's number; those above are of a later version.
  public enum Code: UInt16, Hashable, Sendable {
    /// Everything wanted was exchanged.
    case done = 0
    /// The program ends.
    case shutdown = 1
    /// The other side did not keep to the protocol.
    case violation = 2
    /// No version both speak.
    case version = 3
    /// The other side did not answer in time.
    case timeout = 4
    /// The speaker cannot store what it receives.
    case storage = 5
    /// The other side has another history.
    case space = 6
    /// Both sides are the same device.
    case own = 7
    /// Logs have other names on this side by now, since one turned out to have forked: the two should meet again.
    case renamed = 8
  }

  /// The reason's number.
  public var code: UInt16
  /// The reason in words.
  public var reason: String

  /// `code`, in words `reason`.
  public init(_ code: Code, _ reason: String) {
    self.code = code.rawValue
    self.reason = reason
  }

  init(code: UInt16, reason: String) {
    self.code = code
    self.reason = reason
  }
}
