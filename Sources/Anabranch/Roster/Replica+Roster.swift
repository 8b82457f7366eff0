public import AnabranchCore
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchWire

/// Who belongs to the space. Nothing of this can be undone.
extension Replica {
  /// Founds a space of this device alone, and returns its recovery phrase. Nothing keeps that: a person has to write it down.
  ///
  /// The same as ``found(by:)``, for programs that lose nothing they were given.
  public func found() throws(AnabranchError) -> RecoveryPhrase {
    let phrase = makePhrase()
    try found(by: phrase)
    return phrase
  }

  /// A new recovery phrase. It stands for nothing until a space is founded by it: so it can be shown, and written down, first.
  public func makePhrase() -> RecoveryPhrase {
    var generator = SurroundingsGenerator(surroundings: surroundings)
    return RecoveryPhrase(secret: .random(using: &generator))
  }

  /// Founds a space of this device alone, over which `phrase` stands, of which there is no other yet: see ``makePhrase()``.
  ///
  /// What is held already is brought along. Throws ``AnabranchError/Code/exists`` where the device belongs to a space; one that
  /// was removed from it, or of which nobody has heard there, may leave it so.
  public func found(by phrase: RecoveryPhrase) throws(AnabranchError) {
    let own = try deviceKey().publicKey
    guard try withStore({ $0.roster.role(of: own) }) == .outsider else {
      throw AnabranchError(.exists, "this device belongs to a space already", remedy: "see `anabranch devices`")
    }
    var enrol = Enrol(own, into: try phrase.space(), as: .owner)
    enrol.recovery = try phrase.word(for: RecoveryWord.signedHash(of: enrol))
    let others = try withStore { store in store.heads { store.device(of: $0) != own } }
    try enter(
      enrol.space, invitedBy: nil, [enrol.draft] + (others.isEmpty ? [] : [Adopt(others, into: enrol.space).draft]))
  }

  /// Lets this device back into its space, by the recovery phrase, as an owner.
  ///
  /// For a restored backup, when no other device is left; also for a device that was let in as a writer or a reader. With
  /// `isAlone` all other devices are kept out from now on: they may have been stolen, and what they say against it has no
  /// effect. Throws ``AnabranchError/Code/denied`` for the phrase of another space, and ``AnabranchError/Code/invalid`` for a
  /// device whose rights were taken, all or some, which only comes back as a new one; then nothing was changed.
  public func recover(by phrase: RecoveryPhrase, isAlone: Bool = false) throws(AnabranchError) {
    let own = try deviceKey().publicKey
    let (space, roster) = try withStore { ($0.space, $0.roster) }
    guard let space, try phrase.space() == space else {
      throw AnabranchError(
        .denied, "the recovery phrase is of another history than this one",
        remedy: "restore a backup of that history first")
    }
    let before = roster.members.first { $0.device == own }
    guard before == nil || before?.role == .owner || before?.restrictions.isEmpty == true else {
      throw AnabranchError(
        .invalid,
        before?.role == .outsider
          ? "this device was removed from the history" : "rights were taken from this device, and are never given back",
        remedy: "make a backup of it, restore that into another home (`anabranch restore-backup`), and recover there")
    }
    var drafts: [Draft] = []
    if roster.role(of: own) != .owner {
      var enrol = Enrol(own, into: space, as: .owner)
      enrol.recovery = try phrase.word(for: RecoveryWord.signedHash(of: enrol))
      drafts.append(enrol.draft)
    }
    for member in roster.members where isAlone && member.device != own && member.role != .outsider {
      let last = try withStore { store in store.heads { store.device(of: $0) == member.device } }
      var restrict = Restrict(member.device, in: space, to: .outsider, after: last)
      restrict.recovery = try phrase.word(for: RecoveryWord.signedHash(of: restrict))
      drafts.append(restrict.draft)
    }
    try enter(space, invitedBy: nil, drafts)
    guard try withStore({ $0.roster.role(of: own) }) == .owner else {
      throw AnabranchError(
        .invalid, "this device is still no owner of the history: its rights were taken before it was let in",
        remedy: "make a backup of it, restore that into another home (`anabranch restore-backup`), and recover there")
    }
  }

