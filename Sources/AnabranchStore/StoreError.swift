internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Why the store could not do what was asked. Nothing was changed: every write is one transaction.
public struct StoreError: Error, Sendable {
  /// What kind of failure it is.
  public enum Code: String, Sendable {
    /// Another process writes this database.
    case locked
    /// Another connection holds the database for longer than the store waits.
    case busy
    /// The file, or what it says, contradicts itself.
    case damaged
    /// The file has other tables than any version makes: somebody may have made it who means harm, and nothing of it is run.
    case foreign
    /// A newer version wrote the file.
    case newer
    /// An older version wrote the file, and it has to be opened for writing first.
    case older
    /// The file is no database of ours.
    case format
    /// There is no such file.
    case notFound
    /// There is one already.
    case exists
    /// The disk is full.
    case diskFull
    /// The system refused to read or write.
    case io
    /// A change does not follow what is held, or its bytes are refused.
    case refused
    /// The device may not write that.
    case denied
    /// More logs, or more of something else, than the store can number.
    case limit
  }

  /// What kind of failure it is.
  public let code: Code
  /// What was expected and what came.
  public let message: String
  /// What to do about it.
  public let remedy: String
  /// The error below, if there was one.
  public let cause: (any Error)?

  /// A failure of that kind.
  public init(_ code: Code, _ message: String, remedy: String = "", cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.remedy = remedy
    self.cause = cause
  }
}

extension StoreError {
  /// A held change cannot be read: `error` says why.
  init(unreadable change: ChangeID, _ error: WireError) {
    self.init(
      .damaged, "change \(change.sequence) of log \(change.log) cannot be read: \(error.message)",
      remedy: Self.repairing, cause: error)
  }

  /// What to do about a database of which something is damaged.
  static let repairing =
    "see `anabranch inspect check`; with --repair it keeps the file, and goes on with what is sound of it"

  /// What to do where nothing of it can be read.
  package static let replacing =
    "restore a backup with `anabranch restore-backup`, or sync a new replica from another device; what only this file has, that "
    + "one can then take from it, as far as it can be read: `anabranch inspect check --repair --from FILE`"

  /// The file at `path` is damaged, by what is `said` of it.
  init(damaged path: String, _ said: String, cause: (any Error)? = nil) {
    self.init(
      .damaged, "\(path) is damaged (\(said))",
      remedy: Self.repairing, cause: cause)
  }

  /// What SQLite said, in a person's words. `path` is the file it happened in.
  package init(_ error: any Error, path: String) {
    switch error {
    case let error as StoreError:
      self = error
    case let error as DatabaseError:
      self.init(sqlite: error, path: path)
    case is WireError, is RowDecodingError:
      self.init(
        .damaged, "\(path) is damaged: it holds what no version writes",
        remedy: Self.repairing, cause: error)
    default:
      self =
        StoreError(foundation: error, path: path)
        ?? StoreError(.io, "\(path) could not be used: \(error)", remedy: "see `anabranch inspect check`", cause: error)
    }
  }

  private init(sqlite error: DatabaseError, path: String) {
    let said = error.message ?? "no further word"
    switch error.resultCode.primaryResultCode {
    case .SQLITE_FULL:
      self.init(
        .diskFull, "the disk that holds \(path) is full; nothing was changed",
        remedy: "free some space and run the command again", cause: error)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(
        .busy, "\(path) is in use by another program (\(said))",
        remedy: "close the program that has it open, or try again", cause: error)
    case .SQLITE_CORRUPT:
      self.init(damaged: path, said, cause: error)
    case .SQLITE_NOTADB:
      self.init(
        .format, "expected \(path) to be a replica's database, but it is a file of another kind",
        remedy: "check --home; if it was one, `anabranch inspect check` says what of it can be read", cause: error)
    // All that is asked of SQLite is asked of tables that each version has.
    case .SQLITE_ERROR where said.hasPrefix("no such "):
      self.init(damaged: path, "it lacks what every replica has: \(said)", cause: error)
    // A format that no version of SQLite has was made by a disk.
    case .SQLITE_ERROR where said == "unsupported file format":
      self.init(damaged: path, said, cause: error)
    case .SQLITE_CANTOPEN:
      self.init(
        .io, "\(path) cannot be opened (\(said))", remedy: "check that the folder exists and is yours",
        cause: error)
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      self.init(.io, "\(path) cannot be written (\(said))", remedy: "check its permissions", cause: error)
    default:
      self.init(
        .io, "\(path) could not be read or written (\(said))",
        remedy: "check the disk, then see `anabranch inspect check`", cause: error)
    }
  }
}
