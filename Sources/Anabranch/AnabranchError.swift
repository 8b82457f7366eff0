/// What went wrong, told so that a person knows what to do and a program can tell cases apart.
public struct AnabranchError: Error, Sendable, Equatable {
  /// The kind of failure, stable across versions: `not-found`, `locked`, `damaged`, `disk-full`…
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The word itself, as `--json` prints it.
    public let rawValue: String

    /// The code of that word.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }
  }

  /// The kind of failure.
  public var code: Code
  /// What was expected and what came instead.
  public var message: String
  /// What to do about it; empty where nothing can be done.
  public var remedy: String

  /// An error of that kind; `message` says what was expected and what came, `remedy` what to do.
  public init(_ code: Code, _ message: String, remedy: String = "") {
    self.code = code
    self.message = message
    self.remedy = remedy
  }
}

extension AnabranchError.Code {
  /// No object, home or file of that name exists.
  public static let notFound = Self(rawValue: "not-found")
  /// It was there, and is gone for good.
  public static let purged = Self(rawValue: "purged")
  /// A prefix of an identifier fits several.
  public static let ambiguous = Self(rawValue: "ambiguous")
  /// It is there already, and was left as it is.
  public static let exists = Self(rawValue: "exists")
  /// Another process writes this replica.
  public static let locked = Self(rawValue: "locked")
  /// Somebody else listens at that address.
  public static let inUse = Self(rawValue: "in-use")
  /// The database, a log or a file contradicts itself.
  public static let damaged = Self(rawValue: "damaged")
  /// A database has other tables than any version makes: somebody may mean harm, and nothing of it is shown.
  public static let foreign = Self(rawValue: "foreign")
  /// A newer version wrote it.
  public static let newer = Self(rawValue: "newer")
  /// An older version wrote the file, and it has to be opened for writing first.
  public static let older = Self(rawValue: "older")
  /// The disk is full.
  public static let diskFull = Self(rawValue: "disk-full")
  /// The system refused to read or write.
  public static let io = Self(rawValue: "io")
  /// A file is not of the kind it should be.
  public static let format = Self(rawValue: "format")
  /// An argument cannot be meant.
  public static let invalid = Self(rawValue: "invalid")
  /// A peer did not answer, or broke off.
  public static let unreachable = Self(rawValue: "unreachable")
  /// A peer does not keep to the protocol.
  public static let protocolViolation = Self(rawValue: "protocol")
  /// Somebody who may decide that has said no.
  public static let denied = Self(rawValue: "denied")
  /// The device's key has a passphrase, and none was given.
  public static let passphraseNeeded = Self(rawValue: "passphrase-needed")
  /// The passphrase is not that of the device's key.
  public static let wrongPassphrase = Self(rawValue: "wrong-passphrase")
  /// The key in a home is another device's than the one that writes the history there.
  public static let wrongKey = Self(rawValue: "wrong-key")
  /// The system's keyring is not there, does not answer, or stays locked.
  public static let noKeyring = Self(rawValue: "no-keyring")
  /// A person, or the system, broke it off.
  public static let interrupted = Self(rawValue: "interrupted")
}
