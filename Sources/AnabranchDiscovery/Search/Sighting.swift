public import AnabranchCore

/// Where a device of the space says that it is to be had.
///
/// Whoever listened before can say the same; only a session proves which device it is.
public struct Sighting: Hashable, Sendable {
  /// The device.
  public let device: Digest
  /// One of its addresses, on the link that it was heard on.
  public let address: IPAddress
  /// Where it listens there.
  public let port: UInt16

  /// The device `device` at `port` of `address`.
  public init(_ device: Digest, at address: IPAddress, port: UInt16) {
    self.device = device
    self.address = address
    self.port = port
  }
}
