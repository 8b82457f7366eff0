internal import Anabranch

extension ControlServer {
  /// Tells what happens until the asker goes away or the daemon ends.
  func follow(_ conversation: String?, _ channel: ControlSocket.Channel) async {
    let work = Task {
      do {
        var watch = try await Watch(conversation, on: replica) { event in
          try await channel.send(ControlProtocol.encode(ControlProtocol.Answer.event(event)))
        }
        try await watch.run()
      } catch let error as AnabranchError {
        await say(Response(failure: Failure(error)), channel)
      } catch {
        await say(Response(failure: Failure(AnabranchError(.io, "\(error)"))), channel)
      }
      await channel.close()
    }
    await withTaskCancellationHandler {
      // The asker says nothing more; this returns when it has gone, or the conversation has ended.
      while let more = try? await channel.receive(), !more.isEmpty {}
      work.cancel()
      await work.value
    } onCancel: {
      work.cancel()
    }
  }
}
