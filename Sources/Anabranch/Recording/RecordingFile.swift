public import AnabranchWire
internal import Foundation

/// A recording of what crossed connections, read entry by entry: see ``SessionRecorder``.
///
/// Holds one entry and a piece of the file at a time. For one thread.
public final class RecordingFile {
  /// An entry, and where it stands.
  public struct Item: Hashable, Sendable {
    /// Where it begins in the file.
    public var position: UInt64
    /// What it says.
    public var entry: RecordingEntry
  }

  private let file: Int32
  private let path: String
  private var decoder = RecordingDecoder()
  private var read: UInt64 = 0
  private var failure: AnabranchError?
  /// Was read when the file was opened, and not given yet.
  private var first: Item?

  /// Opens the recording at `path`. Throws ``AnabranchError/Code/notFound``, ``AnabranchError/Code/format`` where it is none, and
  /// ``AnabranchError/Code/newer`` where a newer version wrote it.
  public init(at path: String) throws(AnabranchError) {
    self.path = path
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard file >= 0 else {
      let words = String(cString: strerror(errno))
      throw AnabranchError(
        errno == ENOENT ? .notFound : .io, "the recording \(path) cannot be read: \(words)",
        remedy: "give a file that `anabranch serve --record` or `anabranch sync --record` wrote")
    }
    first = try advance()
  }

  deinit {
    close(file)
  }

  /// The next entries, at most `limit`; none at the end of the file.
  ///
  /// Throws ``AnabranchError/Code/damaged`` where the file was altered, after all that stands before that was returned.
  public func next(limit: Int) throws(AnabranchError) -> [Item] {
    if let failure { throw failure }
    var items: [Item] = []
    do throws(AnabranchError) {
      if let item = first {
        first = nil
        items.append(item)
      }
      while items.count < limit, let item = try advance() { items.append(item) }
    } catch {
      failure = error
      if items.isEmpty { throw error }
    }
    return items
  }

  /// The entry at `position`, which ``next(limit:)`` gave; leaves alone what comes next there.
  public func entry(at position: UInt64) throws(AnabranchError) -> RecordingEntry {
    var decoder = RecordingDecoder(at: position)
    var from = position
    while true {
      do throws(WireError) {
        if let entry = try decoder.next() { return entry }
      } catch {
        throw AnabranchError(error, in: path, at: position)
      }
      let bytes = try bytes(at: from, count: from == position ? Self.entryBytes : Self.pieceBytes)
      guard !bytes.isEmpty else {
        throw AnabranchError(.damaged, "\(path) became shorter while it was read", remedy: "read it again")
      }
      from += UInt64(bytes.count)
      decoder.append(bytes)
    }
  }

  /// Where the next entry begins; at the end of the file, the end of the last whole one.
  public var position: UInt64 { decoder.position }

  /// At the end of the file, the bytes of an entry that was cut, or is still being written.
  public var cutBytes: Int { decoder.undecodedBytes }

  private static let pieceBytes = 256 * 1024
  /// Most entries are shorter.
  private static let entryBytes = 1024

  private func advance() throws(AnabranchError) -> Item? {
    while true {
      let position = decoder.position
      do throws(WireError) {
        if let entry = try decoder.next() { return Item(position: max(position, Self.headerBytes), entry: entry) }
      } catch {
        throw AnabranchError(error, in: path, at: decoder.position)
      }
      guard try fill() else { return nil }
    }
  }

  private static let headerBytes = UInt64(Recording.header.count)

  /// Takes the next piece of the file; false at its end.
  private func fill() throws(AnabranchError) -> Bool {
    let bytes = try bytes(at: read, count: Self.pieceBytes)
    read += UInt64(bytes.count)
    decoder.append(bytes)
    return !bytes.isEmpty
  }

  private func bytes(at position: UInt64, count: Int) throws(AnabranchError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var number: Int
    repeat { number = pread(file, &bytes, count, off_t(clamping: position)) } while number < 0 && errno == EINTR
    guard number >= 0 else {
      throw AnabranchError(.io, "the recording \(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    return Array(bytes.prefix(number))
  }
}

extension AnabranchError {
  /// What is wrong with the recording at `path`, in the entry at `position`.
  fileprivate init(_ error: WireError, in path: String, at position: UInt64) {
    switch (error.code, position) {
    case (.version, 0):
      self.init(.newer, "\(path): \(error.message)", remedy: "use the version of anabranch that recorded it")
    case (_, 0):
      self.init(
        .format, "\(path) is no recording: \(error.message)",
        remedy: "give a file that `anabranch serve --record` or `anabranch sync --record` wrote")
    default:
      self.init(
        .damaged, "\(path) is damaged at byte \(position): \(error.message)",
        remedy: "what stands before that is whole; record into another file")
    }
  }
}
