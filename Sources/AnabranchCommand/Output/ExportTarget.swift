internal import Anabranch
internal import Foundation

/// Where an export goes: standard output, a file that appears only when it is whole, or a device or a pipe, which is
/// written to as it is.
///
/// A symbolic link stays, and the file that it leads to is the one that appears. Unchecked, because it is used by one
/// task after the other: first the replica's, then the command's.
final class ExportTarget: @unchecked Sendable {
  /// What people call it.
  private let name: String
  private let descriptor: Int32
  /// The file that appears in the end; nil where what is written is there at once.
  private let file: String?
  private(set) var bytes = 0

  /// Opens the place that people call `path`, or standard output where it is nil.
  init(file path: String?) throws(AnabranchError) {
    name = path ?? "the output"
    guard let path else {
      (file, descriptor) = (nil, STDOUT_FILENO)
      return
    }
    guard try !Self.isSpecial(path) else {
      (file, descriptor) = (nil, Output.pipe(path))
      guard descriptor >= 0 else { throw Self.failure(path) }
      return
    }
    let target = try Self.followed(path)
    (file, descriptor) = (target, open(target + ".partial", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600))
    guard descriptor >= 0 else { throw Self.failure(path) }
  }

  /// Writes a picture to the file that people call `path`. It takes the place of another picture, of one that begins in the same way, and of
  /// nothing else: throws ``AnabranchError/Code/exists`` where some other file is there, and leaves that. Unless `isQuiet`, a note on standard error
  /// says that the file is written.
  static func write(_ picture: String, toPicture path: String, isQuiet: Bool) throws(AnabranchError) {
    let (bytes, kindBytes) = (Array(picture.utf8), 5)
    // To open a pipe would wait for who writes to it.
    if try !isSpecial(path), let there = try FileHandle(forReadingAtPath: followed(path)) {
      let beginning = (try? there.read(upToCount: kindBytes)) ?? Data()
      try? there.close()
      guard beginning.isEmpty || Array(beginning) == Array(bytes.prefix(kindBytes)) else {
        throw AnabranchError(
          .exists, "\(path) exists already, and is no such picture; nothing was written",
          remedy: "choose another name, or remove it")
      }
    }
    let target = try ExportTarget(file: path)
    do {
      try target.write(bytes)
      try target.finish()
    } catch {
      target.abandon()
      throw error
    }
    guard !isQuiet, target.file != nil else { return }
    Output.note(TextWidth.printable("anabranch: the picture is in \(path)"))
  }

  func write(_ bytes: [UInt8]) throws(AnabranchError) {
    try Output.write(bytes, to: descriptor, called: name, remedy: Self.remedy)
    self.bytes += bytes.count
  }

  /// Makes the file appear.
  func finish() throws(AnabranchError) {
    guard let file else { return }
    guard fsync(descriptor) == 0, rename(file + ".partial", file) == 0 else { throw Self.failure(name) }
    close(descriptor)
  }

  /// Leaves no part of a file behind. What went into a device or a pipe is there.
  func abandon() {
    guard let file else { return }
    close(descriptor)
    unlink(file + ".partial")
  }

  private static let remedy = "choose another place for it"

  private static func failure(_ name: String) -> AnabranchError {
    AnabranchError(writing: name, errno, remedy: remedy)
  }

  /// Whether there is something at `path` that is no file: a device or a pipe. Throws where it is a folder.
  private static func isSpecial(_ path: String) throws(AnabranchError) -> Bool {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return false }
    switch facts.st_mode & S_IFMT {
    case S_IFREG: return false
    case S_IFDIR: throw AnabranchError(.io, "\(path) cannot be written: it is a folder", remedy: remedy)
    default: return true
    }
  }

  /// So many links are followed, as the system does.
  private static let linksMax = 40

  /// The path that the links at the end of `path` lead to, whether something is there or not.
  private static func followed(_ path: String) throws(AnabranchError) -> String {
    var path = path
    for _ in 0..<linksMax {
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return path }
      let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
      path = target.hasPrefix("/") ? target : folder + target
    }
    throw AnabranchError(writing: path, ELOOP, remedy: remedy)
  }
}
