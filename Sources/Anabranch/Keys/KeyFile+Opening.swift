internal import AnabranchCore

extension KeyFile {
  /// What protects the key.
  var protection: KeyProtection {
    switch self {
    case .plain: .none
    case .sealed: .passphrase
    case .keyring: .keyring
    }
  }

  /// The public key; nil where only the passphrase tells.
  var device: AnabranchCore.Digest? {
    switch self {
    case .plain(let key): key.publicKey
    case .sealed: nil
    case .keyring(let publicKey): publicKey
    }
  }

  /// The key itself. `path` of the file stands in errors.
  ///
  /// Throws ``AnabranchError/Code/passphraseNeeded``, ``AnabranchError/Code/wrongPassphrase``,
  /// ``AnabranchError/Code/noKeyring``, or ``AnabranchError/Code/notFound`` where the keyring has no such key.
  func key(with access: KeyAccess, at path: String) throws(AnabranchError) -> DeviceKey {
    switch self {
    case .plain(let key): return key
    case .sealed(let sealed): return try Self.opened(sealed, with: access.passphrase, at: path)
    case .keyring(let publicKey): return try Self.kept(as: publicKey, in: access.keyring)
    }
  }

  private static func opened(
    _ sealed: SealedKey, with passphrase: Passphrase?, at path: String
  ) throws(AnabranchError) -> DeviceKey {
    guard let passphrase else {
      throw AnabranchError(
        .passphraseNeeded, "the device's key at \(path) has a passphrase, and none was given",
        remedy: "run this in a terminal and type it, or give --passphrase-file PATH")
    }
    guard var secret = try sealed.opened(with: passphrase, context: sealedHead) else {
      throw AnabranchError(
        .wrongPassphrase, "the passphrase is not that of the device's key at \(path)",
        remedy: "try again; where it is forgotten, the history can still be read: `anabranch backup` it, restore that "
          + "into another home, and come back in with `anabranch join` or `anabranch recover`")
    }
    defer { wipe(&secret) }
    guard let seed = AnabranchCore.Digest(secret) else { throw damaged(path, "it holds no key") }
    return try DeviceKey(seed: seed)
  }

  private static func kept(
    as publicKey: AnabranchCore.Digest, in keyring: (any Keyring)?
  ) throws(AnabranchError) -> DeviceKey {
    let keyring = try reachable(keyring)
    guard var secret = try keyring.read(publicKey.keyringName) else {
      throw AnabranchError(
        .notFound, "the device's key is to be in the system's keyring, and it is not there, or that stays locked",
        remedy:
          "open the keyring that it was put into; where that is gone, so is the key: `anabranch backup` the history, "
          + "restore that into another home, and come back in with `anabranch join` or `anabranch recover`")
    }
    defer { wipe(&secret) }
    guard
      secret.count == AnabranchCore.Digest.count, let seed = AnabranchCore.Digest(secret),
      let key = try? DeviceKey(seed: seed), key.publicKey == publicKey
    else {
      throw AnabranchError(
        .damaged,
        "the system's keyring has something else under the name of the device's key, \(publicKey.keyringName)",
        remedy: "put the key back there, or make a new replica in another folder")
    }
    return key
  }

  static func reachable(_ keyring: (any Keyring)?) throws(AnabranchError) -> any Keyring {
    guard let keyring else {
      throw AnabranchError(
        .noKeyring, "no keyring of this system can be reached",
        remedy: "install the program secret-tool (Debian and Ubuntu: apt install libsecret-tools)")
    }
    return keyring
  }
}
