public import AnabranchCore
internal import GRDB

internal import struct Foundation.Data

/// Changes of one log that a repair could not keep, and that are not here.
public struct LostStretch: Hashable, Sendable {
  /// Which log.
  public var log: LogID
  /// The changes: all behind what is held of the log, up to the last one that it was known to have.
  public var changes: ClosedRange<UInt32>
}

extension Store {
  /// What repairs could not keep and is not here again, in ascending order of the logs. O(logs).
  public func lostToRepairs() throws(StoreError) -> [LostStretch] {
    try reading(onlyRows: true) { db in
      let words = KeyList.keys(try Setting.lostChanges.get(Data.self, in: db) ?? Data())
      return state.vector(in: words).entries.compactMap { entry in
        let held = state[entry.log]?.head.sequence ?? 0
        return held < entry.sequence ? LostStretch(log: entry.log, changes: held + 1...entry.sequence) : nil
      }
    }
  }

  /// Up to where repairs knew each log that they could not keep whole, by its number; none where that cannot be read.
  static func lostToRepairs(_ db: Database) -> [Int: UInt32] {
    guard let bytes = try? Setting.lostChanges.get(Data.self, in: db) else { return [:] }
    let words = KeyList.keys(bytes)
    let places = stride(from: 0, to: words.count - 1, by: 2)
    return Dictionary(places.map { (Int(clamping: words[$0]), UInt32(exactly: words[$0 + 1]) ?? 0) }) { max($0, $1) }
  }
}

extension LogState {
  /// Forgets of what repairs could not keep what is held again: damage to it that comes later is no loss of before. O(logs) where
  /// anything is noted.
  func forgetFoundLosses(_ db: Database) throws {
    guard let noted = try Setting.lostChanges.get(Data.self, in: db), !noted.isEmpty else { return }
    let lost = vector(in: KeyList.keys(noted)).entries.filter { (self[$0.log]?.head.sequence ?? 0) < $0.sequence }
    let words = words(of: VersionVector(lost.map { ($0.log, $0.sequence) }))
    try Setting.lostChanges.set(Data(KeyList.bytes(words)), in: db)
  }
}
