internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

/// What there is beside the log.
extension Salvager {
  /// Leaves out words that are still being written, unless they were copied whole, and follow and build on what is here.
  mutating func keepOpenChange(_ db: Database, from old: Database) throws {
    guard !hasFittingOpenChange(db) else { return }
    try db.execute(sql: "DELETE FROM open_operation; DELETE FROM open_change")
    let sql = "SELECT EXISTS(SELECT 1 FROM open_change) OR EXISTS(SELECT 1 FROM open_operation)"
    guard (try? Bool.fetchOne(old, sql: sql)) != false else { return }
    result.lacksOpenWords = true
    result.faults.append("words that were not sealed yet cannot be read, or do not follow what is there")
  }

  private func hasFittingOpenChange(_ db: Database) -> Bool {
    guard let state = try? LogState(db), let open = state.open, (try? state.checkOpenChange()) != nil else {
      return false
    }
    return !open.drafts.isEmpty && open.drafts.allSatisfy { (try? state.checkReferences(of: $0, in: open)) != nil }
  }

  /// The devices that belong to the space, or were removed from it, by all that stands in the old database, also behind what could not
  /// be read: until that is here again, nothing else says so. None where that is not certain. What an earlier repair noted, and was
  /// copied, stays until what that awaits is here; and for good where it cannot be told any more what that is.
  func noteMembers(_ db: Database, from old: Database) throws {
    guard !result.hasAllChanges, survey.branches.isEmpty, let before = try? LogState(old), let own = before.own,
      (try? before.isRosterIntact(old)) == true
    else { return }
    let state = try LogState(db)
    let device = before.device(of: own)
    let others = before.membership.roster.members.filter { $0.device != device }
    let noted = try Setting.awaitedChanges.get(Data.self, in: db)
    let isFirst = try [Setting.formerMembers, .formerOutsiders].allSatisfy { try $0.get(Data.self, in: db) == nil }
    try add(others.filter { $0.role != .outsider }.map(\.device), to: .formerMembers, db)
    try add(others.filter { $0.role == .outsider }.map(\.device), to: .formerOutsiders, db)
    guard var awaited = isFirst ? VersionVector() : noted.flatMap(state.vector(exactly:)) else { return }
    awaited.merge(VersionVector(result.losses.map { ($0.log, $0.changes.upperBound) }))
    try Setting.awaitedChanges.set(state.stored(awaited), in: db)
  }

  private func add(_ devices: [Digest], to setting: Setting, _ db: Database) throws {
    let noted = Store.devices(in: Array(try setting.get(Data.self, in: db) ?? Data()))
    let all = noted + devices.filter { !noted.contains($0) }
    try setting.set(Data(all.flatMap(\.bytes)), in: db)
  }
}
