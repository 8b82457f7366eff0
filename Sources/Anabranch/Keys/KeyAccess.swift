/// What it takes to get at a device's private key that is not simply in a file.
public struct KeyAccess: Sendable {
  /// The passphrase, where the key has one and somebody has given it.
  public var passphrase: Passphrase?
  /// The system's keyring, where there is one.
  public var keyring: (any Keyring)?

  /// Access by these; either may be missing where it is not needed.
  public init(passphrase: Passphrase? = nil, keyring: (any Keyring)? = nil) {
    self.passphrase = passphrase
    self.keyring = keyring
  }

  /// Without a passphrase, and with the system's own keyring where the library reaches it by itself: on Apple platforms.
  public static var system: KeyAccess {
    #if canImport(Security)
      KeyAccess(keyring: Keychain())
    #else
      KeyAccess()
    #endif
  }
}

/// What protects a device's private key, beside the mode of its file.
public enum KeyProtection: String, Sendable {
  /// Nothing: whoever reads the file has the key.
  case none
  /// A passphrase, under which the file is encrypted.
  case passphrase
  /// The system's keyring, which has it instead of the file.
  case keyring
}

/// How a device's private key is to be kept from now on.
public enum NewKeyProtection: Sendable {
  /// In the file, as it is.
  case none
  /// In the file, encrypted under that passphrase; a guess at it is to cost so much.
  case passphrase(Passphrase, cost: ScryptCost = .standard)
  /// In the system's keyring.
  case keyring
}
