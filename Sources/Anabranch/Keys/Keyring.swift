internal import AnabranchCore

/// Where the system keeps secrets for a person, such as the keyring of a desktop: opened with the session, or by asking.
///
/// A name has letters, digits and `-` only and is no secret. Calls may block until a person has answered the system.
public protocol Keyring: Sendable {
  /// The secret under that name; nil where there is none, or where one that stays locked does not say.
  ///
  /// Throws ``AnabranchError/Code/noKeyring`` where the keyring cannot be asked.
  func read(_ name: String) throws(AnabranchError) -> [UInt8]?

  /// Keeps `secret` under that name, in place of one from before. Throws as ``read(_:)``, and keeps what was there then.
  func write(_ secret: [UInt8], as name: String) throws(AnabranchError)

  /// Removes what there is under that name, if anything. Throws as ``read(_:)``.
  func delete(_ name: String) throws(AnabranchError)
}

extension AnabranchCore.Digest {
  /// The name under which a keyring keeps the private half of this public key.
  var keyringName: String {
    Hexadecimal.encode(bytes)
  }
}
