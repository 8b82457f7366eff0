internal import AnabranchCore
internal import AnabranchSync
internal import AnabranchTransport

/// A session's way out through a socket.
private struct SocketPort: LinkPort {
  let connection: Connection

  var peer: String { connection.peer }
  var localHost: String? { connection.localHost }

  func send(_ bytes: [UInt8]) {
    connection.send(bytes)
  }

  func close() {
    connection.startClosing()
  }

  func abort() {
    connection.abort()
  }
}

extension Replica {
  /// Runs a session over `connection` until it ends, and returns what it did.
  ///
  /// With `device` it is with that one, or none. Cancelling the task ends it in good order. Throws where the other side broke off, or did not keep to the
  /// protocol.
  func run(
    _ connection: Connection, mode: SyncSession.Mode, dialled: String?, expecting device: Digest? = nil,
    joining: Joining? = nil, recorder: SessionRecorder? = nil,
    progress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws(AnabranchError) -> SyncSummary {
    let number: Int
    do {
      number = try openLink(
        over: SocketPort(connection: connection), mode: mode, dialled: dialled, expecting: device, joining: joining,
        recorder: recorder, progress: progress)
    } catch {
      await connection.close()
      throw error
    }
    await withTaskCancellationHandler {
      await receive(number, from: connection)
    } onCancel: {
      Task { await self.handle(.finish, on: number) }
    }
    handle(.peerClosed, on: number)
    await connection.close()
    return try endLink(number, mode: mode)
  }

  private func receive(_ number: Int, from connection: Connection) async {
    while isOpen(number) {
      do {
        // Not tied to the task: cancelling it ends the session by a frame, not the connection.
        guard let bytes = try await Task.detached(operation: { try await connection.receive() }).value else { return }
        receive(bytes, on: number)
      } catch {
        return
      }
    }
  }
}
