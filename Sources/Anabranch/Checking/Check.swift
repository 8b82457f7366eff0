public import AnabranchCore
public import AnabranchStore

/// What was found of a replica, or of a database file that somebody handed over.
public struct Check: Sendable {
  /// What is wrong, and how much was read.
  public var found: Verification
  /// What people call the devices that write the logs, as far as that can be read.
  public var names: [LogID: String]
  /// Why the device's key cannot be used; nil where it can, and of a file that somebody handed over. Whether its passphrase is known
  /// is not asked, and whose key it is then neither.
  public var keyFault: AnabranchError?
  /// Whose key that is, and what follows for what is written here. Nil where only its passphrase tells, where it cannot be used, where the database cannot be opened,
  /// and of a file that somebody handed over.
  public var key: KeyStanding?
  /// Whether the file could be opened, so that more was read of it than its logs.
  public var isReadable: Bool

  /// What to do where nothing of it can be read.
  public static let replacing = StoreError.replacing

  /// Whether nothing is wrong.
  public var isSound: Bool { found.isSound && keyFault == nil }
}

/// What a repair has done.
public struct Repair: Sendable {
  /// What is not there any more.
  public struct Loss: Sendable {
    /// Which changes of which log, and why.
    public var loss: Salvage.Loss
    /// The other devices that have said that they hold it, or its beginning: what people call them, and up to which change. The next session
    /// with one of them brings that. Who holds most comes first.
    public var holders: [(name: String, last: UInt32)]
    /// The device that wrote it, where that is another one and is known: what people call it, what is known of whether it holds the last of
    /// it, and whether this device has ever met it.
    public var author: (name: String, holding: Holding, wasMet: Bool)?
  }

  /// What the new database has.
  public var salvage: Salvage
  /// What it has not.
  public var losses: [Loss]
  /// What people call the devices that write the logs.
  public var names: [LogID: String]
  /// Where the damaged database is now.
  public var kept: String
  /// Whether this device has met others, and knows none of them as one of its space any more: then somebody has to let it in again.
  public var isAlone: Bool
  /// Whether it has ever met another device, which may have what is lost.
  public var hasPeers: Bool
  /// Whether this device goes on in another log, since numbers of its own may have been used that are lost.
  public var isNewLog: Bool
}
