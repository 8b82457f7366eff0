internal import AnabranchWire
internal import Foundation
internal import Synchronization

/// Writes down what crosses connections, into a file of mode 0600 that is only appended to: give it to
/// ``Replica/serve(on:peers:discovery:recorder:)`` or ``Replica/sync(with:recorder:progress:)``.
///
/// Without contents the file has nothing that anybody wrote: it says which frames crossed, how long they were, and of which changes.
/// It has names, keys and addresses of devices. A session never fails because of it: where it cannot be written any more, recording
/// ends, and ``failure`` says why. Each entry is given to the system at once, so a process that is killed leaves all but the last one.
public final class SessionRecorder: Sendable {
  private struct State {
    /// The open file; nil once recording has ended.
    var file: Int32?
    /// How long it is.
    var length: UInt64
    var hasStarted = false
    var uptime: UInt64 = 0
    var failure: AnabranchError?
  }

  /// The file.
  public let path: String
  /// Whether whole frames are written down, and so what people wrote.
  public let hasContents: Bool
  private let state: Mutex<State>

  /// A recorder that goes on in the file at `path`, or makes it. What a crash left of an entry at its end is cut off.
  ///
  /// Throws ``AnabranchError/Code/format`` where the file is no recording, ``AnabranchError/Code/damaged`` where it was altered,
  /// ``AnabranchError/Code/inUse`` where somebody else records into it. O(file): all of it is checked.
  public init(at path: String, contents hasContents: Bool = false) throws(AnabranchError) {
    (self.path, self.hasContents) = (path, hasContents)
    // Something else than a file, as a pipe that nobody reads, is not waited for.
    let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
    guard file >= 0 else { throw Self.unwritten(path) }
    do throws(AnabranchError) {
      let length = try Self.prepared(file, path)
      state = Mutex(State(file: file, length: length))
    } catch {
      Foundation.close(file)
      throw error
    }
  }

  deinit {
    close()
  }

  /// Why recording ended before it was to; nil where it did not.
  public var failure: AnabranchError? {
    state.withLock { $0.failure }
  }

  /// Ends recording. What is recorded afterwards is dropped.
  public func close() {
    state.withLock { state in
      if state.hasStarted {
        append(RecordingEntry(uptime: state.uptime, connection: 0, .stopped), &state)
      }
      if let file = state.file { Foundation.close(file) }
      state.file = nil
    }
  }

  /// Says that recording begins; once. Returns why it cannot.
  func start(wall: Int64, uptime: UInt64) -> AnabranchError? {
    state.withLock { state in
      guard !state.hasStarted else { return nil }
      state.hasStarted = true
      append(RecordingEntry(uptime: uptime, connection: 0, .started(wall: wall, hasContents: hasContents)), &state)
      return state.failure
    }
  }

  /// Writes an entry down, without contents if those are not wanted. Returns why it cannot be, the first time.
  func record(_ entry: RecordingEntry) -> AnabranchError? {
    state.withLock { state in
      guard state.failure == nil else { return nil }
      var entry = entry
      if !hasContents, case .frame(let frame) = entry.event { entry.event = .frame(frame.withoutContents) }
      state.uptime = max(state.uptime, entry.uptime)
      append(entry, &state)
      return state.failure
    }
  }

  /// Writes all of an entry, or ends recording and leaves nothing of it.
  private func append(_ entry: RecordingEntry, _ state: inout State) {
    guard let file = state.file else { return }
    let bytes = Recording.bytes(of: entry)
    guard Self.write(bytes, to: file) else {
      state.failure = Self.unwritten(path)
      ftruncate(file, off_t(clamping: state.length))
      Foundation.close(file)
      state.file = nil
      return
    }
    state.length += UInt64(bytes.count)
  }

  // MARK: The file

  /// Makes an open file ready to be appended to, and returns how long it is then.
  private static func prepared(_ file: Int32, _ path: String) throws(AnabranchError) -> UInt64 {
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw unwritten(path) }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw AnabranchError(.invalid, "expected a file to record into, and \(path) is none", remedy: "give a new file")
    }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      throw AnabranchError(
        .inUse, "another process records into \(path)", remedy: "give another file, or end that one first")
    }
    let length = facts.st_size > 0 ? try wholeLength(of: path) : 0
    guard fchmod(file, 0o600) == 0, ftruncate(file, off_t(clamping: length)) == 0 else { throw unwritten(path) }
    guard length == 0 else { return length }
    guard write(Recording.header, to: file) else {
      let error = unwritten(path)
      ftruncate(file, 0)
      throw error
    }
    return UInt64(Recording.header.count)
  }

  /// How long a recording is without what a crash left of its last entry.
  private static func wholeLength(of path: String) throws(AnabranchError) -> UInt64 {
    let recording = try RecordingFile(at: path)
    while try !recording.next(limit: 1).isEmpty {}
    return recording.position
  }

  private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
      guard count > 0 || (count < 0 && errno == EINTR) else { return false }
      rest = rest.dropFirst(max(count, 0))
    }
    return true
  }

  private static func unwritten(_ path: String) -> AnabranchError {
    let (number, words) = (errno, String(cString: strerror(errno)))
    let isFull = number == ENOSPC || number == EDQUOT
    return AnabranchError(
      isFull ? .diskFull : .io, "the recording cannot be written to \(path): \(words)",
      remedy: isFull
        ? "free some space, or record to another disk" : "check that its folder exists and that you may write there")
  }
}
