internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

/// How far the log that a device writes went, by all that says so beside its rows, in a database that may be damaged: by the number that
/// the log has there. Nothing of other logs, of which others may have what never came here.
struct OwnLogEnds {
  /// The log; nil where that is not known.
  let log: LogID?
  /// The last change of it that this device noted of itself; 0 for none.
  private(set) var noted: UInt32 = 0
  /// The last one of it that another device was known to have; 0 for none.
  private(set) var told: UInt32 = 0
  /// Whether all of that can be read.
  private(set) var isCertain = false

  /// Reads the notes of `db`, of which `survey` has read the logs. O(peers).
  init(_ db: Database, _ survey: LogSurvey) {
    log = (try? Setting.ownLog.get(Data.self, in: db))?.flatMap { Bytes16($0) }.map { LogID($0) }
    guard let ordinal = log.flatMap({ survey[$0]?.ordinal }) else { return }
    let vectors = try? Data.fetchAll(db, sql: "SELECT vector FROM peer")
    let saved = try? UInt32(exactly: Setting.frontier.get(Data.self, in: db).flatMap { KeyList.keys($0).first } ?? 0)
    let open = try? ChangeKey(rawValue: Int64.fetchOne(db, sql: "SELECT max(id) FROM open_change") ?? 0)
    // An open change is the next one.
    let sealed = open.map { $0.ordinal == ordinal && $0.sequence > 0 ? $0.sequence - 1 : 0 }
    let ends = vectors?.map { StoredVector($0)?[ordinal] } ?? [nil]
    noted = max(saved ?? 0, sealed ?? 0)
    told = ends.compactMap(\.self).max() ?? 0
    isCertain = saved != nil && sealed != nil && !ends.contains(nil)
  }
}
