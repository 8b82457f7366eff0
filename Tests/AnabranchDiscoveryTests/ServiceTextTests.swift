import AnabranchCore
import AnabranchDiscovery
import Foundation
import Testing

@testable import struct AnabranchDiscovery.ServiceText

/// What an announcement says of who makes it, and to whom.
@Suite struct ServiceTextTests {
  private static let space = Bytes16(0..<16) ?? Bytes16(high: 0, low: 0)
  private static let device = Digest([UInt8](repeating: 0x61, count: 32)) ?? .zero
  private static let nonce = Bytes16([UInt8](repeating: 0x77, count: 16)) ?? Bytes16(high: 0, low: 0)

  /// The bytes of docs/protocol.md, which were made without this code: see there.
  @Test func itIsWhatTheDocumentSays() throws {
    let text = ServiceText(of: Self.device, in: Self.space, nonce: Self.nonce)
    let bytes = text.strings.flatMap { [UInt8($0.count)] + $0 }
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let document = try String(contentsOf: root.appending(path: "docs/protocol.md"), encoding: .utf8)
    let section = try #require(document.components(separatedBy: "\n## On the local network\n").dropFirst().first)
    #expect(section.contains("\n" + Hexadecimal.encode(bytes) + "\n"), "\(Hexadecimal.encode(bytes))")
  }

  @Test func onlyAMemberKnowsWhoseItIs() {
    let text = ServiceText(of: Self.device, in: Self.space, nonce: Self.nonce)
    let stranger = Digest.device(9)
    func author(_ space: Bytes16, _ others: [Digest], _ text: ServiceText) -> Digest? {
      Membership(space: space, own: stranger, others: others).author(of: text)
    }
    #expect(author(Self.space, [.device(1), Self.device], text) == Self.device)
    #expect(author(Self.space, [.device(1)], text) == nil)
    #expect(author(Bytes16(high: 1, low: 2), [Self.device], text) == nil)
    let altered = ServiceText([Array("n=".utf8) + [0] + text.nonce.bytes.dropFirst(), text.strings[1]])
    #expect(altered.flatMap { author(Self.space, [Self.device], $0) } == nil)
  }

  @Test func itIsReadAmongOtherStrings() {
    let text = ServiceText(of: Self.device, in: Self.space, nonce: Self.nonce)
    #expect(ServiceText([[], Array("x=1".utf8)] + text.strings.reversed() + [Array("n=late".utf8)]) == text)
    #expect(ServiceText([]) == nil)
    #expect(ServiceText([text.strings[0]]) == nil)
    #expect(ServiceText([text.strings[0] + [0], text.strings[1]]) == nil)
    #expect(ServiceText([Array(text.strings[0].dropLast()), text.strings[1]]) == nil)
  }
}
