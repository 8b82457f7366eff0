internal import Anabranch

/// A message that ended before its words did: what came is kept.
struct StreamBroken: Error {
  /// Why nothing more came.
  var cause: any Error
  var kept: Written
}

extension Writing {
  /// Writes a message word by word, as `pieces` come, here or through the daemon that holds the replica.
  ///
  /// Where it is cancelled, or `pieces` cannot be read on, it keeps what came, and throws ``StreamBroken``.
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
      try Task.checkCancellation()
    } catch {
      throw broken(error, kept: try? await message.finish())
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
      throw broken(error, kept: await part(from: channel))
    }
    return try await answer(on: channel)
  }

  /// Tells the daemon that no more comes, and asks what it has kept; nil where it does not say so soon: then it keeps what
  /// came once this side is gone.
  private static func part(from channel: ControlSocket.Channel) async -> Written? {
    // Not of the task that was cancelled.
    let asking = Task {
      guard let end = try? ControlProtocol.encode(ControlProtocol.Piece.end), (try? await channel.send(end)) != nil
      else { return Written?.none }
      return try? await answer(on: channel)
    }
    let impatience = Task {
      try await Task.sleep(for: patience)
      await channel.close()
    }
    let kept = await asking.value
    impatience.cancel()
    await channel.close()
    return kept
  }

  /// How long the daemon may take to say what it has kept.
  private static let patience = Duration.seconds(2)

  private static func broken(_ cause: any Error, kept: Written?) -> any Error {
    kept.map { StreamBroken(cause: cause, kept: $0) } ?? cause
  }

  private static func answer(on channel: ControlSocket.Channel) async throws -> Written {
    let response = try await Self.response(on: channel) { _ in }
    await channel.close()
    guard let written = response.written else { throw unexpected }
    return written
  }
}
