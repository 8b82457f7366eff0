import Anabranch
import Testing

@testable import AnabranchExchange

/// The files that messages of a ChatGPT export point to, and where an export keeps them.
@Suite struct AssetTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private static func message(_ content: String, metadata: String = "{}") -> String {
    #"{"id":"a","author":{"role":"user"},"content":\#(content),"metadata":\#(metadata)}"#
  }

  private static func export(_ message: String) -> String {
    Exports.list(Exports.node("a", parent: nil, message: message))
  }

  private static func bytes(_ source: (any AttachmentSource)?) throws -> [UInt8]? {
    guard var source else { return nil }
    var all: [UInt8] = []
    while case let piece = try source.read(), !piece.isEmpty { all += piece }
    return all
  }

  private static let photo =
    #"{"content_type":"image_asset_pointer","asset_pointer":"file-service://file-A1","size_bytes":3}"#
  private static let sound =
    #"{"content_type":"real_time_user_audio_video_asset_pointer","audio_asset_pointer":{"asset_pointer":"sediment://file_0b#x","size_bytes":4,"metadata":{}}}"#

  @Test func aMessageTellsOfEachFileOnce() throws {
    let metadata =
      #"{"attachments":[{"id":"file-A1","name":"p.png","size":9,"mime_type":"image/png"},{"id":"file-B","mimeType":"text/plain"},7,{"name":"no id"}]}"#
    let content =
      #"{"content_type":"multimodal_text","parts":[\#(Self.photo),"see",\#(Self.sound),{"asset_pointer":7}]}"#
    let reading = try Reading.chatGPT(Self.export(Self.message(content, metadata: metadata)))
    #expect(
      reading.messages[0].attachments == [
        SourceAttachment(id: "file-A1", name: "p.png", mediaType: "image/png", byteCount: 3),
        SourceAttachment(id: "file_0b", byteCount: 4), SourceAttachment(id: "file-B", mediaType: "text/plain"),
      ])
    // What stood there is kept as it was before files were read.
    #expect(reading.messages[0].text == "[image]\n\nsee\n\n[real_time_user_audio_video]\n\n[part]")
    #expect(reading.messages[0].verbatim?.contains(#""mime_type":"image/png""#) == true)
    #expect(reading.codes == [])
  }

  @Test func anExportsFilesAreFoundByWhatTheirNamesBeginWith() throws {
    let content = #"{"content_type":"multimodal_text","parts":[\#(Self.photo),\#(Self.sound)]}"#
    let files = [
      ("conversations.json", Self.export(Self.message(content))), ("file-A12-other.png", "other"),
      ("file-A1-holiday.png", "\u{89}PNG"), ("c1/audio/file_0b-x.wav", "RIFF"), ("file-Z.png", "\u{89}z"),
    ]
    for (name, text) in files { try folder.write("plain/\(name)", text) }
    let zip = folder.path + "/export.zip"
    #expect(ZipFixture.write(files.map { (name: $0.0, text: $0.1) }, to: zip))
    for path in [zip, folder.path + "/plain"] {
      let reader = try HistoryFile.open(path, temporaryDirectory: folder.path)
      let reading = try Reading(reader)
      #expect(reading.codes == ["unreferenced-files"] && reading.warnings[0].message.hasPrefix("2 files"))
      let told = try #require(reading.messages.first).attachments
      #expect(told.map(\.id) == ["file-A1", "file_0b"])
      let photo = try reader.open(told[0])
      #expect(photo?.name == "file-A1-holiday.png")
      #expect(try Self.bytes(photo) == Array("\u{89}PNG".utf8))
      #expect(try Self.bytes(reader.open(told[1])) == Array("RIFF".utf8))
      #expect(try reader.open(SourceAttachment(id: "file-A")) == nil && reader.open(SourceAttachment(id: "")) == nil)
    }
  }

  @Test func anExportOfOursTellsOfFilesAndFindsThemBesideIt() throws {
    var message = SourceMessage(id: "m", parents: [], role: .user, text: "look")
    message.attachments = [
      SourceAttachment(id: "00ff", name: "a \"b\".png", mediaType: "image/png", byteCount: 4),
      SourceAttachment(id: "x"),
    ]
    let events: [HistoryEvent] = [
      .conversation(SourceConversation(source: "anabranch", id: "c")), .message(message),
    ]
    let path = try folder.write("history.jsonl", LineExports.text(of: events))
    try folder.write("history.jsonl.files/00ff", "abcd")
    let reader = try HistoryFile.open(path, temporaryDirectory: folder.path)
    #expect(try Reading(reader).events == events)
    #expect(try Self.bytes(reader.open(message.attachments[0])) == Array("abcd".utf8))
    #expect(try reader.open(message.attachments[1]) == nil)
  }
}
