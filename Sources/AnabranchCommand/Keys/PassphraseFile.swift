internal import Anabranch
internal import Foundation

/// A file with a passphrase in it, for programs that nobody sits before.
enum PassphraseFile {
  /// The passphrase that the file at `path` says, in its only line. `/dev/fd/3` is what comes on descriptor 3.
  ///
  /// Throws where it cannot be read, where everybody may read it, and where it is no passphrase.
  static func read(_ path: String) throws -> Passphrase {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure(path, errno) }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw failure(path, errno) }
    // The group may: so the modes of systemd's credentials say where an access control list lets one user in.
    guard facts.st_mode & S_IFMT != S_IFREG || facts.st_mode & 0o007 == 0 else {
      throw AnabranchError(
        .invalid, "every user may read the passphrase in \(path)", remedy: "chmod 600 \(path)")
    }
    var bytes = try contents(file, path)
    defer { wipe(&bytes) }
    for end in [UInt8(ascii: "\n"), UInt8(ascii: "\r")] where bytes.last == end { bytes.removeLast() }
    return try Passphrase(utf8: bytes)
  }

  private static func contents(_ file: Int32, _ path: String) throws -> [UInt8] {
    // One more than there may be, and the end of its line.
    var bytes = [UInt8](repeating: 0, count: Passphrase.bytesMax + 3)
    var count = 0
    while count < bytes.count {
      let more = bytes.withUnsafeMutableBytes {
        Foundation.read(file, $0.baseAddress?.advanced(by: count), $0.count - count)
      }
      if more == 0 { break }
      if more < 0, errno != EINTR { throw failure(path, errno) }
      count += max(more, 0)
    }
    defer { wipe(&bytes) }
    guard count < bytes.count else {
      throw AnabranchError(
        .invalid, "expected a passphrase of at most \(Passphrase.bytesMax) bytes in \(path), and there are more",
        remedy: "is it the right file? else choose another passphrase")
    }
    return Array(bytes.prefix(count))
  }

  private static func failure(_ path: String, _ number: Int32) -> AnabranchError {
    AnabranchError(
      number == ENOENT ? .notFound : .io,
      "the passphrase in \(path) cannot be read: \(String(cString: strerror(number)))",
      remedy: "check that the file is there and yours")
  }
}
