internal import AnabranchWire
internal import Foundation

/// The file of a bundle while it is written: new, its owner's alone, and there under its name only in the end. For one thread.
final class BundleFile {
  private let path: String
  private let partial: String
  private let descriptor: Int32
  private var buffer: [UInt8]
  private var isOpen = true
  /// What has been written, and what waits to be.
  private(set) var bytes: UInt64
  /// Why something could not be written.
  private(set) var failure: AnabranchError?

  /// Bytes that are written at a time.
  private static let pieceBytes = 1 << 16

  /// Begins a bundle at `path`. Throws ``AnabranchError/Code/exists`` where something is there.
  init(at path: String) throws(AnabranchError) {
    let partial = path + ".partial"
    var facts = stat()
    guard lstat(path, &facts) != 0 else { throw Self.exists(path) }
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    // Nothing is set before: what is not this one's is not removed in the end.
    guard descriptor >= 0 else { throw errno == EEXIST ? Self.exists(partial) : Self.unwritten(path) }
    (self.path, self.partial, self.descriptor) = (path, partial, descriptor)
    buffer = HistoryBundle.header
    bytes = UInt64(buffer.count)
  }

  deinit {
    abandon()
  }

  /// Writes an entry.
  func write(_ entry: BundleEntry) throws(AnabranchError) {
    if let failure { throw failure }
    let entry = HistoryBundle.bytes(of: entry)
    buffer += entry
    bytes += UInt64(entry.count)
    if buffer.count >= Self.pieceBytes { try flush() }
  }

  /// Writes the last entry, and gives the file its name, unless another one has it by now. `link` is the system's.
  func finish(
    _ entry: BundleEntry, link: (_ file: String, _ name: String) -> Int32 = { Foundation.link($0, $1) }
  ) throws(AnabranchError) {
    try write(entry)
    try flush()
    guard fsync(descriptor) == 0 else { throw Self.unwritten(path) }
    // A link is made only where nothing is, as a file is renamed over what is there.
    guard link(partial, path) == 0 else {
      guard [EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS].contains(errno) else {
        throw errno == EEXIST ? Self.exists(path) : Self.unwritten(path)
      }
      return try nameWithoutLink()
    }
    abandon()
  }

  /// Gives the file its name where a file system has no links, as FAT has none: an empty file has the name first, made only where nothing is.
  private func nameWithoutLink() throws(AnabranchError) {
    let place = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard place >= 0 else { throw errno == EEXIST ? Self.exists(path) : Self.unwritten(path) }
    close(place)
    guard rename(partial, path) == 0 else {
      let error = Self.unwritten(path)
      unlink(path)
      throw error
    }
    // It has no other name any more.
    isOpen = false
    close(descriptor)
  }

  /// Leaves no part of a file behind.
  func abandon() {
    guard isOpen else { return }
    isOpen = false
    close(descriptor)
    unlink(partial)
  }

  private func flush() throws(AnabranchError) {
    var rest = buffer[...]
    buffer = []
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        let error = Self.unwritten(path)
        failure = error
        throw error
      }
    }
  }

  /// What a file has.
  static func bytes(at path: String) throws(AnabranchError) -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      let isMissing = !FileManager.default.fileExists(atPath: path)
      throw AnabranchError(
        isMissing ? .notFound : .io,
        isMissing ? "there is no file \(path)" : "\(path) cannot be read",
        remedy: "give a file that `anabranch inspect bundle` wrote")
    }
  }

  private static func exists(_ path: String) -> AnabranchError {
    AnabranchError(.exists, "\(path) exists already; nothing was written", remedy: "choose another name, or remove it")
  }

  private static func unwritten(_ path: String) -> AnabranchError {
    let isFull = errno == ENOSPC || errno == EDQUOT
    return AnabranchError(
      isFull ? .diskFull : .io, "the bundle cannot be written to \(path): \(String(cString: strerror(errno)))",
      remedy: isFull ? "free some space" : "check that its folder exists and is yours")
  }
}
