import AnabranchCore
import Testing

@testable import AnabranchDiscovery

@Suite struct AddressTests {
  private static func address(_ bytes: UInt8...) -> IPAddress {
    IPAddress(bytes) ?? .version4(0)
  }

  private static let link = IPAddress([0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [1]) ?? .version4(0)

  @Test func bytesAndBack() {
    for bytes in [[10, 0, 0, 1], [UInt8](0..<16)] as [[UInt8]] { #expect(IPAddress(bytes)?.bytes == bytes) }
    for count in [0, 3, 5, 15, 17] { #expect(IPAddress([UInt8](repeating: 1, count: count)) == nil) }
    #expect(Self.link.isOfLink && !Self.address(169, 254, 0, 1).isOfLink)
  }

  @Test(
    arguments: [
      (24, [10, 1, 2, 99], true), (24, [10, 1, 3, 3], false), (23, [10, 1, 3, 3], true), (25, [10, 1, 2, 200], false),
      (32, [10, 1, 2, 3], true), (32, [10, 1, 2, 4], false), (1, [127, 0, 0, 1], true), (1, [128, 0, 0, 1], false),
      // Without a prefix, or with one that there is not, nobody is near.
      (0, [10, 1, 2, 3], false), (33, [10, 1, 2, 3], false), (-1, [10, 1, 2, 3], false),
    ] as [(Int, [UInt8], Bool)]) func whoIsOnTheLink(prefix: Int, other: [UInt8], isNear: Bool) throws
  {
    let own = InterfaceAddress(Self.address(10, 1, 2, 3), prefixBits: prefix)
    #expect(own.reaches(try #require(IPAddress(other))) == isNear)
    #expect(!own.reaches(Self.link))
  }

  @Test func noDeviceHasTheAddressOfAGroup() {
    let none = [
      Self.address(0, 0, 0, 0), Self.address(127, 0, 0, 1), Self.address(224, 0, 0, 251),
      Self.address(255, 255, 255, 255),
      .version6(Bytes16(high: 0, low: 0)), .version6(Bytes16(high: 0, low: 1)),
      .version6(Bytes16(high: 0xff02 << 48, low: 0xfb)),
    ]
    #expect(none.allSatisfy { !$0.isOfDevice })
    #expect(Self.link.isOfDevice && Self.address(10, 0, 0, 1).isOfDevice && Self.address(169, 254, 0, 1).isOfDevice)
  }
}