  /// Makes this replica one of `space`, into which the device `inviter` has let it.
  ///
  /// What it held before, and belonged to another space, it brings along, unless it is to read only: then it must hold nothing
  /// of its own. Throws ``AnabranchError/Code/invalid`` where it does, and ``AnabranchError/Code/denied`` where this device
  /// knows the space better: where it has been let in there, as it holds, and `inviter` has not.
  package func join(_ space: Bytes16, invitedBy inviter: Digest, as role: MemberRole) throws(AnabranchError) {
    let own = try deviceKey().publicKey
    let (before, isNew) = try withStore { (store) throws(StoreError) in (store.space, try store.isEmpty()) }
    guard role >= .writer || isNew || before == space else { throw AnabranchError.readerWithHistory }
    guard before != space else {
      // An owner lets it in itself; anybody else takes the word of the code for it.
      let isKnown = try withStore { $0.roster.role(of: own) } == .owner ? isLetIn(inviter) : true
      guard isKnown else {
        throw AnabranchError(
          .denied, "the device \(inviter.fingerprint) belongs to this same history only as it says itself",
          remedy: "if it is yours, let it in from here: `anabranch pair` on this device, `anabranch join` on that one")
      }
      return try enter(space, invitedBy: inviter, [])
    }
    let others = try withStore { store in store.heads { store.device(of: $0) != own } }
    let isBrought = role >= .writer && !others.isEmpty
    try enter(space, invitedBy: inviter, isBrought ? [Adopt(others, into: space).draft] : [])
  }

  /// Makes this replica one of `space`, does what `drafts` say, and tells what the device is called.
  private func enter(_ space: Bytes16, invitedBy inviter: Digest?, _ drafts: [Draft]) throws(AnabranchError) {
    let object = ObjectID.device(try deviceKey().publicKey)
    try write { (writer, store) throws(StoreError) in
      try store.enter(space, invitedBy: inviter)
      for draft in drafts { try writer.add(draft) }
      let (name, seen) = (try store.name(), try store.values(of: .name, on: object))
      if seen.first?.bytes != Array(name.utf8) {
        try writer.addRegister(.name, Array(name.utf8), on: object, replacing: seen.map(\.operation))
      }
      _ = try writer.flush()
    }
    notify([])
    endSessionsOfOutsiders()
  }

  /// Lets a device in. No change where it may do that much already. One that was let in by somebody who had no right to it any
  /// more is let in anew.
  ///
  /// Throws ``AnabranchError/Code/denied`` where this device may not, or the other one was let in with lower rights before, or
  /// removed. It may do no more than before then.
  package func enrol(_ device: Digest, as role: MemberRole) throws(AnabranchError) {
    let (space, roster) = try ownersRoster()
    if let member = roster.members.first(where: { $0.device == device }), !member.isVoid {
      guard member.role < role else { return }
      guard !member.restrictions.isEmpty else {
        throw AnabranchError(
          .denied,
          "the device \(device.fingerprint) was let in before, to do less than that, and roles are never raised",
          remedy: "let it in as what it is already (`anabranch devices`, then `anabranch pair --role`), or make a new "
            + "replica on it and let that one in")
      }
      throw Self.rightsWereTaken(from: device)
    }
    try write { (writer, _) throws(StoreError) in
      try writer.add(Enrol(device, into: space, as: role).draft)
      _ = try writer.flush()
    }
    notify([])
    // Somebody may have taken its rights who did not know yet that it had any.
    guard try withStore({ $0.roster.role(of: device) }) >= role else { throw Self.rightsWereTaken(from: device) }
  }

  private static func rightsWereTaken(from device: Digest) -> AnabranchError {
    AnabranchError(
      .denied, "the device \(device.fingerprint) was let in before, and its rights were taken",
      remedy: "a device whose rights were taken comes back as a new one: make a new replica on it")
  }

  /// Takes rights from a device: all, for ``MemberRole/outsider``, or what it may do above `role`.
  ///
  /// What it has written, as far as that is held here, stays; what comes of it later, or came elsewhere without being held
  /// here, has no effect on any replica. No change where it may do no more than that. Throws ``AnabranchError/Code/denied``
  /// where this device may not, ``AnabranchError/Code/invalid`` where no owner would be left, and ``AnabranchError/Code/notFound`` for one
  /// that was never let in.
  public func restrict(_ device: Digest, to role: MemberRole) throws(AnabranchError) {
    let (space, roster) = try ownersRoster()
    guard let member = roster.members.first(where: { $0.device == device }) else {
      throw AnabranchError(
        .notFound, "there is no device \(device.fingerprint) in this space", remedy: "see `anabranch devices`")
    }
    guard member.role > role else { return }
    guard member.role < .owner || roster.members.contains(where: { $0.role == .owner && $0.device != device }) else {
      throw AnabranchError(
        .invalid, "this is the only owner: after that nobody could let a device in, or keep one out",
        remedy: "let another device in as an owner first, by `anabranch pair`")
    }
    try write { (writer, store) throws(StoreError) in
      let last = store.heads { store.device(of: $0) == device }
      try writer.add(Restrict(device, in: space, to: role, after: last).draft)
      _ = try writer.flush()
    }
    notify([])
    endSessionsOfOutsiders()
  }

