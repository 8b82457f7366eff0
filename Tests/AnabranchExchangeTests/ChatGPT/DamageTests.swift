import Anabranch
import SeededRandom
import Testing

@testable import AnabranchExchange

@Suite struct DamageTests {
  private static let export =
    "[\(Exports.rich.dropFirst().dropLast()),\(Exports.conversation(Exports.node("a", parent: nil), id: "c2"))]"

  @Test func cutOffAnywhereItSaysSo() throws {
    let bytes = Array(Self.export.utf8)
    let whole = try Reading.chatGPT(Self.export)
    for length in 0..<bytes.count {
      let reading = try Reading(ChatGPTReader(MemorySource(Array(bytes[..<length])), layout: .list))
      #expect(reading.warnings.contains { $0.code == "damaged" && $0.skipped }, "cut at \(length)")
      #expect(reading.messages.allSatisfy(whole.messages.contains))
    }
  }

  @Test func whatIsKnownByNameIsKeptWhenTheFileBreaksOff() throws {
    let first = #"[{"id":"c9","mapping":{"#
    let text =
      first
      + [
        Exports.node("a", parent: nil, children: ["b"]), Exports.node("b", parent: "a", children: []),
        #""c":{"mess"#,
      ].joined(separator: ",")
    let reading = try Reading.chatGPT(text)
    #expect(reading.outline == ["a<", "b<a"])
    #expect(reading.conversations.map(\.id) == ["c9"])
    #expect(reading.codes == ["damaged"])
    let nameless = try Reading.chatGPT(text.replacing(#""id":"c9","#, with: ""))
    #expect(nameless.conversations == [] && nameless.codes == ["damaged"])
  }

  /// Whatever bytes come, there is a history and warnings, or an error, and it ends.
  @Test(arguments: [HistoryShape.chatGPT(.list), .chatGPT(.wrapped), .chatGPT(.single), .oasst, .ownExport])
  func changedAnyhowItNeverCrashes(shape: HistoryShape) throws {
    var random = RandomStream(seed: 2)
    let own = try LineExports.text(of: Reading.chatGPT(Self.export).events)
    let originals = [
      Self.export, #"{"conversations":\#(Self.export)}"#, String(Exports.rich.dropFirst().dropLast()),
      LineExports.trees, own,
    ]
    for original in originals.map({ Array($0.utf8) }) {
      for _ in 0..<150 {
        var bytes = original
        for _ in 0...random.below(4) {
          let place = random.below(bytes.count)
          switch random.below(4) {
          case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
          case 1: bytes.remove(at: place)
          case 2: bytes.insert(Array("\"\\{}[],:u0\n".utf8)[random.below(11)], at: place)
          default:
            let end = min(bytes.count, place + random.below(40))
            bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
          }
        }
        do {
          _ = try Reading(HistoryFile.reader(of: MemorySource(bytes), shape, "test"))
        } catch let error as AnabranchError {
          #expect(error.code == .newer || error.code == .format)
        }
        _ = try? ShapeReader.shape(of: MemorySource(bytes))
      }
    }
  }
}
