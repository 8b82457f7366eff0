public import AnabranchCore

/// What a replica's files hold, in bytes.
public struct StorageUse: Hashable, Sendable {
  /// What a table is there for.
  public enum Purpose: String, Hashable, Sendable, CaseIterable {
    /// What was written, on all devices. Nothing else is needed to have all the rest again.
    case log
    /// What the log amounts to.
    case views
    /// What finds words.
    case search
    /// Attached files.
    case files
    /// What concerns this device alone.
    case local
  }

  /// A table, with its indices.
  public struct Table: Hashable, Sendable {
    /// What the schema calls it; the parts of the search's index are one, `search`.
    public var name: String
    /// What it is there for.
    public var purpose: Purpose
    /// Its pages.
    public var bytes: UInt64
    /// What of them is empty.
    public var unused: UInt64
  }

  /// What operations take in the log.
  public struct Share: Hashable, Sendable {
    /// How many there are.
    public var operations: UInt64 = 0
    /// What they say, as it was written; without what their changes take beside that.
    public var contentBytes: UInt64 = 0
  }

  /// The tables, the largest first.
  public var tables: [Table] = []
  /// Pages that hold nothing: what a compaction gives back.
  public var freeBytes: UInt64 = 0
  /// What is written and not in the database's file yet.
  public var journalBytes: UInt64 = 0
  /// By kind of operation.
  public var kinds: [OperationKind: Share] = [:]
  /// By conversation.
  public var conversations: [ObjectID: Share] = [:]

  /// The database's file and its journal.
  public var totalBytes: UInt64 {
    tables.reduce(freeBytes + journalBytes) { $0 + $1.bytes }
  }
}
