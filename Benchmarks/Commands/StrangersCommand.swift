internal import ArgumentParser
internal import Foundation

/// Connections from many addresses of this machine that lead nowhere, evenly over some time.
struct StrangersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "strangers", abstract: "The strangers of a measurement.", shouldDisplay: false)

  @Option(help: "Where they knock.")
  var address: String

  @Option(help: "How many there are.")
  var count: Int

  @Option(help: "Seconds in which they come.")
  var seconds: Int

  /// What became of them.
  struct Outcome: Codable {
    var connected = 0
    var refused = 0
    /// Bytes that the other side said to all of them together.
    var received = 0
  }

  /// Those who are still there; the oldest goes where there would be more.
  private static let waitingMax = 800

  func run() throws {
    guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else { throw ExitCode.failure }
    var outcome = Outcome()
    var waiting: [Int32] = []
    let start = Monotonic.seconds()
    for number in 0..<count {
      let due = start + Double(seconds) * Double(number) / Double(count)
      let now = Monotonic.seconds()
      if due > now { usleep(UInt32((due - now) * 1_000_000)) }
      if waiting.count == Self.waitingMax { Self.leave(waiting.removeFirst(), &outcome) }
      guard let guest = Self.knock(from: number, port) else {
        outcome.refused += 1
        continue
      }
      outcome.connected += 1
      waiting.append(guest)
    }
    for guest in waiting { Self.leave(guest, &outcome) }
    try PeerProcess.tell(outcome)
  }

  /// Connects from an address of its own and says something that is no handshake.
  private static func knock(from number: Int, _ port: UInt16) -> Int32? {
    let guest = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard guest >= 0 else { return nil }
    // 127.1.0.1 and up: as many neighbours as there are strangers.
    var here = Self.address(0x7f01_0001 + UInt32(number % 60_000), 0)
    var there = Self.address(0x7f00_0001, port)
    let isConnected = bind(guest, &here) == 0 && connect(guest, &there) == 0
    guard isConnected else {
      close(guest)
      return nil
    }
    let words = Array("GET / HTTP/1.1\r\nHost: anabranch\r\n\r\n".utf8)
    _ = send(guest, words, words.count, Int32(MSG_NOSIGNAL))
    return guest
  }

  /// Reads what the other side said, without waiting, and goes.
  private static func leave(_ guest: Int32, _ outcome: inout Outcome) {
    var bytes = [UInt8](repeating: 0, count: 1_024)
    let count = recv(guest, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    outcome.received += max(0, count)
    close(guest)
  }

  private static func address(_ host: UInt32, _ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = host.bigEndian
    return address
  }

  private static func bind(_ socket: Int32, _ address: inout sockaddr_in) -> Int32 {
    withAddress(&address) { Foundation.bind(socket, $0, $1) }
  }

  private static func connect(_ socket: Int32, _ address: inout sockaddr_in) -> Int32 {
    withAddress(&address) { Foundation.connect(socket, $0, $1) }
  }

  private static func withAddress(
    _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}
