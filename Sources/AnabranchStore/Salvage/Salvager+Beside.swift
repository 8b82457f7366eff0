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
  /// copied, stays until what that awaits is here.
  func noteMembers(_ db: Database, from old: Database) throws {
    guard !result.losses.isEmpty, survey.branches.isEmpty, let before = try? LogState(old), let own = before.own,
      (try? before.isRosterIntact(old)) == true
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

  /// How far the own log went, by all that says so beside it: other devices have that, or this one noted it of itself; and whether all of
  /// that can be read. By the number that the log had: here it may have another one. Nothing of other logs, of which others may have what
  /// never came here. O(peers).
  func end(of own: LogID?, in old: Database) -> (last: UInt32, isCertain: Bool) {
    guard let ordinal = own.flatMap({ survey[$0]?.ordinal }) else { return (0, false) }
    let vectors = try? Data.fetchAll(old, sql: "SELECT vector FROM peer")
    let saved = try? UInt32(exactly: Setting.frontier.get(Data.self, in: old).flatMap { KeyList.keys($0).first } ?? 0)
    let open = try? ChangeKey(rawValue: Int64.fetchOne(old, sql: "SELECT max(id) FROM open_change") ?? 0)
    // An open change is the next one.
    let sealed = open.map { $0.ordinal == ordinal && $0.sequence > 0 ? $0.sequence - 1 : 0 }
    let ends = (vectors?.map { Self.end(of: ordinal, in: $0) } ?? [nil]) + [saved, sealed]
    return (ends.compactMap(\.self).max() ?? 0, !ends.contains(nil))
  }

  /// The last change of log number `ordinal` in a vector as it lies in a row; 0 where that has none, nil where it is no vector.
  private static func end(of ordinal: Int, in vector: Data) -> UInt32? {
    let words = KeyList.keys(vector)
    let places = stride(from: 0, to: words.count - 1, by: 2)
    guard vector.count.isMultiple(of: 16),
      places.allSatisfy({ (0..<Int64(Limits.logsMax)).contains(words[$0]) && UInt32(exactly: words[$0 + 1]) != nil })
    else { return nil }
    return places.first { words[$0] == ordinal }.map { UInt32(clamping: words[$0 + 1]) } ?? 0
  }
}
