#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// The folder and the file of a local socket, as the system sees them.
struct LocalFiles: Sendable {
  let path: String
  private let folder: String

  /// The files of the socket at `path`, which is absolute.
  init(path: String) {
    self.path = path
    let parent = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    folder = parent.isEmpty ? "/" : String(parent)
  }

  /// Makes the folder with mode 0700 if it is missing, and checks it.
  func prepareFolder() throws(TransportError) {
    if mkdir(folder, 0o700) != 0, errno != EEXIST {
      throw TransportError(errno: errno, "make the folder \(folder)", Self.words(errno))
    }
    try checkFolder()
  }

  /// Throws unless the folder is this user's and nobody else can enter it.
  func checkFolder() throws(TransportError) {
    guard let found = Self.status(of: folder) else {
      throw TransportError(
        .refused, "expected the folder \(folder), it is not there", remedy: "start the daemon")
    }
    guard found.st_mode & S_IFMT == S_IFDIR, found.st_uid == geteuid() else {
      throw TransportError(
        .unsafe, "expected a folder of user \(geteuid()) at \(folder), got another user's, or no folder",
        remedy: "remove it, or set XDG_RUNTIME_DIR")
    }
    guard found.st_mode & 0o077 == 0 else {
      throw TransportError(
        .unsafe,
        "expected that only its owner can enter \(folder), its mode is "
          + String(found.st_mode & 0o777, radix: 8), remedy: "chmod 700 \(folder)")
    }
  }

  /// Removes a socket that is there, if the caller may. Throws for anything else that is there.
  func removeSocket(ownsLock: Bool) throws(TransportError) {
    guard let found = Self.status(of: path) else { return }
    guard found.st_mode & S_IFMT == S_IFSOCK, found.st_uid == geteuid() else {
      throw TransportError(
        .unsafe, "expected a socket of user \(geteuid()) or nothing at \(path), got something else",
        remedy: "remove it")
    }
    guard ownsLock else {
      throw TransportError(
        .inUse, "expected nothing at \(path), got a socket", remedy: "stop the other daemon")
    }
    guard unlink(path) == 0 || errno == ENOENT else {
      throw TransportError(errno: errno, "remove \(path)", Self.words(errno))
    }
  }

  /// Gives the socket the mode 0600.
  func restrictSocket() throws(TransportError) {
    guard chmod(path, 0o600) == 0 else {
      throw TransportError(errno: errno, "restrict \(path)", Self.words(errno))
    }
  }

  /// What lies at `path`, a link itself rather than its target; nil for nothing.
  private static func status(of path: String) -> stat? {
    var found = stat()
    return lstat(path, &found) == 0 ? found : nil
  }

  private static func words(_ code: Int32) -> String {
    String(cString: strerror(code))
  }
}
