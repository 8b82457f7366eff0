import AnabranchCore
import AnabranchWire
import Foundation
import Testing

@testable import Anabranch

/// Recordings as files.
@Suite(.timeLimit(.minutes(3))) struct RecordingTests {
  private static func entry(_ number: UInt64) -> RecordingEntry {
    RecordingEntry(
      uptime: number, connection: 1,
      .frame(RecordedFrame(.sent, kind: 7, bytes: 6, summary: .ping(number), contents: [7, 1])))
  }

  private func withFile(_ body: (String) throws -> Void) throws {
    let path = "/tmp/anabranch-recording-" + UUID().uuidString.prefix(8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private func entries(_ path: String) throws -> [RecordingEntry] {
    let file = try RecordingFile(at: path)
    var entries: [RecordingEntry] = []
    while case let items = try file.next(limit: 2), !items.isEmpty {
      for item in items {
        #expect(try file.entry(at: item.position) == item.entry)
        entries.append(item.entry)
      }
    }
    return entries
  }

  @Test func itIsAppendedToAndOnlyItsOwnersAndWithoutContents() throws {
    try withFile { path in
      for _ in 1...2 {
        let recorder = try SessionRecorder(at: path)
        #expect(recorder.start(wall: 1, uptime: 2) == nil)
        #expect(recorder.record(Self.entry(3)) == nil)
        recorder.close()
        #expect(recorder.record(Self.entry(4)) == nil && recorder.failure == nil, "it is dropped")
      }
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      let frame = RecordedFrame(.sent, kind: 7, bytes: 6, summary: .ping(3))
      let once: [RecordingEntry.Event] = [.started(wall: 1, hasContents: false), .frame(frame), .stopped]
      #expect(try entries(path).map(\.event) == once + once)
    }
  }

  @Test func whatACrashCutIsCutOffBeforeMoreIsWritten() throws {
    try withFile { path in
      let whole = Recording.header + Recording.bytes(of: Self.entry(1))
      let cut = Recording.bytes(of: Self.entry(2))
      let files = (0..<Recording.header.count).map { Recording.header.prefix($0) + [] }
      for (bytes, kept) in files.map({ ($0, 0) }) + (0..<cut.count).map({ (whole + cut.prefix($0), 1) }) {
        try Data(bytes).write(to: URL(filePath: path))
        let recorder = try SessionRecorder(at: path)
        #expect(recorder.start(wall: 1, uptime: 1) == nil)
        recorder.close()
        let expected = (kept == 0 ? [] : [Self.entry(1).event]) + [.started(wall: 1, hasContents: false), .stopped]
        #expect(try entries(path).map(\.event) == expected, "\(bytes.count) bytes were there")
      }
    }
  }

  @Test func otherFilesAreLeftAlone() throws {
    try withFile { path in
      for text in ["a letter to somebody", "ANBRREC\u{2}"] {
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect(throws: AnabranchError.self) { try SessionRecorder(at: path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
      }
      var bytes = Recording.header + Recording.bytes(of: Self.entry(1)) + Recording.bytes(of: Self.entry(2))
      bytes[20] ^= 1
      try Data(bytes).write(to: URL(filePath: path))
      let error = #expect(throws: AnabranchError.self) { try SessionRecorder(at: path) }
      #expect(error?.code == .damaged && error?.message.contains("at byte 8") == true)
      #expect(FileManager.default.contents(atPath: path) == Data(bytes))
      #expect(throws: AnabranchError.self, "a folder") { try SessionRecorder(at: "/tmp") }
      #expect(throws: AnabranchError.self, "a device") { try SessionRecorder(at: "/dev/full") }
    }
  }

  @Test func oneRecordsAtATime() throws {
    try withFile { path in
      let recorder = try SessionRecorder(at: path)
      let error = #expect(throws: AnabranchError.self) { try SessionRecorder(at: path) }
      #expect(error?.code == .inUse)
      recorder.close()
      try SessionRecorder(at: path).close()
    }
  }

  @Test func whatIsBeforeDamageIsRead() throws {
    try withFile { path in
      let parts = (1...3).map { Recording.bytes(of: Self.entry($0)) }
      var bytes = Recording.header + parts.joined()
      bytes[bytes.count - 1] ^= 1
      try Data(bytes).write(to: URL(filePath: path))
      let file = try RecordingFile(at: path)
      #expect(try file.next(limit: 10).map(\.entry) == [Self.entry(1), Self.entry(2)])
      for _ in 1...2 {
        let error = #expect(throws: AnabranchError.self) { try file.next(limit: 10) }
        #expect(error?.code == .damaged)
      }
    }
  }

  @Test func whoReadsTooSlowlyIsToldHowMuchIsMissing() async {
    let feed = WireFeed(queueMax: 3)
    #expect(feed.isEmpty)
    let news = feed.stream(after: [Self.entry(0)])
    for number in 1...9 { feed.send(Self.entry(UInt64(number))) }
    var told: [(UInt64, UInt64)] = []
    for await one in news {
      told.append((one.missed, one.entry.uptime))
      if told.count == 1 { feed.send(Self.entry(10)) }
      if told.count == 3 { feed.finish() }
    }
    #expect(told.map(\.1) == [0, 1, 2, 10] && told.map(\.0) == [0, 0, 0, 7])
    #expect(feed.isEmpty, "who has stopped reading is forgotten")
  }
}
