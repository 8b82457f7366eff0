public import AnabranchCore
internal import GRDB

internal import struct Foundation.Data

/// Changes of one log that a repair could not keep, and that are not here.
public struct UnkeptStretch: Hashable, Sendable {
  /// Which log.
  public var log: LogID
  /// The changes: all behind what is held of the log, up to the last one that it was known to have.
  public var changes: ClosedRange<UInt32>
}

extension Store {
  /// What repairs could not keep and is not here again, in ascending order of the logs. O(logs).
  public func unkeptChanges() throws(StoreError) -> [UnkeptStretch] {
    try reading(onlyRows: true) { db in
      state.vector(stored: try Setting.unkeptChanges.get(Data.self, in: db)).entries.compactMap { entry in
        let held = state[entry.log]?.head.sequence ?? 0
        return held < entry.sequence ? UnkeptStretch(log: entry.log, changes: held + 1...entry.sequence) : nil
      }
    }
  }

  /// Up to where repairs knew each log that they could not keep whole, by its number; nil where that cannot be read, or never was noted.
  static func unkeptChanges(_ db: Database) -> StoredVector? {
    (try? Setting.unkeptChanges.get(Data.self, in: db)).flatMap { StoredVector($0) }
  }
}

extension LogState {
  /// Forgets of what repairs could not keep what is held again: damage to it that comes later is none of before. O(logs) where anything is
  /// noted.
  func forgetUnkeptThatCame(_ db: Database) throws {
    guard let noted = try Setting.unkeptChanges.get(Data.self, in: db), !noted.isEmpty else { return }
    let rest = vector(stored: noted).entries.filter { (self[$0.log]?.head.sequence ?? 0) < $0.sequence }
    try Setting.unkeptChanges.set(stored(VersionVector(rest.map { ($0.log, $0.sequence) })), in: db)
  }
}
