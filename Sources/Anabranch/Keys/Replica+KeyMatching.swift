internal import AnabranchCore
internal import AnabranchStore

/// Whether the key that lies in a home is the one that its history is written with.
extension Replica {
  /// Throws ``AnabranchError/Code/wrongKey`` where another device than `device`, whose key lies in the home, wrote this history last
  /// in this very place: somebody put a key there by mistake, and what is written with it would go out in that device's name.
  ///
  /// A copy, or a database from elsewhere, may well be written with another key, in a log of its own; so may one that nobody has
  /// written, or that was written before databases were marked.
  func checkKey(of device: Digest) throws(AnabranchError) {
    try checkKey(of: device, in: openStore())
  }

  /// The same of the database that `store` is, which takes the place of the one that lies there.
  func checkKey(of device: Digest, in store: Store) throws(AnabranchError) {
    guard let writer = store.ownLog.flatMap({ store.device(of: $0) }), writer != device,
      let mark = try attempt({ () throws(StoreError) in try store.originMark() }), try !isCopied(marked: mark)
    else { return }
    let (expected, found) = try attempt { () throws(StoreError) in
      (Self.called(writer, try store.name()), Self.called(device, try Self.name(of: device, in: store)))
    }
    throw AnabranchError(
      .wrongKey, "expected the key of \(expected) at \(home.key), found that of \(found)",
      remedy: """
        put the right key back from a copy of yours; where there is none, make a new replica in another folder: this history can \
        still be read, so `anabranch backup` it
        """)
  }

  /// What is wrong with the key in `home`, and whose it is; neither where its passphrase is needed to tell.
  static func keyStanding(of home: Home, _ surroundings: Surroundings) async -> (AnabranchError?, KeyStanding?) {
    let device: Digest
    do {
      guard let named = try KeyFile(at: home.key).device else { return (nil, nil) }
      device = named
    } catch {
      return (error, nil)
    }
    // What is wrong with the database is for others to say.
    guard let replica = try? await read(at: home, surroundings: surroundings) else { return (nil, nil) }
    var fault: AnabranchError?
    do {
      try await replica.checkKey(of: device)
    } catch {
      if error.code == .wrongKey { fault = error }
    }
    let standing = fault == nil ? try? await replica.standing(of: device) : nil
    try? await replica.close()
    return (fault, standing)
  }

  /// Whose key lies in the home, and what follows for what is written here. Nil where only its passphrase tells, where it cannot be used, and
  /// of a file that somebody handed over.
  public func keyStanding() throws(AnabranchError) -> KeyStanding? {
    guard !isHandedOver, let device = try? KeyFile(at: home.key).device else { return nil }
    return try standing(of: device)
  }

  private func standing(of device: Digest) throws(AnabranchError) -> KeyStanding {
    try withStore { (store) throws(StoreError) in
      let writer = store.ownLog.flatMap { store.device(of: $0) }
      let place: KeyStanding.Place
      if store.space == nil || store.roster.role(of: device) != .outsider {
        place = .within
      } else if store.roster.knows(device) {
        place = .removed
      } else if try store.formerRoster().outsiders.contains(device) {
        place = .removed
      } else {
        // What let it in may be among what a repair could not keep.
        place = try store.unkeptChanges().isEmpty ? .unknown : .within
      }
      return KeyStanding(
        device: device, name: try Self.name(of: device, in: store), writer: writer,
        writerName: writer == nil ? nil : try store.name(),
        place: place)
    }
  }

  private static func name(of device: Digest, in store: Store) throws(StoreError) -> String? {
    if let name = try store.deviceName(device) { return name }
    return try store.peers().first { $0.device == device }?.name
  }

  private static func called(_ device: Digest, _ name: String?) -> String {
    let fingerprint = device.description.prefix(8)
    return name.map { "“\($0)” (\(fingerprint)…)" } ?? "another device (\(fingerprint)…)"
  }
}
