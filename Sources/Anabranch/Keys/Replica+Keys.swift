internal import AnabranchCore
internal import AnabranchStore

extension Replica {
  /// What protects the private key of the device in `home`. Needs nothing to open it with, and nobody waits for it.
  ///
  /// Throws where there is no replica, and where the key's file cannot be read.
  public static func keyProtection(at home: Home) throws(AnabranchError) -> KeyProtection {
    try home.check()
    return try KeyFile(at: home.key).protection
  }

  /// Has the private key of the device in `home` kept in another way from now on, or under another passphrase. It stays the
  /// same key. `access` is what opens it until now.
  ///
  /// Throws ``AnabranchError/Code/locked`` while somebody writes the replica, and whatever opening the key throws; then it is
  /// kept as before. The file is replaced at once: an end in the midst of it leaves one of the two. What was in it is
  /// overwritten on the disk, as far as that writes where one tells it to. Where the key was in a keyring that does not let go
  /// of it, it throws after the change, and says so.
  public static func protectKey(
    at home: Home, by protection: NewKeyProtection, access: KeyAccess = .system, surroundings: Surroundings = .system
  ) async throws(AnabranchError) {
    try await Replica(home: home, surroundings: surroundings).protectKey(by: protection, access: access)
  }

  private func protectKey(by protection: NewKeyProtection, access: KeyAccess) throws(AnabranchError) {
    try home.check()
    let lock = try attempt { () throws(StoreError) in try WriterLock(at: home.lock, holder: "anabranch key") }
    defer { withExtendedLifetime(lock) {} }
    let before = try KeyFile(at: home.key)
    let key = try before.key(with: access, at: home.key)
    let writer = KeyFileWriter(home: home)
    writer.removeLeftover()
    defer { writer.removeLeftover() }
    try writer.replace(with: kept(key, by: protection, access))
    if case .keyring = protection { return }
    try forget(before, access)
  }

  /// The file of a key that is kept like that; puts it into the keyring where it is to be there.
  private func kept(
    _ key: DeviceKey, by protection: NewKeyProtection, _ access: KeyAccess
  ) throws(AnabranchError) -> KeyFile {
    var secret = key.secret
    defer { wipe(&secret) }
    switch protection {
    case .none: return .plain(key)
    case .passphrase(let passphrase, let cost):
      return .sealed(
        try SealedKey(
          secret, under: passphrase, cost: cost, salt: random(SealedKey.saltBytes), nonce: random(SealedKey.nonceBytes),
          context: KeyFile.sealedHead))
    case .keyring:
      let (keyring, name) = (try KeyFile.reachable(access.keyring), key.publicKey.keyringName)
      try keyring.write(secret, as: name)
      // Before the file goes: a keyring that keeps nothing must not cost the key.
      let kept: [UInt8]?
      do throws(AnabranchError) {
        kept = try keyring.read(name)
      } catch {
        // It lies there without the passphrase that it may have.
        try? keyring.delete(name)
        throw error
      }
      guard var found = kept, found == secret else {
        try? keyring.delete(name)
        throw AnabranchError(.noKeyring, "the system's keyring did not keep the key; it is kept as before")
      }
      wipe(&found)
      return .keyring(publicKey: key.publicKey)
    }
  }

  private func forget(_ before: KeyFile, _ access: KeyAccess) throws(AnabranchError) {
    guard case .keyring(let publicKey) = before else { return }
    do throws(AnabranchError) {
      try access.keyring?.delete(publicKey.keyringName)
    } catch {
      throw AnabranchError(
        error.code, "the key is in its file now, and the system's keyring still has it as well: \(error.message)",
        remedy: "remove it there, under the name \(publicKey.keyringName)")
    }
  }

  private func random(_ count: Int) -> [UInt8] {
    var generator = SurroundingsGenerator(surroundings: surroundings)
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }
}
