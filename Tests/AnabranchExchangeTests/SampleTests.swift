import Anabranch
import AnabranchCore
import Foundation
import Testing

@testable import AnabranchExchange

/// The public samples, read by us and, independently and naively, through Foundation.
@Suite(.enabled(if: Samples.arePresent, "the samples lie beside the package only where it is developed"))
struct SampleTests {
  @Test(arguments: Samples.chatGPT)
  func exportsAgreeWithANaiveReading(path: String) throws {
    let reading = try Reading(HistoryFile.open(path))
    #expect(reading.warnings.filter(\.skipped) == [])
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let whole = try JSONSerialization.jsonObject(with: data)
    let conversations = try #require(whole as? [[String: Any]])
    #expect(reading.conversations.map(\.title) == conversations.map { $0["title"] as? String })
    var expected: [String: (parent: String?, text: String?)] = [:]
    for conversation in conversations {
      let mapping = try #require(conversation["mapping"] as? [String: [String: Any]])
      for (id, node) in mapping {
        guard let message = node["message"] as? [String: Any] else { continue }
        var parent = node["parent"] as? String
        while let name = parent, !(mapping[name]?["message"] is [String: Any]) {
          parent = mapping[name]?["parent"] as? String
        }
        let parts = (message["content"] as? [String: Any])?["parts"] as? [String]
        expected[id] = (parent, parts?.joined(separator: "\n\n"))
      }
    }
    #expect(reading.messages.count == expected.count)
    for message in reading.messages {
      let naive = try #require(expected[message.id])
      #expect(message.parents == naive.parent.map { [$0] } ?? [])
      if let text = naive.text { #expect(message.text == text) } else { #expect(!message.text.isEmpty) }
    }
    try roundTrips(reading)
    let small = ChatGPTReader(try FileSource(path: path), layout: .list, windowBytes: 61)
    #expect(try Reading(small).events == reading.events)
  }

  @Test func treesAgreeWithANaiveReading() throws {
    let reading = try Reading(HistoryFile.open(Samples.oasst))
    #expect(reading.warnings == [])
    var expected: [[String]] = []
    let text = try String(contentsOfFile: Samples.oasst, encoding: .utf8)
    for line in text.split(separator: "\n") {
      let tree = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      func visit(_ message: [String: Any], _ parent: String) throws {
        let id = try #require(message["message_id"] as? String)
        expected.append([
          id, parent, message["text"] as? String ?? "",
          message["role"] as? String == "prompter" ? "user" : "assistant",
        ])
        for reply in message["replies"] as? [[String: Any]] ?? [] { try visit(reply, id) }
      }
      try visit(#require(tree["prompt"] as? [String: Any]), "")
    }
    #expect(reading.conversations.count == 100 && expected.count == 1_167)
    #expect(reading.messages.map { [$0.id, $0.parents.first ?? "", $0.text, $0.role.name] } == expected)
    try roundTrips(reading)
  }

  private func roundTrips(_ reading: Reading) throws {
    let text = try LineExports.text(of: reading.events)
    let again = try Reading(JSONLinesReader(MemorySource(Array(text.utf8))))
    #expect(again.events == reading.events.filter { if case .warning = $0 { false } else { true } })
  }
}
