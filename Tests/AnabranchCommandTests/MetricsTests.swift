import Foundation
import Testing

@testable import AnabranchCommand

/// `metrics`: what a daemon did, for programs that watch.
@Suite(.timeLimit(.minutes(3))) struct MetricsTests {
  /// The values of Prometheus' text format, by name and labels; every one with a help and a type before it.
  private func values(_ text: String) throws -> [String: Int] {
    var values: [String: Int] = [:]
    var described: Set<Substring> = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("#") {
        let words = line.split(separator: " ", maxSplits: 3)
        if words[1] == "TYPE" { described.insert(words[2]) }
        continue
      }
      let match = try #require(line.wholeMatch(of: /((anabranch_[a-z_]+)(?:\{[a-z]+="[0-9a-z]+"\})?) (\d+)/), "\(line)")
      #expect(described.contains(match.2))
      #expect(values.updateValue(try #require(Int(match.3)), forKey: String(match.1)) == nil)
    }
    return values
  }

  @Test func aDaemonCountsWhatItDid() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    try await place.json("new", "a secret title", home: "phone")
    let daemon = try await Daemon(place)
    let synced = try await place.json("sync", daemon.address, home: "phone")
    // Somebody who says nothing that a member would say.
    let script =
      "exec 3<>/dev/tcp/${address%:*}/${address##*:}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3; exit 0"
    #expect(try await place.shell(script, with: ["address": daemon.address]).output == "")
    try await place.wait(for: "both connections to end") {
      daemon.events.count { $0["event"].text == "disconnected" } == 2
    }
    let result = try await place.run("metrics")
    let values = try values(result.output)
    #expect(values["anabranch_serving"] == 1)
    #expect(values["anabranch_connections"] == 0 && values["anabranch_sessions"] == 0)
    #expect(values["anabranch_connections_total{direction=\"in\"}"] == 2)
    #expect(values["anabranch_connections_total{direction=\"out\"}"] == 0)
    #expect(values["anabranch_sessions_total"] == 1)
    #expect(values["anabranch_connections_unproven_total"] == 1)
    #expect(values["anabranch_sync_changes_total{direction=\"received\"}"] == synced["sentChanges"].count)
    #expect(values["anabranch_sync_changes_total{direction=\"sent\"}"] == synced["receivedChanges"].count)
    #expect(values["anabranch_sync_bytes_total{direction=\"received\"}"] ?? 0 > synced["sentBytes"].count)
    #expect(values["anabranch_sync_bytes_total{direction=\"sent\"}"] == synced["receivedBytes"].count)
    #expect(values["anabranch_database_bytes{file=\"main\"}"] ?? 0 > 0)
    #expect(values.filter { $0.key.hasPrefix("anabranch_peer_lacks_changes{") }.map(\.value) == [0])
    #expect(!result.output.contains("secret") && !result.output.contains("phone"))
    let report = try await place.json("metrics")
    #expect(report["sessionsBegun"].count == 1 && report["peers"].array.count == 1)
    try await daemon.end()
  }

  @Test func withoutADaemonTheDiskIsCounted() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("new", "a title")
    let values = try values(try await place.run("metrics").output)
    #expect(values["anabranch_serving"] == 0)
    #expect(values["anabranch_changes"] ?? 0 > 1)
    #expect(values["anabranch_sync_bytes_total{direction=\"sent\"}"] == 0)
    try await place.run("metrics", "--json", home: "nobody").failure("not-found")
  }
}
