import Foundation
import Testing

@testable import Anabranch
@testable import AnabranchCommand

/// `inspect peers`: who lacks what, and whom this device is connected with, or why not.
@Suite(.timeLimit(.minutes(3))) struct InspectPeersTests {
  /// What it says at 80 columns, without addresses, times and spans, and in one line what is wrapped.
  private func told(_ place: Workplace, _ more: String...) async throws -> String {
    let result = try await Command.run(["inspect", "peers"] + more, environment: place.environment())
    #expect(result.status == 0 && result.errors.isEmpty)
    let plain = result.output.replacing(/\u{1B}\[[0-9;]*m/, with: "")
    #expect(plain.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(plain)")
    return result.output.replacing(/\d{4}-\d\d-\d\d \d\d:\d\d/, with: "<minute>")
      .replacing(/127.0.0.1:\d+/, with: "<address>")
  }

  @Test func tellsWhatOtherDevicesLack() async throws {
    let (place, id) = try await Workplace.merged()
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    let up = try await place.json("inspect", "peers").array
    #expect(up.map { $0["name"].text } == ["phone"] && up[0]["lacks"].count == 0 && up[0]["gaps"].array.isEmpty)
    #expect(up[0]["address"].text == daemon.address && up[0]["role"].text == "owner")
    let first = try await place.json("say", id, "Left at the square.")["message"].text
    try await place.json("title", id, "Lisboa")
    let behind = try await place.json("inspect", "peers")[0]
    let gap = behind["gaps"][0]
    #expect(behind["lacks"].count == 2 && behind["gaps"].array.count == 1)
    #expect(gap["device"].text == "laptop" && gap["last"].count == gap["first"].count + 1)
    let change = try await place.json("inspect", "show", gap["log"].text + "/\(gap["first"].count)")[0]
    #expect(change["time"].text == gap["since"].text)
    #expect(try await place.json("show", id)["messages"].array.last?["id"].text == first)
    // The phone's daemon does not tell the laptop's commands whom it is connected with.
    #expect(behind["connection"]["state"].text == "not-served" && behind["connection"]["last"].isNull)
    #expect(
      try await told(place) == """
        phone             lacks 2 changes  met <minute>  at <address>
            \(gap["first"].count) to \(gap["last"].count) of laptop, since <minute>
        Nobody serves this replica now, so it is connected with none: `anabranch serve`.

        """)
    try await place.json("devices", "remove", "phone", "--yes")
    #expect(try await place.golden("inspect", "peers").contains("was removed, and gets nothing"))
  }

  /// What a device has said to the daemon counts, also before that is on the disk.
  @Test func aConnectedDeviceLacksWhatItHasNotSaidThatItHolds() async throws {
    let (place, id) = try await Workplace.merged()
    try await place.json("say", id, "Left at the square.")
    let replica = try await Replica.read(at: Home(place.path("laptop")))
    var status = ConnectionStatus()
    let phone = try #require(try await replica.devices().first { !$0.isThisOne }).device
    let held = try await replica.heldVector()
    let cases: [(VersionVector, UInt64)] = [(VersionVector(), 1), (held, 0)]
    for (known, lacks) in cases {
      let state = DeviceConnection.State.connected(address: "phone:1", isDialled: true, since: 1, known: known)
      status.devices = [DeviceConnection(device: phone, state: state)]
      let frame = try ControlProtocol.encode(Response(connections: ConnectionsReport(status)))
      let response = try ControlProtocol.decode(Response.self, frame)
      let reports = try await LackReport.all(of: replica, .daemon(#require(response.connections)))
      #expect(reports.map(\.lacks) == [lacks] && reports[0].connection.state == .connected)
    }
    try await replica.close()
  }

  /// One daemon is connected with a tablet, while the phone's has ended and the desktop keeps it out.
  @Test func tellsWhyADeviceIsNotConnected() async throws {
    let place = try Workplace()
    for home in ["laptop", "phone", "desktop", "tablet"] { try await place.replica(home) }
    let phone = try await Daemon(place, home: "phone")
    try await place.json("sync", phone.address)
    let gone = phone.address
    try await phone.end()
    try await place.json("new", "Trip")
    let desktop = try await Daemon(place, home: "desktop")
    try await place.json("devices", "remove", "laptop", "--yes", home: "desktop")
    let laptop = try await Daemon(place, peers: [gone, desktop.address, "127.0.0.1:1"])
    let tablet = try await Daemon(place, home: "tablet", peers: [laptop.address])

    var peers: [String: JSON] = [:]
    try await place.wait(for: "each attempt to have failed or come about") {
      let all = try await place.json("inspect", "peers").array
      peers = Dictionary(uniqueKeysWithValues: all.map { ($0["name"].text, $0["connection"]) })
      return peers["tablet"]?["state"].text == "connected" && all.count { $0["connection"]["retryMs"].count >= 0 } == 2
    }
    let (one, other) = (try #require(peers["phone"]), try #require(peers["desktop"]))
    #expect(one["state"].text == "waiting" && one["address"].text == gone && one["last"]["cause"].text == "refused")
    #expect(one["last"]["dialled"].bool == true && one["last"]["time"].text.isTime && one["retryMs"].count <= 60_000)
    #expect(other["state"].text == "waiting" && other["last"]["cause"].text == "turned-away")
    #expect(peers["tablet"]?["dialled"].bool == false && peers["tablet"]?["since"].text.isTime == true)
    for connection in peers.values {
      #expect(
        connection.keys == ["state", "address", "since", "dialled", "retryMs", "discovery", "last", "unmet"])
    }
    let bare = try await place.json("inspect", "peers", home: "tablet").array
    #expect(bare.map { $0["connection"]["state"].text }.sorted() == ["connected", "not-dialled", "not-dialled"])

    let waiting = /it is dialled at <address> in [0-9]+ [a-z]+\./
    var text = ""
    try await place.wait(for: "nobody to be dialled just now") {
      // Where it is broken into lines depends on how long the port is.
      text = try await told(place).replacing(/\n {4}(?![0-9]|Not|Connected)/, with: " ")
      return text.matches(of: waiting).count == 2
    }
    #expect(
      text.replacing(waiting, with: "it waits.").replacing(/[0-9]+ changes?/, with: "<n> changes")
        .replacing(/\n {4}[0-9].*/, with: "") == """
          phone             lacks <n> changes  met <minute>  at <address>
              Not connected: it waits. Last tried <minute>: could not connect to <address>: nobody listens there.
          desktop           lacks <n> changes  met <minute>  it called
              Not connected: it waits. Last tried <minute>: the device at <address> closed the connection before it greeted \
          this one; it may not know this one, or not any more.
          tablet            has everything  met <minute>  it called
              Connected since <minute>: it called, from <address>.

          """)
    let coloured = try await told(place, "--color", "always")
    #expect(
      coloured.hasSuffix(
        """
        \u{1B}[36mtablet          \u{1B}[0m  \u{1B}[32mhas everything\u{1B}[0m  \u{1B}[2mmet <minute>\u{1B}[0m  \u{1B}[2mit called\u{1B}[0m
            Connected since <minute>: it called, from <address>.

        """))
    try await place.json("devices", "remove", "phone", "--yes")
    let removed = try await place.json("inspect", "peers").array.first { $0["name"].text == "phone" }
    #expect(removed?["connection"]["state"].text == "removed")
    for daemon in [laptop, desktop, tablet] { try await daemon.end() }
  }
}
