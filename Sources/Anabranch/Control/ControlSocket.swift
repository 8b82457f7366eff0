internal import AnabranchTransport
internal import Foundation

internal import struct Crypto.SHA256

/// Where programs of one user reach the process that writes a replica.
///
/// Frames of bytes in both directions; what they mean is the programs' own matter. Whether somebody serves is told by
/// the writer's lock, never by the socket's file.
public struct ControlSocket: Sendable {
  private let socket: LocalSocket

  /// The socket of the replica in `home`: in `runtimeFolder`, which is the user's own and given by the system
  /// (`XDG_RUNTIME_DIR`), else in a folder of the user's own in `/tmp`.
  public init(of home: Home, runtimeFolder: String?) throws(AnabranchError) {
    let folder = runtimeFolder.map { $0 + "/anabranch" } ?? "/tmp/anabranch-\(getuid())"
    let place = URL(fileURLWithPath: home.path).resolvingSymlinksInPath().path
    let name = SHA256.hash(data: Array(place.utf8)).prefix(12).map { String(format: "%02x", $0) }.joined()
    do {
      socket = try LocalSocket(path: "\(folder)/\(name).sock")
    } catch {
      throw AnabranchError(error)
    }
  }

  /// One conversation between two programs.
  public final class Channel: Sendable {
    private let connection: LocalConnection

    init(_ connection: LocalConnection) {
      self.connection = connection
    }

    /// The next frame; nil once the other side has ended.
    public func receive() async throws(AnabranchError) -> [UInt8]? {
      do {
        return try await connection.receive()
      } catch {
        throw AnabranchError(error)
      }
    }

    /// Sends a frame.
    public func send(_ frame: [UInt8]) async throws(AnabranchError) {
      do {
        try await connection.send(frame)
      } catch {
        throw AnabranchError(error)
      }
    }

    /// Ends the conversation in good order.
    public func close() async {
      await connection.close()
    }
  }

  /// Takes conversations until the task is cancelled. The caller holds the writer's lock.
  ///
  /// Each runs in a task of its own, which is cancelled with this one.
  public func serve(_ body: @escaping @Sendable (Channel) async -> Void) async throws(AnabranchError) {
    let listener: LocalListener
    do {
      listener = try await socket.listen(ownsLock: true)
    } catch {
      throw AnabranchError(error)
    }
    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { group in
        for await connection in listener.connections {
          group.addTask {
            await body(Channel(connection))
            await connection.close()
          }
        }
      }
    } onCancel: {
      Task { await listener.close() }
    }
    // Cancelling ends the loop above at once; the socket has to be gone before the lock is.
    await listener.close()
  }

  /// A conversation with whoever serves. Throws ``AnabranchError/Code/unreachable`` where nobody does.
  public func connect() async throws(AnabranchError) -> Channel {
    do {
      return Channel(try await socket.connect())
    } catch {
      throw AnabranchError(error)
    }
  }
}
