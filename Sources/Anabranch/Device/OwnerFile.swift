#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Small files that only their owner may read.
enum OwnerFile {
  /// Behind a file's name, while it is being written.
  static let partialSuffix = ".partial"

  /// Puts `bytes` into the file at `path`, of mode 0600, in place of what is there: all of them, or everything is as it was.
  /// They are on the disk; that the file has that name is once its folder is: see ``Home/pressFolder()``. `what` it is stands in the error.
  static func replace(_ path: String, with bytes: [UInt8], what: String) throws(AnabranchError) {
    let partial = path + partialSuffix
    unlink(partial)
    let file = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw unwritten(path, what) }
    defer { close(file) }
    guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0, rename(partial, path) == 0 else {
      let error = unwritten(path, what)
      // It may be a secret that is to lie nowhere else.
      _ = pwrite(file, [UInt8](repeating: 0, count: bytes.count), bytes.count, 0)
      unlink(partial)
      throw error
    }
  }

  private static func unwritten(_ path: String, _ what: String) -> AnabranchError {
    let isFull = errno == ENOSPC || errno == EDQUOT
    return AnabranchError(
      isFull ? .diskFull : .io, "\(what) cannot be written to \(path): \(String(cString: strerror(errno)))",
      remedy: isFull ? "free some space" : "check that the folder is yours")
  }
}
