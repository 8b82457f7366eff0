internal import Foundation
internal import GRDB

/// Damaged databases that lie beside this one, since a repair kept them.
///
/// One that has something that is not here must not go: it may be all that is left of what this device wrote. What was purged may be in
/// it, too. So purges wait for it, and confirm nothing, until all that can be read of it is here, or a person removes it.
extension Store {
  /// What the name of a damaged database that is kept has behind that of the sound one; the time follows.
  public static let keptMark = ".damaged-"

  /// Whether a file is called as a damaged database that is kept, and not as what SQLite has beside one.
  public static func isKept(_ name: String) -> Bool {
    name.contains(keptMark) && !["-wal", "-shm", "-journal"].contains(where: name.hasSuffix)
  }

  /// The damaged databases that are kept here and have, or may have, what is not here; by their paths, in order. O(files in the folder).
  public func untakenFiles() throws(StoreError) -> [String] {
    let kept = keptFiles()
    guard !kept.isEmpty else { return [] }
    let taken = try reading(onlyRows: true) { db in try Self.takenFiles(db) }
    return kept.filter { !taken.contains(Self.name(of: $0)) }
  }

  /// Notes that all that can be read of the damaged database at `file` is here: the next purge that is carried out takes it. Of a file
  /// that lies elsewhere nothing is noted.
  public func noteTaken(_ file: String) throws(StoreError) {
    try transaction { db, _ in try noteTaken(file, db) }
  }

  func noteTaken(_ file: String, _ db: Database) throws {
    let kept = Set(keptFiles().map(Self.name))
    let taken = try Self.takenFiles(db).intersection(kept).union(kept.intersection([Self.name(of: file)]))
    // One that lies elsewhere may have the same name.
    guard Self.folder(of: file) == Self.folder(of: path) else { return }
    try Setting.takenFiles.set(Data(taken.sorted().joined(separator: "\n").utf8), in: db)
  }

  private static func takenFiles(_ db: Database) throws -> Set<String> {
    let names = try Setting.takenFiles.get(Data.self, in: db) ?? Data()
    return Set(String(decoding: names, as: UTF8.self).split(separator: "\n").map(String.init))
  }

  private func keptFiles() -> [String] {
    Self.files(beside: "\(Self.folder(of: path))/\(Self.name(of: path))").filter { Self.isKept(Self.name(of: $0)) }
  }

  private static func name(of file: String) -> String {
    URL(fileURLWithPath: file).lastPathComponent
  }

  private static func folder(of file: String) -> String {
    URL(fileURLWithPath: file).resolvingSymlinksInPath().deletingLastPathComponent().path
  }
}
