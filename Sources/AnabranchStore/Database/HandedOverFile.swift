internal import Foundation

/// A database file that is nobody's here, with what lies beside it: neither it nor its folder is written to.
struct HandedOverFile {
  /// Where it is.
  let path: String

  /// The file called `name`, or the one that a link of that name leads to. Throws ``StoreError/Code/notFound`` where there is none, and
  /// ``StoreError/Code/format`` where that is no file, or an empty one.
  init(_ name: String) throws(StoreError) {
    // What lies beside a file lies beside it where it is, and not where a link to it is.
    path = URL(fileURLWithPath: name).resolvingSymlinksInPath().path
    var facts = stat()
    guard stat(path, &facts) == 0 else {
      guard errno == ENOENT || errno == ENOTDIR else { throw StoreError(system: errno, path: name) }
      throw StoreError(.notFound, "there is no file \(name)", remedy: "check the name")
    }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw StoreError(
        .format,
        "expected \(name) to be a database file, but it is \(facts.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no file")",
        remedy: "give the file in it, or the folder of a replica with --home")
    }
    guard FileManager.default.isReadableFile(atPath: path) else { throw StoreError(system: EACCES, path: name) }
    // All that was written may be in the write-ahead log yet.
    guard facts.st_size > 0 || stat(path + "-wal", &facts) == 0 && facts.st_size > 0 else {
      throw StoreError(
        .format, "expected \(name) to be a database file, but it is empty",
        remedy: "give a backup, or a copy of a replica's history.sqlite with the -wal that lay beside it")
    }
  }

  /// What SQLite keeps beside a database that belongs to its contents.
  private static let company = ["-wal", "-journal"]

  /// Whether nothing beside the file belongs to it, so that reading it needs nothing there: bytes 18 and 19 of a database are 2 in
  /// write-ahead mode; see <https://sqlite.org/fileformat2.html>.
  func isPlain() throws(StoreError) -> Bool {
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      let head = try file.read(upToCount: 20) ?? Data()
      return !head.suffix(from: min(18, head.count)).contains(2)
        && !Self.company.contains { FileManager.default.fileExists(atPath: path + $0) }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Runs `body` with a file that can be read: this one, or where reading it would write beside it a copy of it, as ``copied(_:)`` does.
  func reading<Result>(_ body: (String) throws -> Result) throws(StoreError) -> Result {
    guard try isPlain() else { return try copied(body) }
    do {
      return try body(path)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Runs `body` with a copy in a folder that only this user can enter, which has no name any more when this returns. In what `body`
  /// throws, this file is named. O(bytes).
  func copied<Result>(_ body: (String) throws -> Result) throws(StoreError) -> Result {
    let folder = try Store.makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let copy = folder + "/history.sqlite"
    do {
      try self.copy(to: copy)
      return try body(copy)
    } catch {
      let failure = StoreError(error, path: path)
      // The copy is nobody's business.
      throw StoreError(
        failure.code, failure.message.replacingOccurrences(of: copy, with: path), remedy: failure.remedy, cause: error)
    }
  }

  /// How often it is copied, and the rest in between.
  private static let (attempts, pauseMicroseconds): (Int, UInt32) = (5, 50_000)

  /// Copies it, with what belongs to it, for its owner alone, and as of one moment: again where somebody wrote meanwhile. Throws
  /// ``StoreError/Code/busy`` where somebody did so each time. `copied` is called after each file. O(bytes).
  func copy(to copy: String, copied: () throws -> Void = {}) throws(StoreError) {
    for attempt in 0..<Self.attempts {
      if attempt > 0 {
        Store.remove(at: copy)
        usleep(Self.pauseMicroseconds)
      }
      let before = states
      do {
        for suffix in [""] + Self.company where FileManager.default.fileExists(atPath: path + suffix) {
          try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
          try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: copy + suffix)
          try copied()
        }
        guard states != before else { return }
      } catch {
        // A writer that ends takes away what lies beside the file.
        guard states != before else { throw StoreError(error, path: path) }
      }
    }
    throw StoreError(
      .busy, "\(path) is written to while it is copied",
      remedy: "wait until that is done, or make a backup of it and read that")
  }

  /// What tells that a file was written to.
  struct State: Equatable {
    private let number: UInt64?
    private let bytes: UInt64?
    private let time: Date?
    /// Of a write-ahead log that begins anew the first bytes differ, however coarse the times are.
    private let head: Data?

    fileprivate init(_ path: String) {
      let facts = try? FileManager.default.attributesOfItem(atPath: path)
      number = (facts?[.systemFileNumber] as? NSNumber)?.uint64Value
      bytes = (facts?[.size] as? NSNumber)?.uint64Value
      time = facts?[.modificationDate] as? Date
      let file = FileHandle(forReadingAtPath: path)
      head = try? file?.read(upToCount: 100)
      try? file?.close()
    }
  }

  /// What it is like, and what belongs to it: two lists are alike where nobody wrote in between.
  var states: [State] {
    ([""] + Self.company).map { State(path + $0) }
  }
}
