import Anabranch
import AnabranchExchange
import Foundation
import Testing

@Suite struct SmokeTests {
  @Test func writesAndReads() async throws {
    let folder = NSTemporaryDirectory() + "anabranch-smoke-\(UUID())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let replica = try await Replica.create(at: Home(folder), name: "Laptop")
    let trip = try await replica.newConversation("Lisbon")
    let first = try await replica.say("Where do we sleep?", in: trip)
    try await replica.say("In Alfama.", in: trip, as: .assistant)
    try await replica.addTag("travel", to: trip)
    let record = try await replica.conversation(trip)
    #expect(record.summary.title == "Lisbon")
    #expect(record.messages.map(\.text) == ["Where do we sleep?", "In Alfama."])
    #expect(record.summary.tags == ["travel"])
    #expect(try await replica.find(String(first.description.prefix(6)), .message) == first)
    let hits = try await replica.search("alf")
    #expect(hits.count == 1)
    #expect(hits.first?.snippet == "In Alfama.")
    while try await replica.indexStep() {}
    #expect(try await replica.search("alfama").count == 1)
    let found = try await replica.verify()
    #expect(found.faults == [])
    for sample in try FileManager.default.contentsOfDirectory(atPath: "/work/shared/samples/chatgpt").sorted() {
      let summary = try await replica.importHistory(from: HistoryFile.open("/work/shared/samples/chatgpt/" + sample))
      print(sample, summary)
      let again = try await replica.importHistory(from: HistoryFile.open("/work/shared/samples/chatgpt/" + sample))
      #expect(again.new == 0)
    }
    let oasst = try await replica.importHistory(
      from: HistoryFile.open("/work/shared/samples/oasst/oasst-en_100_tree.jsonl"))
    print(oasst)
    #expect(try await replica.verify().faults == [])
    print(try await replica.status())
    print(try await replica.search("token").prefix(2))
  }
}
