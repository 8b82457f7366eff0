internal import NIOCore
internal import NIOPosix

/// The path of a socket by which programs of one user on one machine find each other.
///
/// Who may connect is decided twice: by the folder, which only its owner can enter, and by asking the system for
/// the user on the other side. The file's presence says nothing; whether somebody serves is told by a lock that
/// this type knows nothing of.
public struct LocalSocket: Hashable, Sendable {
  /// The socket's path.
  public let path: String

  /// The socket at `path`, which is absolute. Throws when the system's limit does not allow it.
  public init(path: String) throws(TransportError) {
    guard path.hasPrefix("/"), path.utf8.count <= TransportLimits.localPathBytesMax, !path.utf8.contains(0)
    else {
      throw TransportError(
        .limit,
        "expected an absolute path of at most \(TransportLimits.localPathBytesMax) bytes for a socket, got "
          + "\(path.utf8.count): \(path)",
        remedy: "set XDG_RUNTIME_DIR to a folder with a shorter path")
    }
    self.path = path
  }

  /// Listens there. Makes the folder if it is missing, with mode 0700, and the socket with mode 0600.
  ///
  /// `ownsLock` says that the caller holds the lock of whatever is served here, so that a socket that is there
  /// already was left behind by a process that died, and is removed; without it, one that is there is an error, and
  /// stays. Throws also when the folder is another user's, or open to others, or what is there is no socket.
  public func listen(ownsLock: Bool) async throws(TransportError) -> LocalListener {
    let files = LocalFiles(path: path)
    try files.prepareFolder()
    try files.removeSocket(ownsLock: ownsLock)
    return try await LocalListener.bind(to: self, files: files)
  }

  /// Connects to whoever listens there. Throws when nobody does, or when it is another user, or when the folder is.
  public func connect(timeout: Duration = TransportLimits.connectMax) async throws(TransportError)
    -> LocalConnection
  {
    try LocalFiles(path: path).checkFolder()
    let path = path
    return LocalConnection(
      try await Dialer.connect(to: path, timeout: timeout) { bootstrap in
        bootstrap.connect(unixDomainSocketPath: path).flatMap { channel in
          channel.eventLoop.makeCompletedFuture {
            try PeerUser.check(channel)
            return channel
          }
        }
      })
  }
}
