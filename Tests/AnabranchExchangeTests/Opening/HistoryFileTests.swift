import Anabranch
import Foundation
import SeededRandom
import Testing

@testable import AnabranchExchange

@Suite struct HistoryFileTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func shard(_ id: String) -> String {
    "[\(Exports.conversation(Exports.node("a", parent: nil), id: id))]"
  }

  private func read(_ path: String) throws -> Reading {
    try Reading(HistoryFile.open(path, temporaryDirectory: folder.path))
  }

  private func failure(_ path: String) -> AnabranchError? {
    #expect(throws: AnabranchError.self) { try HistoryFile.open(path, temporaryDirectory: folder.path) }
  }

  @Test func filesAreKnownByTheirStructure() throws {
    let conversation = String(shard("c").dropFirst().dropLast())
    let own = try LineExports.text(of: Reading.chatGPT(shard("c")).events)
    for text in [
      shard("c"), #"{"conversations":[\#(conversation)]}"#, conversation, own, "[1,\(conversation)]",
    ] {
      let reading = try read(folder.write("holiday.png", text))
      #expect(reading.conversations.map(\.id) == ["c"])
      #expect(reading.messages.count == 1)
    }
    #expect(try read(folder.write("x", LineExports.trees)).conversations.count == 2)
    #expect(try read(folder.write("x", "{bad\n" + LineExports.trees)).codes == ["damaged"])
    #expect(try read(folder.write("x", " [ ] ")).events == [])
    #expect(
      try read(folder.write("x", #"[{"id":"c","title":null,"create_time":1,"update_time":2}]"#)).codes == [
        "missing-mapping"
      ])
  }

  @Test func whatIsNoHistoryIsRefusedWithAWayOut() throws {
    #expect(failure(folder.path + "/none")?.code == .notFound)
    let others = [
      "", "hello", "{}", #"{"user":1}"#, "[1,2]",
      #"[{"id":"f","conversation_id":"c","rating":"up","create_time":1}]"#,
      #"[{"id":"s","conversation_id":"c","title":"t","is_anonymous":true}]"#, "\u{1F}\u{8B}", #"[{"title":"#,
      "PK\u{3}\u{4}rubbish",
    ]
    for text in others {
      let error = failure(try folder.write("x", text))
      #expect(error?.code == .format && error?.remedy.isEmpty == false)
    }
    #expect(failure(try folder.write("x", [0x1F, 0x8B, 8]))?.remedy.contains("gunzip") == true)
    #expect(failure("/dev/null")?.code == .format)
    let empty = folder.path + "/empty"
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    #expect(failure(empty)?.code == .format)
  }

  @Test func foldersAndZipsGiveTheSame() throws {
    let files = [
      ("export/conversations-001.json", shard("c2")), ("export/conversations-000.json", shard("c1")),
      ("export/chat.html", "<html>"),
      ("export/user.json", "{}"), ("export/.hidden", "x"), ("export/message_feedback.json", "[]"),
      ("__MACOSX/export/._x", "x"),
      ("export/pictures/a.png", "\u{89}PNG"),
    ]
    for (name, text) in files { try folder.write("plain/\(name)", text) }
    let zip = folder.path + "/export.zip"
    #expect(ZipFixture.write(files.map { (name: $0.0, text: $0.1) }, to: zip))
    for path in [zip, folder.path + "/plain"] {
      let reading = try read(path)
      #expect(reading.conversations.map(\.id) == ["c1", "c2"])
      #expect(reading.codes == ["unreferenced-files"])
      #expect(reading.warnings[0].skipped && reading.warnings[0].message.hasPrefix("1 files of the export belong"))
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["export.zip", "plain"])
  }

  @Test func missingShardsAreToldOf() throws {
    let manifest =
      #"{"files":[{"path":"conversations-000.json"},{"path":"conversations-001.json"},{"path":"x/conversations-004.json"},"other.json"]}"#
    try folder.write("e/conversations-000.json", shard("c1"))
    try folder.write("e/conversations-002.json", shard("c2"))
    try folder.write("e/export_manifest.json", manifest)
    let reading = try read(folder.path + "/e")
    #expect(reading.conversations.map(\.id) == ["c1", "c2"])
    #expect(
      reading.codes == ["missing-shard", "missing-shard"] && reading.warnings.allSatisfy { $0.skipped })
    #expect(
      reading.warnings[0].message.contains("conversations-001.json")
        && reading.warnings[1].message.contains("conversations-004.json"))
  }

  @Test func aDamagedShardTakesNoOtherWithIt() throws {
    try folder.write("e/conversations-000.json", shard("c1"))
    try folder.write("e/conversations-001.json", "[{\"titl")
    try folder.write("e/conversations-002.json", shard("c3").dropLast(30) + "")
    let reading = try read(folder.path + "/e")
    #expect(reading.conversations.map(\.id) == ["c1"])
    #expect(reading.codes == ["damaged", "damaged"])
  }

  @Test func lockedAndBrokenZipsAreRefused() throws {
    let path = folder.path + "/locked.zip"
    #expect(ZipFixture.write([("conversations.json", shard("c"))], to: path, password: "secret"))
    #expect(failure(path)?.message.contains("password") == true)
    let whole = folder.path + "/whole.zip"
    let text =
      "["
      + (0..<50).map { Exports.conversation(Exports.node("a", parent: nil), id: "c\($0)") }.joined(
        separator: ",") + "]"
    #expect(ZipFixture.write([("conversations.json", text)], to: whole))
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: whole)))
    for length in stride(from: 4, to: bytes.count, by: 37) {
      #expect(failure(try folder.write("cut.zip", Array(bytes[..<length])))?.code == .format)
    }
    var random = RandomStream(seed: 9)
    for _ in 0..<100 {
      var changed = bytes
      changed[4 + random.below(bytes.count - 4)] ^= UInt8(1 << random.below(8))
      do {
        _ = try read(folder.write("changed.zip", changed))
      } catch let error as AnabranchError {
        #expect(error.code == .format)
      }
    }
  }

  @Test func aLongFileInAZipIsUnpackedWholeWhereItsBeginningDoesNotTell() throws {
    let long = String(repeating: "x", count: CollectionSurvey.beginningBytes + 100)
    let text = #"[{"note":"\#(long)","id":"c","mapping":{\#(Exports.node("a", parent: nil))}}]"#
    let zip = folder.path + "/long.zip"
    #expect(ZipFixture.write([("c.json", text)], to: zip))
    let reading = try read(zip)
    #expect(reading.messages.count == 1)
    #expect(reading.conversations[0].verbatim?.utf8.count == long.utf8.count + #"{"note":""}"#.utf8.count)
  }
}
