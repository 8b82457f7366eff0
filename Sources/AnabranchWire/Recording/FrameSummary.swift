public import AnabranchCore

/// What a frame says, without anything that somebody wrote: how many changes of which logs, and never their contents.
///
/// It has what a session is about: devices with their names and keys, the identifiers of logs, numbers, hashes that are
/// salted, lengths, and the reason for which a session ends. It does not have the names of blobs, since who has a file
/// can tell by its name whether others have it: blobs are numbered within a session.
public enum FrameSummary: Hashable, Sendable {
  /// Who speaks.
  case hello(Hello)
  /// What the speaker holds.
  case have([HeldLog])
  /// Logs that the speaker names by these numbers from now on.
  case logs([Log])
  /// Changes. Without any it says that all that was held was sent.
  case changes(Batch)
  /// What is durable, by the numbers of the side that hears it.
  case acknowledge([Reach])
  /// Room for so many more bytes.
  case credit(UInt32)
  /// Asks for a sign of life.
  case ping(UInt64)
  /// Gives one.
  case pong(UInt64)
  /// The last frame.
  case close(Closing)
  /// What a device is writing.
  case words(Words)
  /// About the bytes of attached files.
  case blob(Blob)
  /// Where two replicas hold a log differently.
  case fork(ForkProbe)
  /// About a device that comes in.
  case pairing(PairingFrame)
  /// What the protocol does not have, and why.
  case unreadable(String)
  /// A frame that was under way when somebody began to look; what it says is not known.
  case partial
}

extension FrameSummary {
  /// A log as a session names it.
  public struct Log: Hashable, Sendable {
    /// Its number in the session, by the side that announced it.
    public var number: UInt32
    /// The log; nil where that number was not announced.
    public var log: LogID?

    /// `log`, which has that number.
    public init(number: UInt32, log: LogID?) {
      (self.number, self.log) = (number, log)
    }
  }

  /// How far a log is durable.
  public struct Reach: Hashable, Sendable {
    /// The log.
    public var log: Log
    /// The last change of it.
    public var sequence: UInt32

    /// `log` up to `sequence`.
    public init(_ log: Log, sequence: UInt32) {
      (self.log, self.sequence) = (log, sequence)
    }
  }

  /// The changes of one frame.
  public struct Batch: Hashable, Sendable {
    /// Those of one log.
    public struct Stretch: Hashable, Sendable {
      /// The log.
      public var log: Log
      /// The first and the last of them.
      public var (first, last): (UInt32, UInt32)
      /// How many they are.
      public var changes: UInt32
      /// The bytes of all of them.
      public var bytes: UInt32

      /// `changes` of `log`, from `first` to `last`, in so many bytes.
      public init(_ log: Log, first: UInt32, last: UInt32, changes: UInt32, bytes: UInt32) {
        self.log = log
        (self.first, self.last) = (first, last)
        (self.changes, self.bytes) = (changes, bytes)
      }
    }

    /// How many changes it has.
    public var changes: UInt32
    /// How many signatures.
    public var signatures: UInt32
    /// The changes, log by log, in the order in which the frame first has them.
    public var logs: [Stretch]

    /// Those changes.
    public init(changes: UInt32, signatures: UInt32, logs: [Stretch]) {
      (self.changes, self.signatures, self.logs) = (changes, signatures, logs)
    }
  }

  /// Words without the words.
  public struct Words: Hashable, Sendable {
    /// The key of the device that writes.
    public var device: Digest
    /// The change that they are going to be part of.
    public var change: ChangeID
    /// Greater than that of all words of the change before.
    public var counter: UInt64
    /// How many operations they tell of.
    public var pieces: UInt32
    /// How many bytes of text they bring.
    public var bytes: UInt32

    /// What is told of `change` by its `device`.
    public init(device: Digest, change: ChangeID, counter: UInt64, pieces: UInt32, bytes: UInt32) {
      (self.device, self.change, self.counter) = (device, change, counter)
      (self.pieces, self.bytes) = (pieces, bytes)
    }
  }

  /// A frame about blobs. A blob is a number, from 1 on in the order in which a session names them; 0 is one beyond those that are
  /// told apart.
  public enum Blob: Hashable, Sendable {
    /// So many blobs are wanted.
    case wants(UInt32)
    /// So many blobs are offered, of so many bytes together; whether that answers what was wanted.
    case offers(UInt32, bytes: UInt64, isAnswer: Bool)
    /// A part of a blob is asked for.
    case request(UInt32, BlobPart)
    /// The hashes of so many blocks of a blob.
    case outline(UInt32, blocks: UInt32)
    /// A block of a blob, of so many bytes.
    case block(UInt32, UInt32, bytes: UInt32)
    /// The blob is not there any more.
    case lacks(UInt32)
  }
}
