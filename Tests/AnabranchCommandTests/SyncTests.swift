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
    let status = try await place.json("status")
    #expect(status["onlyHere"].count == 2 && status["uncounted"].count == 0 && status["unproved"].count == 0)

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

  /// What a server does that is no replica, in Python, and what is said of it.
  static let strangers = [
    "client.recv(10); client.sendall(b'HTTP/1.1 400 Bad Request\\r\\n\\r\\n')": "something else than a handshake",
    "client.sendall(bytes([255]) * 9000)": "something else than a handshake",
    "client.recv(10)": "closed the connection", "time.sleep(30)": "says nothing",
  ]

  @Test(.needsPython, arguments: strangers.keys.sorted())
  func somebodyElseOnThePortIsNoReplica(does: String) async throws {
    let place = try Workplace()
    try await place.replica()
    let script = """
      python3 - > "$folder/port" <<'end' & server=$!
      import socket, time
      server = socket.create_server(("127.0.0.1", 0))
      print(server.getsockname()[1], flush=True)
      client = server.accept()[0]
      \(does)
      client.close()
      end
      until [ -s "$folder/port" ]; do sleep 0.02; done
      $anabranch sync 127.0.0.1:$(cat "$folder/port") --json; status=$?
      kill $server 2>/dev/null; exit $status
      """
    let error = try await place.shell(script).failure("protocol")
    let said = try #require(Self.strangers[does])
    #expect(error["message"].text.contains("is not an Anabranch replica") && error["message"].text.contains(said))
    #expect(error["remedy"].text.contains("check the address and port"))
  }

  @Test func aDeviceDoesNotSyncWithItself() async throws {
    let place = try Workplace()
    try await place.replica()
    try FileManager.default.copyItem(atPath: place.path("laptop"), toPath: place.path("copy"))
    // It says once that it is a copy.
    _ = try await place.run("new", "On the copy", home: "copy")
    let daemon = try await Daemon(place)
    for home in ["laptop", "copy"] {
      let error = try await place.run("sync", daemon.address, "--json", home: home).failure("invalid")
      #expect(error["message"].text == "\(daemon.address) is this same device")
    }
    try await daemon.end()
  }

  /// A laptop and a copy of it made by hand, which both went on, and a phone that has met the laptop.
  private func copied(_ place: Workplace, laptopSays: Int) async throws -> (phone: Daemon, own: String) {
    let own = try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    try FileManager.default.copyItem(atPath: place.path("laptop"), toPath: place.path("copy"))
    // As with a machine that was set back as a whole, nothing beside the database tells that it is a copy.
    let forget = """
      python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); \
      d.execute("DELETE FROM setting WHERE name = \\"origin mark\\""); d.commit()' "$folder/copy/history.sqlite"
      """
    #expect(try await place.shell(forget).status == 0)
    for number in 1...laptopSays { try await place.json("say", id, "on the original \(number)") }
    try await place.json("say", id, "on the copy", home: "copy")
    let phone = try await Daemon(place, home: "phone")
    let first = try await place.json("sync", phone.address)
    #expect(first["excluded"].isArray && first["excluded"].array.isEmpty)
    return (phone, own)
  }

  /// With one message the two are equally long; with two the copy cannot see the difference by itself.
  @Test(arguments: [1, 2]) func bothBranchesOfACopiedDatabaseAreKept(laptopSays: Int) async throws {
    let place = try Workplace()
    let (phone, own) = try await copied(place, laptopSays: laptopSays)
    let synced = try await place.json("sync", phone.address, home: "copy")
    #expect(synced["excluded"].isArray && synced["excluded"].array.isEmpty)
    #expect(phone.events.contains { $0["event"].text == "forked" && $0["log"].text == own && $0["from"].count == 3 })
    #expect(!phone.events.contains { $0["event"].text == "excluded" })
    try await place.json("sync", phone.address)
    let text = try await place.run("sync", phone.address, home: "copy")
    #expect(text.status == 0 && text.output.hasPrefix("✓ phone: 0 changes out, 0 in"))
    try await phone.end()
    var states: Set<String> = []
    for home in ["laptop", "copy", "phone"] {
      let status = try await place.json("status", home: home)
      states.insert(status["stateHash"].text)
      #expect(status["messages"].count == laptopSays + 1)
      let fork = status["forks"][0]
      #expect(fork["log"].text == own && fork["after"].count == 3 && fork["branches"].array.count == 2)
      #expect((status["replica"].text == own) == false, "nobody goes on in it")
      let told = try await place.run("status", home: home).output
      #expect(told.contains("every branch is kept"), "\(told)")
    }
    #expect(states.count == 1)
  }
}
