public import AnabranchCore

/// A file that is attached to a message, as a reader sees it.
public struct AttachmentRecord: Hashable, Sendable {
  /// How much of the file's bytes is on this device.
  public enum Presence: Hashable, Sendable {
    /// All of it.
    case whole
    /// So many of its blocks; zero where nothing was fetched yet.
    case partial(blocks: Int)
    /// Nothing, and nobody has it: its source told of it and did not bring it.
    case never
  }

  /// Its name: the addition that attached it.
  public var id: ObjectID
  /// The message it is attached to.
  public var message: ObjectID
  /// What is said of it.
  public var content: AttachmentContent
  /// The log of whoever attached it.
  public var log: LogID
  /// When, on the writer's hybrid clock.
  public var time: HybridTime
  /// How much of it is here.
  public var presence: Presence
  /// Devices that are known to have it whole, as far as this one was told, in ascending order of their keys.
  public var holders: [Digest]
}

/// What this replica has of all attached files.
public struct AttachmentTotals: Hashable, Sendable {
  /// Files that are here whole; equal ones count once.
  public var whole = 0
  /// Their bytes.
  public var wholeBytes: UInt64 = 0
  /// Files that are not here, or not whole.
  public var lacking = 0
  /// Their bytes, as far as somebody said.
  public var lackingBytes: UInt64 = 0
}
