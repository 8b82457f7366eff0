import AnabranchNoise
import Foundation
import Testing

/// Against another implementation: by what it once said, and by talking to it.
@Suite(.timeLimit(.minutes(2))) struct NoiseVectorTests {
  @Test(arguments: NoisePattern.allCases) func saysWhatAnotherImplementationSays(pattern: NoisePattern) throws {
    let vectors = try #require(Self.vectors["\(pattern)".lowercased()])
    var pair = try NoisePair(fixed: pattern)
    for (number, message) in vectors.handshake.enumerated() {
      let payload = Array("payload \(number)".utf8)
      let isFromInitiator = number.isMultiple(of: 2)
      #expect(try (isFromInitiator ? pair.initiator.write(payload) : pair.responder.write(payload)).hex == message)
      let read = try isFromInitiator ? pair.responder.read(message.unhexed) : pair.initiator.read(message.unhexed)
      #expect(read == payload)
    }
    var (one, other) = (try #require(pair.initiator.session), try #require(pair.responder.session))
    #expect(one.handshakeHash.hex == vectors.hash && other.handshakeHash.hex == vectors.hash)
    #expect(one.remoteStatic == (try NoisePair.pair(of: 0x33).publicKey))
    #expect(other.remoteStatic == (try NoisePair.pair(of: 0x11).publicKey))
    #expect(vectors.transport.count == 6)
    for (number, message) in vectors.transport.enumerated() {
      let text = Array("message \(number)".utf8)
      // Ours has its length in front.
      let record = [0, UInt8(message.utf8.count / 2)] + message.unhexed
      if number.isMultiple(of: 2) {
        #expect(try one.seal(text) == record)
        #expect(try other.open(record) == text)
      } else {
        #expect(try other.seal(text) == record)
        #expect(try one.open(record) == text)
      }
    }
  }

  /// Needs a Python with the package noiseprotocol, at `NOISE_PYTHON`.
  @Test(
    .enabled(if: python != nil, "set NOISE_PYTHON to a Python that has the package noiseprotocol"),
    arguments: NoisePattern.allCases, [NoiseHandshake.Role.initiator, .responder])
  func talksToAnotherImplementation(pattern: NoisePattern, role: NoiseHandshake.Role) throws {
    let peer = try PythonPeer(Self.python ?? "", role == .initiator ? "responder" : "initiator", Self.name(pattern))
    defer { peer.end() }
    var handshake = try NoisePair.side(pattern, role)
    var number = 0
    while handshake.session == nil {
      let payload = Array("payload \(number)".utf8)
      if handshake.isToSpeak {
        try peer.send(handshake.write(payload))
      } else {
        #expect(try handshake.read(peer.receive()) == payload)
      }
      number += 1
    }
    var session = try #require(handshake.session)
    for number in 0..<6 {
      let text = Array("message \(number)".utf8)
      if number.isMultiple(of: 2) == (role == .initiator) {
        try peer.send(Array(session.seal(text).dropFirst(2)))
      } else {
        let record = try peer.receive()
        #expect(try session.open([0, UInt8(record.count)] + record) == text)
      }
    }
    #expect(try peer.receive() == session.handshakeHash)
  }

  private static let python = ProcessInfo.processInfo.environment["NOISE_PYTHON"]

  private static func name(_ pattern: NoisePattern) -> String {
    switch pattern {
    case .xx: "XX"
    case .xxpsk3: "XXpsk3"
    case .ik: "IK"
    }
  }

  private struct Vectors {
    var handshake: [String] = []
    var hash = ""
    var transport: [String] = []
  }

  private static let vectors: [String: Vectors] = {
    var all: [String: Vectors] = [:]
    var name = ""
    for line in NoiseVectors.text.split(separator: "\n") {
      let parts = line.split(separator: " ").map(String.init)
      switch parts[0] {
      case "pattern":
        name = parts[1].lowercased()
        all[name] = Vectors()
      case "handshake": all[name]?.handshake.append(parts[1])
      case "hash": all[name]?.hash = parts[1]
      default: all[name]?.transport.append(parts[1])
      }
    }
    return all
  }()
}

/// The other implementation, in a process of its own, with a message a line.
private final class PythonPeer {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var pending: [UInt8] = []

  init(_ python: String, _ role: String, _ pattern: String) throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Interop/noise_peer.py")
    process.executableURL = URL(filePath: python)
    process.arguments = ["-W", "ignore", script.path, role, pattern]
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
  }

  func send(_ message: [UInt8]) throws {
    try input.fileHandleForWriting.write(contentsOf: Array(message.hex.utf8) + [UInt8(ascii: "\n")])
  }

  func receive() throws -> [UInt8] {
    while !pending.contains(UInt8(ascii: "\n")) {
      guard let more = try output.fileHandleForReading.read(upToCount: 1), !more.isEmpty else { break }
      pending += more
    }
    let line = pending.prefix { $0 != UInt8(ascii: "\n") }
    pending.removeFirst(min(line.count + 1, pending.count))
    return String(decoding: line, as: UTF8.self).unhexed
  }

  func end() {
    process.terminate()
    process.waitUntilExit()
  }
}
