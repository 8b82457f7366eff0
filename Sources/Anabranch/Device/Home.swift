internal import AnabranchStore
internal import Foundation

/// The folder of one replica: its database, its device's private key, and the lock of whoever writes.
public struct Home: Hashable, Sendable {
  /// The folder's path.
  public let path: String

  /// The replica in the folder at `path`.
  public init(_ path: String) {
    self.path = URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// The history: logs, views and local tables.
  public var database: String { path + "/history.sqlite" }
  /// The file that has the device's private key, or says that a keyring has it. Never in the database, so that a copied database
  /// is no copied identity.
  public var key: String { path + "/device.key" }
  /// What tells the database from a copy of it.
  var origin: String { path + "/origin" }
  /// Locked by the process that writes.
  public var lock: String { path + "/writer.lock" }

  /// Whether a replica was made here.
  public var exists: Bool {
    FileManager.default.fileExists(atPath: database)
  }

  /// Whether a replica was made here. Throws where that cannot be told: where the folder is none, or may not be read.
  func isThere() throws(AnabranchError) -> Bool {
    var facts = stat()
    guard stat(database, &facts) != 0 else { return true }
    switch errno {
    case ENOENT: return false
    case ENOTDIR:
      throw AnabranchError(
        .format, "expected \(path) to be a folder, but it, or what it lies in, is a file",
        remedy: "choose another folder with --home")
    case let number:
      throw AnabranchError(
        .io, "the folder \(path) cannot be read: \(String(cString: strerror(number)))",
        remedy: "check that it is yours, or choose another one with --home")
    }
  }

  /// Throws ``AnabranchError/Code/notFound`` where no replica was made here, and another error where that cannot be
  /// told.
  public func check() throws(AnabranchError) {
    guard try isThere() else {
      try checkCutOffRepair()
      throw AnabranchError(
        .notFound, "there is no replica in \(path)", remedy: "make one with `anabranch init --name NAME`")
    }
  }

  /// Throws where a repair was cut off between taking the damaged database away and putting the new one in its place: what SQLite has beside
  /// the damaged one may still lie here, and belongs to no other.
  func checkCutOffRepair() throws(AnabranchError) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    guard let kept = names.filter(Store.isKept).max() else { return }
    throw AnabranchError(
      .notFound, "a repair in \(path) was cut off when it had moved the damaged database to \(kept)",
      remedy: "move it back to \(database), and \(kept)-wal, if there is one, to that with -wal; then repair it again")
  }

  /// Makes a folder that is the user's own one that nobody else can enter, whatever it was made as. Another one's is left: its
  /// files have modes of their own.
  func restrictFolder() throws(AnabranchError) {
    var facts = stat()
    guard stat(path, &facts) == 0, facts.st_uid == geteuid(), facts.st_mode & 0o077 != 0 else { return }
    guard chmod(path, 0o700) == 0 else {
      throw AnabranchError(
        .io, "others can enter the folder \(path), and that cannot be changed: \(String(cString: strerror(errno)))",
        remedy: "chmod 700 \(path), or choose another folder with --home")
    }
  }

  /// Returns when the names of the folder's files are on the disk.
  func pressFolder() throws(AnabranchError) {
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if folder >= 0 { close(folder) } }
    // Some file systems have nothing to press.
    guard folder >= 0, fsync(folder) == 0 || errno == EINVAL else {
      throw AnabranchError(
        .io, "the folder \(path) cannot be pressed onto the disk: \(String(cString: strerror(errno)))",
        remedy: "look after the disk, or choose another folder with --home")
    }
  }

  /// Makes the folder, readable by its owner only, unless it is there.
  func makeFolder() throws(AnabranchError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      var failure = AnabranchError(StoreError(error, path: path))
      failure.message = "the folder of the replica cannot be made: " + failure.message
      if failure.code == .exists { failure.code = .format }
      if failure.code != .diskFull { failure.remedy = "choose another folder with --home" }
      throw failure
    }
  }
}

extension Home: ExpressibleByStringLiteral {
  /// The replica in the folder at that path.
  public init(stringLiteral path: String) {
    self.init(path)
  }
}
