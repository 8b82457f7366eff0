internal import AnabranchCore
internal import AnabranchWire
internal import Foundation
internal import GRDB

extension Store {
  /// Opens for reading a database file that is nobody's here: a backup, or a copy of one that was in use.
  ///
  /// Neither the file nor its folder is changed. One in write-ahead mode, which SQLite does not read without writing beside it, and
  /// one of an older version are copied into a folder that only this user can enter, with what lies beside them; the copy has no
  /// name any more when this returns, so that nothing is left of it, however the process ends. Throws ``StoreError``, with the code
  /// ``StoreError/Code/busy`` where somebody goes on writing while it is copied. O(bytes) where it is copied.
  public static func open(handedOver name: String) throws(StoreError) -> Store {
    let file = try HandedOverFile(name)
    if try file.isPlain(), let store = try current(file.path) { return store }
    return try file.copied { (copy) throws(StoreError) in
      let store = try Store(at: copy, access: .write, durability: .off, isTrusted: false)
      try store.alone { db in try db.execute(sql: "PRAGMA journal_mode = DELETE") }
      try store.close()
      return try Store(at: copy, access: .read, durability: .off, isTrusted: false)
    }
  }

  /// What is wrong with a database file that is nobody's here where it cannot be opened as a store: its file and its logs. Neither the
  /// file nor its folder is changed; it is copied as ``open(handedOver:)`` does. O(bytes).
  public static func survey(handedOver name: String, unopened: String? = nil) throws(StoreError) -> Verification {
    let file = try HandedOverFile(name)
    return try file.reading { (copy) throws(StoreError) in
      // What is wrong with the copy is wrong with the file, and is told once.
      let unopened = unopened?.replacingOccurrences(of: file.path, with: copy)
      var found = try survey(damaged: copy, unopened: unopened)
      for index in found.faults.indices {
        found.faults[index].message = found.faults[index].message.replacingOccurrences(of: copy, with: file.path)
      }
      return found
    }
  }

  /// Throws ``StoreError/Code/notFound`` where there is no file called `name`, and ``StoreError/Code/format`` where that is no file, or an
  /// empty one: there is nothing to read, however damaged. O(1).
  public static func checkFile(_ name: String) throws(StoreError) {
    _ = try HandedOverFile(name)
  }

  /// Whether a file is, or was before damage, one of SQLite's, as far as its beginning tells, or that of the write-ahead log beside it; see
  /// <https://sqlite.org/fileformat2.html>.
  package static func looksLikeDatabase(_ path: String) -> Bool {
    func begins(_ path: String, with bytes: [UInt8]) -> Bool {
      guard let file = FileHandle(forReadingAtPath: path) else { return false }
      defer { try? file.close() }
      return (try? file.read(upToCount: bytes.count)) == Data(bytes)
    }
    return begins(path, with: Array("SQLite format 3\0".utf8))
      || [0x82, 0x83].contains { begins(path + "-wal", with: [0x37, 0x7F, 0x06, $0]) }
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
