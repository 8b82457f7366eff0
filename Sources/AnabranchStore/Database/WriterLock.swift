#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The right to write a database: one process at a time, by an advisory lock on a file beside it.
///
/// The lock goes with the process, however it ends; the file stays and its text only says who holds it. SQLite
/// before 3.51.3 can corrupt a file in WAL mode when two connections write or checkpoint at once, so this is not
/// a matter of waiting for each other.
public final class WriterLock {
  private let descriptor: Int32

  /// Whoever only asks whether the lock is held has it for an instant; that is waited for.
  private static let attempts = 10
  private static let pauseMicroseconds: UInt32 = 2_000

  /// Takes the lock at `path`, or throws ``StoreError/Code/locked`` naming its holder.
  ///
  /// `holder` is what others are told, such as `anabranch serve`. The file is made with mode 0600.
  public init(at path: String, holder: String) throws(StoreError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StoreError(
        .io, "\(path) cannot be opened (\(String(cString: strerror(errno))))",
        remedy: "check that the folder exists and is yours")
    }
    var isTaken = flock(descriptor, LOCK_EX | LOCK_NB) == 0
    for _ in 0..<Self.attempts where !isTaken {
      usleep(Self.pauseMicroseconds)
      isTaken = flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }
    guard isTaken else {
      let text = Self.read(descriptor)
      close(descriptor)
      throw StoreError(
        .locked, "another process writes this replica: \(text.isEmpty ? "its name is not known" : text)",
        remedy: "wait until it is done, or stop it")
    }
    self.descriptor = descriptor
    let text = Array("\(holder), process \(getpid())".utf8)
    _ = ftruncate(descriptor, 0)
    _ = pwrite(descriptor, text, text.count, 0)
  }

  /// Whether some process holds the lock at `path` now.
  public static func isHeld(at path: String) -> Bool {
    holder(at: path) != nil
  }

  /// Who holds the lock at `path` now, by its own word, which is empty before it is written; nil where nobody does.
  public static func holder(at path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return read(descriptor) }
    flock(descriptor, LOCK_UN)
    return nil
  }

  private static func read(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
  }

  deinit {
    close(descriptor)
  }
}
