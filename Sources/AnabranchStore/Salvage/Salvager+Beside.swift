internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

/// What there is beside the log.
extension Salvager {
  /// Leaves out words that are still being written, unless they can be read, and follow and build on what is here.
  mutating func keepOpenChange(_ db: Database, numbersMatch: Bool) {
    if numbersMatch, let state = try? LogState(db) {
      guard let open = state.open else { return }
      let isFitting = (try? state.checkOpenChange()) != nil
      guard !isFitting || !open.drafts.allSatisfy({ (try? state.checkReferences(of: $0, in: open)) != nil }) else {
        return
      }
    }
    try? db.execute(sql: "DELETE FROM open_operation; DELETE FROM open_change")
    result.faults.append("words that were not sealed yet cannot be read, or do not follow what is there")
  }

  /// The devices that belong to the space, or were removed from it, by all that stands in the old database, also behind what could not
  /// be read: until that is here again, nothing else says so. None where that is not certain. What an earlier repair noted, and was
  /// copied, stays until what that awaits is here.
  func noteMembers(_ db: Database, from old: Database) throws {
    guard !result.losses.isEmpty, survey.branches.isEmpty, let before = try? LogState(old), let own = before.own,
      try before.isRosterIntact(old)
    else { return }
    let state = try LogState(db)
    let device = before.device(of: own)
    let others = before.membership.roster.members.filter { $0.device != device }
    try add(others.filter { $0.role != .outsider }.map(\.device), to: .formerMembers, db)
    try add(others.filter { $0.role == .outsider }.map(\.device), to: .formerOutsiders, db)
    var awaited = state.vector(in: KeyList.keys(try Setting.awaitedChanges.get(Data.self, in: db) ?? Data()))
    awaited.merge(VersionVector(result.losses.map { ($0.log, $0.changes.upperBound) }))
    try Setting.awaitedChanges.set(Data(KeyList.bytes(state.words(of: awaited))), in: db)
  }

  private func add(_ devices: [Digest], to setting: Setting, _ db: Database) throws {
    let noted = Store.devices(in: Array(try setting.get(Data.self, in: db) ?? Data()))
    let all = noted + devices.filter { !noted.contains($0) }
    try setting.set(Data(all.flatMap(\.bytes)), in: db)
  }

  /// How far the own log went, by all that says so beside it: other devices have that, or this one noted it of itself. Nothing of other
  /// logs, of which others may have what never came here. O(peers).
  func known(_ db: Database, from old: Database) throws -> VersionVector {
    let state = try LogState(db)
    guard let own = state.own else { return VersionVector() }
    let peers = (try? Data.fetchAll(old, sql: "SELECT vector FROM peer")) ?? []
    var known = peers.map { state.vector(in: KeyList.keys($0))[own] }.max() ?? 0
    let saved = (try? Setting.frontier.get(Data.self, in: old)) ?? nil
    known = max(known, UInt32(clamping: saved.flatMap { KeyList.keys($0).first } ?? 0))
    // An open change is the next one.
    let open = (try? Int64.fetchOne(old, sql: "SELECT max(id) FROM open_change")) ?? nil
    if let open = open.map(ChangeKey.init(rawValue:)), open.ordinal == state.ordinal(of: own), open.sequence > 0 {
      known = max(known, open.sequence - 1)
    }
    return VersionVector([(own, known)])
  }

  /// Numbers of the own log that may have been used must not be used again: a page that is gone may have had the last ones, and nothing
  /// would tell.
  mutating func noteOwnLog(_ db: Database) throws {
    let isThere = try LogState(db).own.map { survey[$0] != nil } ?? false
    result.isOwnLogWhole = isThere && faults.isEmpty && survey.isWhole && result.losses.isEmpty
  }
}
