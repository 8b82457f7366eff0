internal import Foundation

/// The database of a replica as a file.
enum DatabaseFile {
  /// How large it is in the home `folder`, with its write-ahead log unless that was moved into it; 0 where it is not
  /// there.
  static func bytes(in folder: String, log: Bool = true) -> Int {
    (log ? ["", "-wal"] : [""]).reduce(0) { sum, suffix in
      let path = folder + "/history.sqlite" + suffix
      return sum + ((try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0)
    }
  }
}
