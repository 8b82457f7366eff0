internal import Anabranch
internal import AnabranchCore
internal import ArgumentParser
internal import Foundation

/// What a daemon costs with many devices connected, and what strangers who come in crowds do to those.
struct CrowdCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crowd", abstract: "Connects many devices with one daemon, and has strangers knock at it meanwhile.",
    discussion: """
      The daemon is a process of its own, and so are the strangers, each of whom comes from an address of its own, says \
      something that is no handshake, and waits to be shown the door. A message goes from one device through the daemon to another one \
      every 100 ms: once with nobody else about, and once while the strangers come.
      """)

  @OptionGroup var scratch: ScratchFolder

  @Option(help: "Devices that are connected and say nothing, but two of them.")
  var peers = 200

  @Option(help: "Strangers.")
  var strangers = 10_000

  @Option(help: "Seconds in which they come.")
  var seconds = 60

  func run() async throws {
    defer { scratch.remove() }
    let report = Report(bench: "crowd", configuration: "\(peers)-peers-\(strangers)-strangers-\(seconds)s")
    let (home, space, hub) = try await makeHub()
    var replicas: [Replica] = []
    var servers: [Server] = []
    for number in 1...peers {
      let replica = try await Replica.create(at: Home(scratch.path + "/\(number)"), name: "\(number)")
      try await hub.enrol(replica.device(), as: .owner)
      try await replica.join(space, invitedBy: hub.device(), as: .owner)
      servers.append(try await replica.serve(on: "127.0.0.1:0"))
      replicas.append(replica)
    }
    try await hub.close()
    let daemon = try PeerProcess(["hub", "--home", home.path] + servers.flatMap { ["--peer", $0.address] })
    let idle = try daemon.value(HubCommand.Idle.self)
    try report.value("peers", "sessions", idle.sessions)
    try report.value("rss_alone", "B", idle.memoryAlone)
    try report.value("rss_idle", "B", idle.memory)
    try await push("push_undisturbed", over: min(seconds, 20), from: replicas[0], to: replicas[1], report)
    let crowd = try PeerProcess(
      ["strangers", "--address", idle.address, "--count", "\(strangers)", "--seconds", "\(seconds)"])
    try await push("push_in_a_crowd", over: seconds, from: replicas[0], to: replicas[1], report)
    let turnedAway = try crowd.value(StrangersCommand.Outcome.self)
    try report.value("strangers", "connections", turnedAway.connected)
    try report.value("strangers_refused", "connections", turnedAway.refused)
    try report.value("bytes_to_strangers", "B", turnedAway.received)
    crowd.wait()
    for server in servers { await server.stop() }
    for replica in replicas { try await replica.close() }
    try report.value("rss_peak", "B", try daemon.value(HubCommand.End.self).peak)
    daemon.wait()
  }

  private func makeHub() async throws -> (Home, Bytes16, Replica) {
    let home = Home(scratch.path + "/hub")
    let hub = try await Replica.create(at: home, name: "hub")
    _ = try await hub.found()
    guard let space = try await hub.space() else { throw ExitCode.failure }
    return (home, space, hub)
  }

  /// A message every 100 ms for so many seconds, from one device to another: through the daemon, to which both are connected.
  private func push(
    _ figure: String, over seconds: Int, from writer: Replica, to reader: Replica, _ report: Report
  ) async throws {
    let changes = reader.changes
    let chat = try await writer.newConversation(figure)
    let count = seconds * 10
    let reading = Task {
      var laps: [Lap] = []
      for await change in changes where change.conversations.contains(chat) {
        let now = Monotonic.seconds()
        let told = try await reader.messages(of: chat).dropFirst(laps.count)
        laps += told.compactMap { Double($0.text) }.map { Lap(wall: now - $0, cpu: 0) }
        if laps.count == count { break }
      }
      return laps
    }
    for _ in 0..<count {
      try await writer.say("\(Monotonic.seconds())", in: chat)
      try await Task.sleep(for: .milliseconds(100))
    }
    let laps = try await reading.value
    try report.median(figure, laps)
    try report.percentile(99, of: figure, laps)
  }
}
