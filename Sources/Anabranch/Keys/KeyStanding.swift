public import AnabranchCore

/// Whose key lies in a home, and whether what is written with it gets to other devices.
public struct KeyStanding: Hashable, Sendable {
  /// Whether a device belongs to the history.
  public enum Place: String, Hashable, Sendable {
    /// It does; or there is nobody else yet; or what let it in may be among what a repair could not keep, and a sync brings.
    case within
    /// It was removed.
    case removed
    /// Nobody has let it in, as far as is known here: nothing is taken from it.
    case unknown
  }

  /// The device, by its public key.
  public var device: Digest
  /// What people call it; nil where nobody knows.
  public var name: String?
  /// The device that wrote the database last, as which the replica goes on where it is that one's key; nil where nobody has written it yet, as a restored backup.
  public var writer: Digest?
  /// What that one is called.
  public var writerName: String?
  /// Whether what is written with the key counts for other devices.
  public var place: Place

  /// Whether the database was written by another device last: what is written here goes on in a log of ``device``.
  public var isOfAnother: Bool { writer != nil && writer != device }
}
