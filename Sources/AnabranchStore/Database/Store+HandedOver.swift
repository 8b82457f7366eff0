internal import Foundation
internal import GRDB

extension Store {
  /// Opens for reading a database file that is nobody's here: a backup, or a copy of one that was in use.
  ///
  /// Neither the file nor its folder is changed. One in write-ahead mode, which SQLite does not read without writing beside it, and
  /// one of an older version are copied into a folder that only this user can enter, with what lies beside them; the copy has no
  /// name any more when this returns, so that nothing is left of it, however the process ends. Throws ``StoreError``.
  /// O(bytes) where it is copied.
  public static func open(handedOver name: String) throws(StoreError) -> Store {
    // What lies beside a file lies beside it where it is, and not where a link to it is.
    let path = URL(fileURLWithPath: name).resolvingSymlinksInPath().path
    var facts = stat()
    guard stat(path, &facts) == 0 else {
      throw StoreError(.notFound, "there is no file \(name)", remedy: "check the name")
    }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw StoreError(
        .format,
        "expected \(name) to be a database file, but it is \(facts.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no file")",
        remedy: "give the file in it, or the folder of a replica with --home")
    }
    if try isPlain(path), let store = try current(path) { return store }
    return try copied(path)
  }

  /// The store, unless an older version wrote it.
  private static func current(_ path: String) throws(StoreError) -> Store? {
    do throws(StoreError) {
      let store = try Store(at: path, access: .read, durability: .off, isTrusted: false)
      guard try store.isOfThisLevel() else {
        try store.close()
        return nil
      }
      return store
    } catch {
      guard error.code == .older else { throw error }
      return nil
    }
  }

  /// Whether nothing beside the file belongs to it, so that reading it needs nothing there: bytes 18 and 19 of a database are 2 in
  /// write-ahead mode; see <https://sqlite.org/fileformat2.html>.
  private static func isPlain(_ path: String) throws(StoreError) -> Bool {
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      let head = try file.read(upToCount: 20) ?? Data()
      return !head.suffix(from: min(18, head.count)).contains(2) && !hasCompany(path)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// What SQLite keeps beside a database that belongs to its contents.
  private static let company = ["-wal", "-journal"]

  private static func hasCompany(_ path: String) -> Bool {
    company.contains { FileManager.default.fileExists(atPath: path + $0) }
  }

  private static func copied(_ path: String) throws(StoreError) -> Store {
    let folder = try makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let copy = folder + "/history.sqlite"
    do {
      for suffix in [""] + company where FileManager.default.fileExists(atPath: path + suffix) {
        try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: copy + suffix)
      }
      let store = try Store(at: copy, access: .write, durability: .off, isTrusted: false)
      try store.alone { db in try db.execute(sql: "PRAGMA journal_mode = DELETE") }
      try store.close()
      return try Store(at: copy, access: .read, durability: .off, isTrusted: false)
    } catch {
      let failure = StoreError(error, path: path)
      // The copy is nobody's business.
      throw StoreError(
        failure.code, failure.message.replacingOccurrences(of: copy, with: path), remedy: failure.remedy, cause: error)
    }
  }

  /// A new folder for temporary files that only this user can enter.
  package static func makeTemporaryFolder() throws(StoreError) -> String {
    var template = Array((FileManager.default.temporaryDirectory.path + "/anabranch-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw StoreError(
        .io, "a temporary folder cannot be made: \(String(cString: strerror(errno)))",
        remedy: "set TMPDIR to a folder that you may write to")
    }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
