internal import Anabranch
internal import Foundation

extension ControlServer {
  /// Tells what crosses connections until the asker goes away or the daemon ends. An asker who does not read is not waited for: what
  /// comes meanwhile is dropped, and counted.
  func showWire(_ channel: ControlSocket.Channel) async {
    let news = await replica.watchWire()
    let work = Task {
      for await one in news {
        let answer = ControlProtocol.Answer.wire(missed: one.missed, entry: Data(one.entry.canonicalBytes))
        guard let bytes = try? ControlProtocol.encode(answer), (try? await channel.send(bytes)) != nil else { break }
      }
      await channel.close()
    }
    await withTaskCancellationHandler {
      // The asker says nothing more; this returns when it has gone, or the replica was closed.
      while let more = try? await channel.receive(), !more.isEmpty {}
      work.cancel()
      await work.value
    } onCancel: {
      work.cancel()
      // What waits for an asker who does not read would wait for ever.
      Task { await channel.close() }
    }
  }
}
