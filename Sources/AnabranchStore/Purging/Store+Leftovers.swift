internal import Foundation

/// Files that lie beside a database since whoever made them was cut off.
extension Store {
  /// Removes what checks, repairs, restores and migrations that were cut off have left beside the database at `path`, and what SQLite keeps
  /// beside a database that a repair kept, where that has nothing. Only for who holds the writer's lock of it: but for a check, none of them
  /// is under way then. O(files in the folder).
  public static func removeLeftovers(beside path: String) {
    for file in files(beside: path) where isLeftover(file, beside: path) {
      try? FileManager.default.removeItem(atPath: file)
    }
  }

  private static func isLeftover(_ file: String, beside path: String) -> Bool {
    let kind = file.dropFirst(path.count)
    if kind.hasPrefix(".verify-") { return !isInUse(file) }
    if kind.hasPrefix(keptMark) {
      return kind.hasSuffix("-shm") || kind.hasSuffix("-wal") && attributes(of: file)[.size] as? UInt64 == 0
    }
    return kind.hasPrefix(".partial") || kind.hasPrefix(".schema-") && kind.hasSuffix(".partial")
  }

  /// The files in the folder of the database at `path` whose names begin with that of it, by their paths, in order.
  static func files(beside path: String) -> [String] {
    let database = URL(fileURLWithPath: path)
    let folder = database.deletingLastPathComponent().path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasPrefix(database.lastPathComponent) }.sorted().map {
      String(path.dropLast(database.lastPathComponent.count)) + $0
    }
  }

  /// Whether the process that a scratch file names is there, and wrote to it within the last hour.
  static func isInUse(_ file: String) -> Bool {
    let name = URL(fileURLWithPath: file).lastPathComponent
    let parts = name.split(separator: ".").last?.split(separator: "-") ?? []
    if parts.count > 2, let process = pid_t(parts[1]), kill(process, 0) != 0, errno == ESRCH { return false }
    return (attributes(of: file)[.modificationDate] as? Date ?? .distantPast) > Date(timeIntervalSinceNow: -3600)
  }

  private static func attributes(of file: String) -> [FileAttributeKey: Any] {
    (try? FileManager.default.attributesOfItem(atPath: file)) ?? [:]
  }
}
