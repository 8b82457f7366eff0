public import AnabranchCore

/// With whom an open replica is connected just now, and why not with others. Only the process that serves it knows.
public struct ConnectionStatus: Hashable, Sendable {
  /// Whether devices are looked for on this machine's networks.
  public var isDiscovering = false
  /// Every other device of the space, the senior first, also those that were removed.
  public var devices: [DeviceConnection] = []
  /// Addresses that are dialled, and of which it is not known who is there: nobody was met at them.
  public var unmet: [UnmetAddress] = []

  /// That of a replica which has nothing to do with others.
  public init() {}
}

/// How another device stands to this one just now.
public struct DeviceConnection: Hashable, Sendable {
  /// Whether there is a connection, and what is done for one.
  public enum State: Hashable, Sendable {
    /// There is one, since then by the wall clock; on it the device said that it holds so much.
    case connected(address: String, isDialled: Bool, since: Int64, known: VersionVector)
    /// It is being dialled there.
    case dialling(address: String)
    /// It is dialled there in so long.
    case waiting(address: String, retry: Duration)
    /// It is not dialled, since nobody has said where it is: it may call.
    case notDialled
    /// It was removed from the space, so nothing is told to it.
    case removed
    /// This device was removed from the space, as it knows itself: the others turn it away.
    case cutOff
  }

  /// Its public key.
  public var device: Digest
  /// Whether there is a connection, and what is done for one.
  public var state: State
  /// How the last one ended since the replica was opened; nil where none did, and as long as there is one.
  public var ending: ConnectionEnding?
}

/// An address that is dialled, where nobody was met yet.
public struct UnmetAddress: Hashable, Sendable {
  /// The address.
  public var address: String
  /// How the last attempt ended; nil before the first one has.
  public var ending: ConnectionEnding?
  /// In how long it is dialled again; nil while it is dialled.
  public var retry: Duration?
}
