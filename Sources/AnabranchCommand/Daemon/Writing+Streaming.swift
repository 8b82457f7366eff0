internal import Anabranch

extension Writing {
  /// Writes a message word by word, as `pieces` come, here or through the daemon that holds the replica.
  ///
  /// Cancelled, it keeps what came, and throws `CancellationError`.
  func stream(_ opening: StreamedMessage.Opening, _ pieces: StandardInput) async throws -> Written {
    try await reaching(
      here: { replica in try await Self.write(opening, pieces, on: replica) },
      there: { channel in try await Self.handOver(opening, pieces, on: channel) })
  }

  private static func write(
    _ opening: StreamedMessage.Opening, _ pieces: StandardInput, on replica: Replica
  ) async throws -> Written {
    var message = try await StreamedMessage(opening, on: replica)
    do {
      for try await piece in pieces { try await message.append(piece) }
    } catch {
      _ = try? await message.finish()
      throw error
    }
    guard !Task.isCancelled else {
      _ = try? await message.finish()
      throw CancellationError()
    }
    return try await message.finish()
  }

  private static func handOver(
    _ opening: StreamedMessage.Opening, _ pieces: StandardInput, on channel: ControlSocket.Channel
  ) async throws -> Written {
    do {
      try await channel.send(ControlProtocol.encode(Request.stream(opening)))
      for try await piece in pieces {
        try await channel.send(ControlProtocol.encode(ControlProtocol.Piece.text(piece)))
      }
      try Task.checkCancellation()
      try await channel.send(ControlProtocol.encode(ControlProtocol.Piece.end))
    } catch let error as AnabranchError where error.code == .unreachable {
      // The daemon said why before it closed.
      return try await answer(on: channel)
    } catch {
      // It keeps what came once this side is gone.
      await channel.close()
      throw error
    }
    return try await answer(on: channel)
  }

  private static func answer(on channel: ControlSocket.Channel) async throws -> Written {
    let response = try await Self.response(on: channel) { _ in }
    await channel.close()
    guard let written = response.written else { throw unexpected }
    return written
  }
}
