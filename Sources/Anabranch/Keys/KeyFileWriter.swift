#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Replaces a home's `device.key`. Its user holds the lock of the home.
struct KeyFileWriter {
  let home: Home

  /// Puts `content` in the place of what is there. It is on the disk, under its name, when this returns; where it throws, or the
  /// power fails, the file is the old one or the new one. Then what the old one said is overwritten where it lay, unless the file
  /// has another name still. A disk that writes elsewhere than it is told, and a copy, keep it.
  func replace(with content: KeyFile) throws(AnabranchError) {
    let old = try openOld()
    defer { if old >= 0 { close(old) } }
    var bytes = content.bytes
    defer { wipe(&bytes) }
    try OwnerFile.replace(home.key, with: bytes, what: "the device's key")
    try home.pressFolder()
    Self.overwrite(old)
  }

  /// Removes what an end in the midst of a replacement left behind: it may be the key without the passphrase that it has.
  func removeLeftover() {
    let partial = home.key + OwnerFile.partialSuffix
    let file = open(partial, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { return }
    defer { close(file) }
    unlink(partial)
    Self.overwrite(file)
  }

  private func openOld() throws(AnabranchError) -> Int32 {
    let file = open(home.key, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
    if file >= 0 || errno == ENOENT { return file }
    if errno == ELOOP {
      throw AnabranchError(
        .invalid, "\(home.key) is a link, and replacing it would leave the key where it leads",
        remedy: "put the file itself there")
    }
    throw AnabranchError(
      .io, "\(home.key) cannot be overwritten, so the key would stay there: \(String(cString: strerror(errno)))",
      remedy: "chmod 600 \(home.key)")
  }

  /// Overwrites a file that has no name any more. What fails is let be: then it is as if the disk had written elsewhere.
  private static func overwrite(_ file: Int32) {
    var facts = stat()
    guard file >= 0, fstat(file, &facts) == 0, facts.st_nlink == 0, facts.st_size < 1 << 16 else { return }
    let zeros = [UInt8](repeating: 0, count: Int(facts.st_size))
    _ = pwrite(file, zeros, zeros.count, 0)
    fsync(file)
  }
}
