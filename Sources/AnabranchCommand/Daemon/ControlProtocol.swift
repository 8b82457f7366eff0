internal import Anabranch
internal import Foundation

/// What commands and the daemon say to each other: a request, then progress as often as there is some, then the
/// response. Each frame is a version's byte and JSON.
enum ControlProtocol {
  private static let version: UInt8 = 2

  /// What the daemon sends.
  enum Answer: Codable, Sendable {
    case progress(done: Int64, total: Int64)
    case response(Response)
  }

  static func encode(_ value: some Encodable) throws -> [UInt8] {
    [version] + (try JSONEncoder().encode(value))
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ frame: [UInt8]) throws -> Value {
    guard frame.first == version else {
      throw AnabranchError(
        .protocolViolation,
        "expected version \(version) of the daemon's protocol, got \(frame.first.map(String.init) ?? "nothing")",
        remedy: "run a command and a daemon of the same version")
    }
    do {
      return try JSONDecoder().decode(type, from: Data(frame.dropFirst()))
    } catch {
      throw AnabranchError(.protocolViolation, "a frame of the daemon's protocol cannot be read: \(error)")
    }
  }
}

extension ControlSocket {
  /// The socket of the replica in `home`, where this system keeps such things.
  static func standard(of home: Home) throws(AnabranchError) -> ControlSocket {
    let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"]
    return try ControlSocket(of: home, runtimeFolder: runtime.flatMap { $0.hasPrefix("/") ? $0 : nil })
  }
}

extension Writing {
  /// Has the daemon on the other side of `channel` carry out `request`.
  static func handOver(
    _ request: Request, on channel: ControlSocket.Channel, progress: @Sendable (WorkProgress) -> Void
  ) async throws -> Response {
    do {
      let response = try await answer(to: request, on: channel, progress)
      await channel.close()
      return response
    } catch {
      await channel.close()
      throw error
    }
  }

  private static func answer(
    to request: Request, on channel: ControlSocket.Channel, _ progress: (WorkProgress) -> Void
  ) async throws -> Response {
    try await channel.send(ControlProtocol.encode(request))
    while let frame = try await channel.receive() {
      switch try ControlProtocol.decode(ControlProtocol.Answer.self, frame) {
      case .progress(let done, let total):
        progress(WorkProgress(done: done, total: total))
      case .response(let response):
        if let failure = response.failure { throw AnabranchError(failure) }
        return response
      }
    }
    try Task.checkCancellation()
    throw AnabranchError(
      .unreachable, "the daemon ended before it answered; what it had written is kept",
      remedy: "look whether it is running, then run the command again")
  }
}

extension AnabranchError {
  /// What the daemon failed with.
  fileprivate init(_ failure: Failure) {
    self.init(Code(rawValue: failure.code), failure.message, remedy: failure.remedy)
  }
}

/// The daemon's side.
struct ControlServer {
  let replica: Replica

  /// Answers one request. A client that goes away while an import runs cancels it.
  func answer(_ channel: ControlSocket.Channel) async {
    guard let frame = try? await channel.receive() else { return }
    let work = Task { await self.respond(to: frame, channel) }
    let watch = Task {
      // The client says nothing more; this returns when it has gone.
      while let more = try? await channel.receive(), !more.isEmpty {}
      work.cancel()
    }
    let response: Response = await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      work.cancel()
    }
    if let answer = try? ControlProtocol.encode(ControlProtocol.Answer.response(response)) {
      try? await channel.send(answer)
    }
    watch.cancel()
  }

  private func respond(to frame: [UInt8], _ channel: ControlSocket.Channel) async -> Response {
    let (states, continuation) = AsyncStream.makeStream(
      of: WorkProgress.self, bufferingPolicy: .bufferingNewest(1))
    let reporting = Task {
      for await state in states {
        let answer = ControlProtocol.Answer.progress(done: state.done, total: state.total)
        guard let bytes = try? ControlProtocol.encode(answer) else { return }
        try? await channel.send(bytes)
      }
    }
    let response: Response
    do {
      let request = try ControlProtocol.decode(Request.self, frame)
      response = try await request.perform(on: replica) { continuation.yield($0) }
    } catch let error as AnabranchError {
      response = Response(failure: Failure(error))
    } catch {
      response = Response(failure: Failure(AnabranchError(.io, "\(error)")))
    }
    continuation.finish()
    await reporting.value
    return response
  }
}