  /// Calls a device `name`, on all devices.
  public func rename(_ device: Digest, to name: String) throws(AnabranchError) {
    try Self.checkName(name)
    let isOwn = try deviceKey().publicKey == device
    let isThere = try withStore { $0.roster.members.contains { $0.device == device } }
    guard isThere || isOwn else {
      throw AnabranchError(
        .notFound, "there is no device \(device.fingerprint) in this space", remedy: "see `anabranch devices`")
    }
    let object = ObjectID.device(device)
    try write { (writer, store) throws(StoreError) in
      if isOwn { try store.setName(name) }
      let seen = try store.values(of: .name, on: object).map(\.operation)
      try writer.addRegister(.name, Array(name.utf8), on: object, replacing: seen)
      _ = try writer.flush()
    }
    notify([])
  }

  /// The devices of the space, the senior first, also those that were removed; none where it belongs to no space.
  public func devices() throws(AnabranchError) -> [DeviceRecord] {
    try withStore { (store) throws(StoreError) in
      let own = store.ownLog.flatMap { store.device(of: $0) }
      let names = try Self.deviceNames(store)
      let outsiders = try store.formerRoster().outsiders
      var records: [DeviceRecord] = []
      for member in store.roster.members {
        records.append(
          DeviceRecord(
            device: member.device, name: names[member.device] ?? "",
            role: member.role, isRemovalLost: member.role != .outsider && outsiders.contains(member.device),
            rank: records.count + 1, enroller: member.enroller, isThisOne: member.device == own))
      }
      return records
    }
  }

  /// This device, by its public key. Only who writes knows it.
  public func device() throws(AnabranchError) -> Digest {
    try deviceKey().publicKey
  }

  /// The space that this replica belongs to; nil as long as it belongs to none.
  public func space() throws(AnabranchError) -> Bytes16? {
    try withStore { $0.space }
  }

  /// The space and its roster, for somebody who changes it.
  func ownersRoster() throws(AnabranchError) -> (Bytes16, Roster) {
    let own = try deviceKey().publicKey
    let (space, roster) = try withStore { ($0.space, $0.roster) }
    guard let space else {
      throw AnabranchError(
        .invalid, "this replica belongs to no space yet", remedy: "found one with `anabranch pair`, or join another one"
      )
    }
    guard roster.role(of: own) == .owner else {
      throw AnabranchError(
        .denied, "only an owner changes who belongs to the space, and this device is none",
        remedy: "do it on another device; `anabranch devices` says which are owners")
    }
    return (space, roster)
  }

  /// Whether a session with `device` may be held: it belongs to the space; or did by what a repair could not save, and that is still to
  /// come again; or has let this device in, and the roster that says so is still to come. For an owner, once that has come, it alone
  /// counts: it could let that device in itself.
  package func isLetIn(_ device: Digest) throws(AnabranchError) -> Bool {
    let former = try withStore { (store) throws(StoreError) in try store.formerRoster() }
    guard !former.outsiders.contains(device) else { return false }
    guard try withStore({ $0.roster.role(of: device) }) == .outsider else { return true }
    if former.members.contains(device) { return true }
    let own = try deviceKey().publicKey
    guard try !isInRoster(device), try withStore({ $0.roster.role(of: own) }) != .owner else { return false }
    return try withStore { (store) throws(StoreError) in try store.inviters().contains(device) }
  }

  /// Whether a device was let into the space, by all that is held; also one that was removed.
  private func isInRoster(_ device: Digest) throws(AnabranchError) -> Bool {
    try withStore { $0.roster.members.contains { $0.device == device } }
  }

  /// Ends every session with a device that does not belong to the space, or not any more.
  func endSessionsOfOutsiders() {
    for number in links.keys.sorted() {
      guard let link = links[number], link.ending == nil, let peer = link.peer else { continue }
      guard link.pairing == nil, (try? isLetIn(peer)) != true else { continue }
      end(link, SyncEnding(.here, Closing(.space, "it does not belong to the space any more")))
    }
  }
}

extension Roster.Member {
  /// Whether it was let in by words alone that have no effect.
  fileprivate var isVoid: Bool { role == .outsider && restrictions.isEmpty }
}

extension Enrol {
  fileprivate var draft: Draft { Draft(kind: .enrol, target: nil, mutation: .enrol(self)) }
}

extension Restrict {
  fileprivate var draft: Draft { Draft(kind: .restrict, target: nil, mutation: .restrict(self)) }
}

extension Adopt {
  fileprivate var draft: Draft { Draft(kind: .adopt, target: nil, mutation: .adopt(self)) }
}
