public import AnabranchCore
internal import AnabranchWire

/// What a verification found.
public struct Verification: Hashable, Sendable {
  /// What of a database is wrong.
  public enum Part: String, Hashable, Sendable, CaseIterable {
    /// The file, as SQLite sees it, and how its tables are defined.
    case file
    /// What was written, on all devices: its hashes, what it builds on, its signatures.
    case log
    /// What the log amounts to.
    case views
    /// Attached files.
    case files
    /// What concerns this device alone.
    case local
  }

  /// Something that is wrong.
  public struct Fault: Hashable, Sendable {
    /// What with.
    public var part: Part
    /// A sentence. No name that anybody gave is in it.
    public var message: String
    /// The attached files that are concerned, some of them.
    public var attachments: [AttachmentRecord] = []

    /// That something is wrong with that part.
    public init(part: Part, message: String, attachments: [AttachmentRecord] = []) {
      (self.part, self.message, self.attachments) = (part, message, attachments)
    }
  }

  /// How many changes were read and hashed.
  public var changes: UInt64 = 0
  /// Each log, in the order in which it came here.
  public var logs: [LogSoundness] = []
  /// How many blocks of attached files were read and hashed.
  public var blocks = 0
  /// Which attached files are here, and which are not, without those that are damaged; nil where that cannot be read.
  public var attachments: AttachmentTotals?
  /// How many attached files are damaged; equal ones count once.
  public var damagedAttachments = 0
  /// Whether the views were compared with those that are built anew from the log: only where the log and the file are sound.
  public var hasComparedViews = false
  /// The fingerprint of the state, computed anew; nil where the log is not sound.
  public var stateHash: Digest?
  /// What is wrong; empty if nothing is.
  public var faults: [Fault] = []

  /// Whether nothing is wrong.
  public var isSound: Bool {
    faults.isEmpty
  }

  /// All that is wrong, one sentence each.
  public var messages: [String] {
    faults.map(\.message)
  }

  mutating func add(_ messages: [String], of part: Part) {
    faults += messages.map { Fault(part: part, message: $0) }
  }

  /// Takes over what a survey of the logs found, once it is known what is wrong with the file.
  mutating func add(_ survey: LogSurvey) {
    logs = survey.logs.map(\.soundness)
    add(survey.tableFaults + logs.flatMap(\.faults), of: .log)
    // Another device may also have what was written here before a disk was set back, which is no damage.
    guard faults.contains(where: { $0.part == .file }) else { return }
    for log in survey.logs where log.isWhole && log.last > log.soundness.sound {
      add(
        [LogSurvey.lacking(log.soundness.sound + 1...log.last, of: log.header.log) + ", and another device has that"],
        of: .log)
    }
  }
}
