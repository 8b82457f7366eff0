internal import Anabranch

extension ControlServer {
  /// Lets a device in, and asks who wants that, until one is in or the asker goes away.
  func pair(_ opening: PairingTalk.Opening, _ channel: ControlSocket.Channel) async {
    let (answers, continuation) = AsyncStream.makeStream(of: Bool.self)
    let talk = PairingTalk(
      replica: replica,
      tell: { try await channel.send(ControlProtocol.encode(ControlProtocol.Answer.pairing($0))) },
      answer: { _ in
        for await answer in answers { return answer }
        return false
      })
    let work = Task {
      do {
        return Response(paired: NewcomerReport(try await talk.run(opening)))
      } catch {
        return Response(failure: Failure(error as? AnabranchError ?? AnabranchError(.io, "\(error)")))
      }
    }
    let listening = Task {
      while let frame = try? await channel.receive(), !frame.isEmpty {
        if case .letIn(let answer)? = try? ControlProtocol.decode(ControlProtocol.Piece.self, frame) {
          continuation.yield(answer)
        }
      }
      // The asker has gone: nobody is there to say yes.
      continuation.finish()
      await replica.endInvitation()
    }
    let response = await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      Task { await replica.endInvitation() }
    }
    await say(response, channel)
    listening.cancel()
    await channel.close()
  }
}
