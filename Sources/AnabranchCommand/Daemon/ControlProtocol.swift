internal import Anabranch
internal import Foundation

/// What commands and the daemon say to each other: a request, then progress as often as there is some, then the
/// response. A message that comes word by word follows its request in pieces; who watches is told events until it goes.
/// Each frame is a version's byte and JSON.
enum ControlProtocol {
  private static let version: UInt8 = 7

  /// What the daemon sends.
  enum Answer: Codable, Sendable {
    case progress(done: Int64, total: Int64)
    case response(Response)
    case event(WatchEvent)
    /// Something happened on a connection: an entry of a recording, and how many before it were dropped.
    case wire(missed: UInt64, entry: Data)
    case pairing(PairingTalk.Event)
    /// That device lets this one in; whether to come in there has to be answered.
    case inviter(InviterReport)
  }

  /// What follows the request of a message that comes word by word, or of a device that is let in, or comes in.
  enum Piece: Codable, Sendable {
    case text(String)
    case end
    /// The recovery phrase was shown that came last.
    case shown
    /// What was asked is so: the other device is let in, or this one comes in.
    case answer(Bool)
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

  /// A channel to the daemon that serves the replica in `home`; nil where none does.
  static func daemon(of home: Home) async -> Channel? {
    try? await standard(of: home).connect()
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
    return try await response(on: channel, progress)
  }

  /// The response on `channel`; what comes before it is told to `progress`.
  static func response(
    on channel: ControlSocket.Channel, _ progress: (WorkProgress) -> Void
  ) async throws -> Response {
    while let frame = try await channel.receive() {
      switch try ControlProtocol.decode(ControlProtocol.Answer.self, frame) {
      case .progress(let done, let total):
        progress(WorkProgress(done: done, total: total))
      case .response(let response):
        if let failure = response.failure { throw AnabranchError(failure) }
        return response
      case .event, .wire, .pairing, .inviter:
        throw unexpected
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
  init(_ failure: Failure) {
    self.init(Code(rawValue: failure.code), failure.message, remedy: failure.remedy)
  }
}

/// The daemon's side.
struct ControlServer {
  let replica: Replica

  /// Answers one request. A client that goes away while an import runs cancels it.
  func answer(_ channel: ControlSocket.Channel) async {
    guard let frame = try? await channel.receive() else { return }
    switch try? ControlProtocol.decode(Request.self, frame) {
    case .stream(let opening)?:
      return await say(await take(opening, channel), channel)
    case .watch(let conversation)?:
      return await follow(conversation, channel)
    case .wire?:
      return await showWire(channel)
    case .pair(let opening)?:
      return await pair(opening, channel)
    case .join(let opening)?:
      return await join(opening, channel)
    default:
      break
    }
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
    await say(response, channel)
    watch.cancel()
  }

  func say(_ response: Response, _ channel: ControlSocket.Channel) async {
    if let answer = try? ControlProtocol.encode(ControlProtocol.Answer.response(response)) {
      try? await channel.send(answer)
    }
  }

  /// Writes a message word by word. Who goes away before the end has said what came.
  private func take(_ opening: StreamedMessage.Opening, _ channel: ControlSocket.Channel) async -> Response {
    var message: StreamedMessage?
    do {
      var taken = try await StreamedMessage(opening, on: replica)
      message = taken
      while let frame = try await channel.receive() {
        guard case .text(let text) = try ControlProtocol.decode(ControlProtocol.Piece.self, frame) else { break }
        try await taken.append(text)
        message = taken
      }
      return Response(written: try await taken.finish())
    } catch {
      _ = try? await message?.finish()
      return Response(failure: Failure(error as? AnabranchError ?? AnabranchError(.io, "\(error)")))
    }
  }

  private func respond(to frame: [UInt8], _ channel: ControlSocket.Channel) async -> Response {
    await respond(on: channel) { progress in
      let request = try ControlProtocol.decode(Request.self, frame)
      return try await request.perform(on: replica, progress: progress)
    }
  }

  /// What comes of `work`, which tells the other side of `channel` how far it is.
  func respond(
    on channel: ControlSocket.Channel, _ work: (@escaping @Sendable (WorkProgress) -> Void) async throws -> Response
  ) async -> Response {
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
      response = try await work { continuation.yield($0) }
    } catch {
      response = Response(failure: Failure(error) ?? Failure(AnabranchError(.io, "\(error)")))
    }
    continuation.finish()
    await reporting.value
    return response
  }
}
