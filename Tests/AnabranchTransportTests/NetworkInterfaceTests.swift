import AnabranchCore
import AnabranchDiscovery
import Testing

@testable import AnabranchTransport

@Suite struct NetworkInterfaceTests {
  private static let four = IPAddress.version4(192 << 24 | 168 << 16 | 1 << 8 | 20)
  private static let six = IPAddress.version6(Bytes16(high: 0x2001_0db8 << 32, low: 5))
  private static let link = IPAddress.version6(Bytes16(high: 0xfe80 << 48, low: 0xa1))
  private let interface = NetworkInterface(
    name: "eth0", index: 999_999, addresses: [four, six, link].map { InterfaceAddress($0, prefixBits: 24) })

  @Test(arguments: [
    ("0.0.0.0", [four]), ("::", [four, six, link]), ("192.168.1.20", [four]), ("2001:db8::5", [six]),
    ("192.168.1.21", []), ("127.0.0.1", []), ("localhost", []),
  ]) func othersReachWhoListens(host: String, at addresses: [IPAddress]) {
    #expect(interface.addresses(reaching: Endpoint(host: host, port: 4850)) == addresses)
  }

  @Test func whatWasFoundCanBeDialled() throws {
    let found = [Self.four, Self.six, Self.link].map { Endpoint($0, port: 4850, on: interface).description }
    // The address of one link alone says nothing without the link.
    #expect(found == ["192.168.1.20:4850", "[2001:db8::5]:4850", "[fe80::a1%eth0]:4850"])
    for place in found { _ = try Endpoint(parsing: place) }
  }

  @Test func theMachinesOwnInterfaceIsNoNetwork() throws {
    let all = try NetworkInterface.all()
    #expect(all.count <= TransportLimits.interfacesMax)
    for found in all {
      let hosts = found.addresses.map { Endpoint($0.address, port: 0, on: found) }
      #expect(!hosts.isEmpty && hosts.allSatisfy { !$0.isLoopback })
      #expect(found.addresses.allSatisfy { (0...128).contains($0.prefixBits) })
    }
  }

  /// What a connection says of where it leads from is among this machine's addresses.
  @Test func aConnectionLeadsFromAnAddressOfThisMachine() async throws {
    let listener = try await Listener.bind(to: Endpoint(host: "127.0.0.1", port: 0))
    let connection = try await Dialer.connect(to: listener.endpoint)
    #expect(connection.localHost == "127.0.0.1")
    #expect(try NetworkInterface.hosts().contains("127.0.0.1"))
    await connection.close()
    await listener.close()
  }

  @Test(arguments: MulticastSocket.Version.allCases) func whatIsNotThereIsAReason(version: MulticastSocket.Version)
    async
  {
    let error = await #expect(throws: TransportError.self) { try await MulticastSocket.open(on: interface, version) }
    #expect(error?.message.contains("eth0") == true)
  }
}
