public import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension Store {
  /// The space that this replica belongs to; nil as long as it belongs to none.
  public var space: Bytes16? {
    state.membership.space
  }

  /// Who belongs to that space, by all that is held.
  public var roster: Roster {
    state.membership.roster
  }

  /// The roster by which it is decided what counts: that of the space, once this device was let into it. Until then everything
  /// counts that is held.
  public var counting: Roster {
    state.membership.counting
  }

  /// What is held and does not count, because its writer may not do it: how many operations of each log. O(such operations).
  public func uncounted() throws(StoreError) -> [LogID: Int] {
    try reading(onlyRows: true) { db in
      var counts: [LogID: Int] = [:]
      for (ordinal, record) in state.records.enumerated() {
        let count = try db.uncounted(ofOrdinal: ordinal).count
        if count > 0 { counts[record.id] = count }
      }
      return counts
    }
  }

  /// The devices that let this one in: what is held may not tell yet who belongs to the space.
  public func inviters() throws(StoreError) -> [Digest] {
    try reading(onlyRows: true) { db in try Self.inviters(db) }
  }

  private static func inviters(_ db: Database) throws -> [Digest] {
    devices(in: Array(try Setting.inviters.get(Data.self, in: db) ?? Data()))
  }

  /// What the roster said before changes of it were lost to damage, as long as these are not held again.
  public struct FormerRoster: Hashable, Sendable {
    /// The devices that belonged to the space, of which the roster says nothing now.
    public var members: [Digest] = []
    /// Those that were removed from it, whatever the roster says now.
    public var outsiders: [Digest] = []
  }

  /// What a repair could not keep of the roster; nothing where all of that is held again.
  public func formerRoster() throws(StoreError) -> FormerRoster {
    try reading(onlyRows: true) { db in
      let noted = try Setting.awaitedChanges.get(Data.self, in: db)
      // Where nobody can tell what is awaited, it is: else a device that was removed were let in.
      if let awaited = noted.flatMap(state.vector(exactly:)), state.vector.includes(awaited) { return FormerRoster() }
      func devices(_ setting: Setting) throws -> [Digest] {
        Self.devices(in: Array(try setting.get(Data.self, in: db) ?? Data()))
      }
      return FormerRoster(
        members: try devices(.formerMembers).filter { !state.membership.roster.knows($0) },
        outsiders: try devices(.formerOutsiders))
    }
  }

  /// The devices that were removed from the space, by what is held or by what a repair could not keep: nothing is sent to them.
  public func keptOut() throws(StoreError) -> Set<Digest> {
    let removed = state.membership.roster.members.filter { $0.role == .outsider }.map(\.device)
    return Set(removed + (try formerRoster().outsiders))
  }

  /// Devices that lie one after the other in a setting.
  static func devices(in bytes: [UInt8]) -> [Digest] {
    stride(from: 0, to: bytes.count, by: Digest.count).compactMap { Digest(bytes[$0...]) }
  }

  /// The spaces that a device was let into, by all that is held, whatever became of it there. O(roster).
  public func spaces(enrolling device: Digest) throws(StoreError) -> Set<Bytes16> {
    try reading(onlyRows: true) { db in
      let reader = ContentReader(db, state)
      let acts = try db.rosterKeys().compactMap { try reader.operation($0)?.operation.mutation.rosterAct }
      return Set(
        acts.compactMap { act in
          guard case .enrol(let enrol) = act, enrol.device == device else { return nil }
          return enrol.space
        })
    }
  }

  /// Makes this replica one of `space`: of its own, or of that which the device `inviter` has let it into.
  public func enter(_ space: Bytes16, invitedBy inviter: Digest?) throws(StoreError) {
    try transaction { db, state in
      let (before, ends) = (state.membership, state.ends)
      var inviters = state.membership.space == space ? try Self.inviters(db) : []
      if let inviter, !inviters.contains(inviter) { inviters.append(inviter) }
      try Setting.space.set(Data(space.bytes), in: db)
      try Setting.inviters.set(Data(inviters.flatMap(\.bytes)), in: db)
      if state.membership.space != space {
        (state.membership.reading, state.membership.isBinding) = (RosterReading(), false)
      }
      state.membership.space = space
      try state.readRoster(db)
      _ = try followRights(since: before, upTo: ends, db, state)
    }
  }

  /// What a device is called on all devices; nil where nobody has said.
  public func deviceName(_ device: Digest) throws(StoreError) -> String? {
    try values(of: .name, on: .device(device)).first?.bytes.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The device that writes `log`; nil for a log that is not known.
  public func device(of log: LogID) -> Digest? {
    state.device(of: log)
  }

  /// Of each log that `isWanted` names and of which something is held, the last change, in ascending order.
  public func heads(where isWanted: (LogID) -> Bool) -> [Dependency] {
    heads.filter { $0.head.sequence > 0 && isWanted($0.log) }.map {
      Dependency(change: ChangeID(log: $0.log, sequence: $0.head.sequence), hash: $0.head.hash.head)
    }
  }
}
