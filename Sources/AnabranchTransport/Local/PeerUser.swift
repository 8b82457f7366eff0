internal import NIOCore

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Who is on the other side of a local socket, as the system tells it.
enum PeerUser {
  /// Throws unless the other side of `channel` is this process's user. On the channel's event loop.
  static func check(_ channel: any Channel) throws {
    let user = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
      of: NIOBSDSocket.Handle.self
    ) { Self.user(behind: $0) }
    guard let user = user.flatMap({ $0 }), user == geteuid() else {
      throw TransportError(.foreign, "expected user \(geteuid()) on the other side, got another")
    }
  }

  private static func user(behind socket: NIOBSDSocket.Handle) -> uid_t? {
    #if canImport(Darwin)
      var user = uid_t.max
      var group = gid_t.max
      return getpeereid(socket, &user, &group) == 0 ? user : nil
    #else
      // struct ucred of <sys/socket.h>, which the C library shows only with extensions: process, user, group.
      var credentials: (Int32, UInt32, UInt32) = (0, .max, .max)
      var size = socklen_t(MemoryLayout.size(ofValue: credentials))
      return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 ? credentials.1 : nil
    #endif
  }
}
