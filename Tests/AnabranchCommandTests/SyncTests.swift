import Foundation
import Testing

/// One exchange, and who is known to have what.
@Suite(.timeLimit(.minutes(3))) struct SyncTests {
  @Test func nobodyThereIsAClearFailure() async throws {
    let place = try Workplace()
    try await place.replica()
    let error = try await place.run("sync", "127.0.0.1:1", "--json").failure("unreachable")
    #expect(error["message"].text.contains("127.0.0.1:1") && !error["remedy"].text.isEmpty)
    try await place.run("sync", "no-such-host.invalid:4850", "--json").failure("unreachable")
    let text = try await place.run("sync", "127.0.0.1:1")
    #expect(text.status == 1 && text.output == "" && text.errors.hasPrefix("anabranch: "))
  }

  @Test func anExchangeCountsBothWays() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let device = try await place.json("status")["device"].text
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("say", id, "hello")
    try await place.json("new", "Other", home: "phone")
    #expect(try await place.json("status")["onlyHere"].count == 2)

    let daemon = try await Daemon(place)
    let synced = try await place.json("sync", daemon.address, home: "phone")
    #expect(synced.keys.isSuperset(of: ["peer", "sentChanges", "receivedChanges", "sentBytes", "receivedBytes"]))
    #expect(synced["peer"].text == device && synced["name"].text == "laptop")
    #expect(synced["sentChanges"].count == 1 && synced["receivedChanges"].count == 2)
    #expect(synced["sentBytes"].count > 100 && synced["receivedBytes"].count > 100)
    let again = try await place.json("sync", daemon.address, home: "phone")
    #expect(again["sentChanges"].count == 0 && again["receivedChanges"].count == 0)
    let text = try await place.run("sync", daemon.address, home: "phone")
    #expect(text.output.hasPrefix("✓ laptop: 0 changes out, 0 in") && text.errors == "")

    let (here, there) = (try await place.json("status"), try await place.json("status", home: "phone"))
    #expect(here["stateHash"].text == there["stateHash"].text)
    #expect(here["versionVector"].canonical == there["versionVector"].canonical)
    for (status, name) in [(here, "phone"), (there, "laptop")] {
      #expect(status["onlyHere"].count == 0)
      #expect(status["peers"].array.count == 1 && status["peers"][0]["name"].text == name)
      #expect(status["peers"][0]["lacks"].count == 0 && status["peers"][0]["contact"].text.isTime)
    }
    try await daemon.end()
    try await place.json("say", id, "more")
    let later = try await place.json("status")
    #expect(later["onlyHere"].count == 1 && later["peers"][0]["lacks"].count == 1)
    #expect(try await place.run("status").output.contains("lacks 1 change\n") == false)
    #expect(try await place.run("status").output.contains("lacks 1 change "))
  }

  @Test func anInterruptedExchangeEnds() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let daemon = try await Daemon(place)
    daemon.signal(SIGSTOP)
    let script = """
      $anabranch sync \(daemon.address) --json & sync=$!
      until grep -q "process $sync" "$ANABRANCH_HOME/writer.lock"; do sleep 0.02; done
      sleep 0.2; kill -INT $sync; wait $sync
      """
    try await place.shell(script, home: "phone").failure("interrupted", status: 130)
    daemon.signal(SIGCONT)
    try await place.json("sync", daemon.address, home: "phone")
    try await daemon.end()
  }

  @Test(.needsPython) func somebodyElseOnThePortIsAClearFailure() async throws {
    let place = try Workplace()
    try await place.replica()
    let script = """
      python3 - > "$folder/port" <<'end' &
      import socket
      server = socket.create_server(("127.0.0.1", 0))
      print(server.getsockname()[1], flush=True)
      client = server.accept()[0]
      client.recv(10)
      client.sendall(b"HTTP/1.1 400 Bad Request\\r\\n\\r\\n")
      client.close()
      end
      until [ -s "$folder/port" ]; do sleep 0.02; done
      $anabranch sync 127.0.0.1:$(cat "$folder/port") --json
      """
    let result = try await place.shell(script)
    #expect(result.status == 1 && result.output == "")
    #expect(result.errors.contains("\"error\""), "\(result.errors)")
  }
}
