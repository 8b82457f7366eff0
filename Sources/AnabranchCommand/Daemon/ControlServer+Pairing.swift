internal import Anabranch

/// Work in which the other side of the socket is asked something: a device is let in, or comes in.
extension ControlServer {
  private typealias Pieces = AsyncStream<ControlProtocol.Piece>

  /// Lets a device in, and asks who wants that, until one is in or the asker goes away.
  func pair(_ opening: PairingTalk.Opening, _ channel: ControlSocket.Channel) async {
    await converse(channel) { pieces in
      let talk = PairingTalk(
        replica: replica,
        tell: { event in
          try await channel.send(ControlProtocol.encode(ControlProtocol.Answer.pairing(event)))
          if case .founded = event { try await Self.awaitShown(pieces) }
        },
        answer: { _, _ in await Self.answer(in: pieces) })
      return await respond(on: channel) { _ in Response(paired: NewcomerReport(try await talk.run(opening))) }
    }
  }

  /// Comes in by a code, and asks who wants that, until everything is exchanged or the asker goes away.
  func join(_ opening: JoiningTalk.Opening, _ channel: ControlSocket.Channel) async {
    await converse(channel) { pieces in
      let talk = JoiningTalk(replica: replica) { inviter in
        guard let question = try? ControlProtocol.encode(ControlProtocol.Answer.inviter(inviter)),
          (try? await channel.send(question)) != nil
        else { return false }
        return await Self.answer(in: pieces)
      }
      return await respond(on: channel) { Response(synced: try await talk.run(opening, progress: $0)) }
    }
  }

  /// Does `work` and says what came of it; what the client says meanwhile is `work`'s to hear. A client that goes away, or a
  /// daemon that ends, cancels it.
  private func converse(
    _ channel: ControlSocket.Channel, _ work: @escaping @Sendable (Pieces) async -> Response
  ) async {
    let (pieces, continuation) = Pieces.makeStream()
    let work = Task { await work(pieces) }
    let listening = Task {
      while let frame = try? await channel.receive(), !frame.isEmpty {
        if let piece = try? ControlProtocol.decode(ControlProtocol.Piece.self, frame) { continuation.yield(piece) }
      }
      // The asker has gone: nobody is there to say yes.
      continuation.finish()
      work.cancel()
    }
    let response = await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      work.cancel()
    }
    await say(response, channel)
    listening.cancel()
    await channel.close()
  }

  /// What the client answers; no, where it does not.
  private static func answer(in pieces: Pieces) async -> Bool {
    for await piece in pieces { if case .answer(let answer) = piece { return answer } }
    return false
  }

  /// Returns when the client has shown the recovery phrase; throws where it goes away before.
  private static func awaitShown(_ pieces: Pieces) async throws {
    for await piece in pieces { if case .shown = piece { return } }
    throw AnabranchError(.interrupted, "nobody took the recovery phrase, so no space was founded")
  }
}
