import Testing

@testable import AnabranchTransport

@Suite struct EndpointTests {
  @Test(arguments: [
    ("127.0.0.1:4850", "127.0.0.1", 4850, true),
    ("localhost:1", "localhost", 1, true),
    ("LOCALHOST:1", "LOCALHOST", 1, true),
    ("[::1]:65535", "::1", 65535, true),
    ("127.255.0.9:0", "127.255.0.9", 0, true),
    ("0.0.0.0:80", "0.0.0.0", 80, false),
    ("[::]:80", "::", 80, false),
    ("desk.example:4850", "desk.example", 4850, false),
    ("127.example.com:1", "127.example.com", 1, false),
    ("127.0.0.1.evil.example:1", "127.0.0.1.evil.example", 1, false),
    ("[fe80::1%eth0]:7", "fe80::1%eth0", 7, false),
  ])
  func isRead(text: String, host: String, port: UInt16, isLoopback: Bool) throws {
    let endpoint = try Endpoint(parsing: text)
    #expect(endpoint == Endpoint(host: host, port: port))
    #expect(endpoint.isLoopback == isLoopback)
    #expect("\(endpoint)" == text)
  }

  @Test(arguments: [
    "", ":", "host", "host:", ":80", "host:65536", "host:-1", "host:+1", "host: 1", "host:1 ", "::1:80",
    "[::1]",
    "[::1]80", "[::1:80", "[host]:80", "ho st:80", "host:８０", "h\u{0}st:1", "[]:1",
    String(repeating: "a", count: 256) + ":1",
  ])
  func isRefused(text: String) {
    let error = #expect(throws: TransportError.self) { try Endpoint(parsing: text) }
    #expect(error?.code == .address)
    #expect(error?.remedy.isEmpty == false)
  }

  @Test func bridgesToItsOwnContainersAreTriedLast() {
    let found = [
      ("lo", "127.0.0.1"), ("docker0", "172.17.0.1"), ("br-1f2e", "172.18.0.1"), ("eth0", "2001:db8::5"),
      ("eth0", "fe80::1"), ("wlan0", "192.168.1.5"), ("virbr0", "192.168.122.1"), ("eth0", "169.254.3.4"),
    ]
    #expect(Endpoint.reachable(found) == ["192.168.1.5", "2001:db8::5", "172.17.0.1"])
    #expect(Endpoint.reachable([("lo", "127.0.0.1")]) == [])
    #expect(Endpoint.reachable([("docker0", "172.17.0.1")]) == ["172.17.0.1"])
  }
}
