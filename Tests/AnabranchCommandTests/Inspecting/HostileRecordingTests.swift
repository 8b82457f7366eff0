import AnabranchWire
import Foundation
import Testing

@testable import Anabranch
@testable import AnabranchCommand

/// Recordings that nobody made, whose entries are as they should be: what is shown of them fits, and plays no tricks.
@Suite(.timeLimit(.minutes(3))) struct HostileRecordingTests {
  private let style = Style(policy: .never)
  private let nasty = "\u{1B}[2J\u{7}evil\u{202E}\r\nsecond line " + String(repeating: "東京", count: 30)

  /// What `inspect wire` prints of a file with those entries.
  private func shown(_ entries: [RecordingEntry]) throws -> [String] {
    let path = "/tmp/anabranch-hostile-" + UUID().uuidString.prefix(8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(Recording.header + entries.flatMap(Recording.bytes)).write(to: URL(filePath: path))
    let file = try RecordingFile(at: path)
    let (index, view) = (RecordingIndex(file), WireView(style: style))
    #expect(index.failure == nil && file.cutBytes == 0, "\(index.failure?.message ?? "")")
    var lines = [view.sum(index.sessions.map(\.session))]
    var live = WireSessions()
    for entry in entries {
      let session = live.note(entry)
      if let session { lines.append(view.live(entry, on: session)) }
      #expect(try Output.line(WireReport(entry, on: session, contents: true)).contains("\"event\""))
    }
    for found in index.sessions {
      lines.append(view.header(found.session))
      for position in found.frames {
        let entry = try file.entry(at: position)
        guard case .frame(let frame) = entry.event else { return [] }
        lines.append(view.line(frame, after: found.session.elapsed(entry), found.session.words))
        lines += view.contents(frame, found.session.words)
      }
    }
    return lines.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
  }

  private func check(_ lines: [String]) {
    for line in lines {
      #expect(TextWidth.columns(line) <= 80, "\(line)")
      #expect(
        !line.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "\u{202E}" }, "\(line)")
    }
  }

  /// One frame of each kind, with names and numbers that nobody has.
  private var frames: [RecordedFrame] {
    let digest = Digest(head: Bytes16(high: .max, low: 1), tail: Bytes16(high: 2, low: 3))
    let (id, change) = (LogID(Bytes16(high: 7, low: 8)), ChangeID(log: LogID(Bytes16(high: 7, low: 8)), sequence: .max))
    let logs = [FrameSummary.Log(number: .max, log: nil), FrameSummary.Log(number: 0, log: id)]
    let stretches = logs.map { FrameSummary.Batch.Stretch($0, first: 0, last: .max, changes: .max, bytes: .max) }
    let hello = Hello(device: digest, log: id, name: nasty, semanticsLevel: .max, credit: .max)
    let summaries: [(UInt8, FrameSummary)] = [
      (1, .hello(hello)), (2, .have([HeldLog(log: id, sequence: .max, hash: digest.head)])), (3, .logs(logs)),
      (4, .changes(.init(changes: .max, signatures: .max, logs: stretches))),
      (5, .acknowledge(logs.map { .init($0, sequence: .max) })), (6, .credit(.max)), (7, .ping(.max)), (8, .pong(.max)),
      (9, .close(Closing(.violation, nasty))),
      (10, .words(.init(device: digest, change: change, counter: .max, pieces: .max, bytes: .max))),
      (11, .blob(.wants(.max))), (12, .blob(.offers(.max, bytes: .max, isAnswer: false))),
      (13, .blob(.request(.max, .block(.max)))), (14, .blob(.outline(0, blocks: .max))),
      (15, .blob(.block(0, .max, bytes: .max))), (16, .blob(.lacks(0))),
      (17, .fork(ForkProbe(log: id, points: [.init(sequence: .max, hash: digest.head)]))),
      (32, .pairing(.welcome(name: "evil \u{1B}[2J", role: .owner))), (33, .pairing(.request(name: "\u{7} evil"))),
      (34, .pairing(.grant(space: digest.head, role: .reader))), (35, .pairing(.denial(reason: nasty))),
      (36, .pairing(.joined)), (99, .unreadable(nasty)), (255, .partial),
    ]
    return summaries.map { RecordedFrame(.received, kind: $0, bytes: .max, summary: $1, omitted: .max) }
  }

  @Test func namesAndNumbersThatNobodyHasFitAndPlayNoTricks() throws {
    let events: [RecordingEntry.Event] =
      [
        .started(wall: .min, hasContents: true), .began(.init(wall: .min, isDialled: true, address: nasty)),
        .proved(device: Digest.zero, name: nasty),
      ] + frames.map { .frame($0) }
      + [.ended(.init(.peer, Closing(.violation, nasty), sentBytes: .max, receivedBytes: .max)), .stopped]
    // A clock that goes back, and one that is at its end.
    for uptimes in [[UInt64.max, 0], [0, .max]] {
      let entries = events.enumerated().map { place, event in
        RecordingEntry(uptime: uptimes[place % 2], connection: .max, event)
      }
      let lines = try shown(entries)
      #expect(lines.count >= 2 * frames.count)
      check(lines)
    }
    // Frames and ends of connections that never began.
    check(try shown(events.dropFirst(3).reversed().map { RecordingEntry(uptime: 5, connection: 9, $0) }))
  }

  /// Entries of a real session, altered at random, with the checks that they then should have.
  @Test(arguments: UInt64(1)...8) func alteredSessionsAreRefusedOrShown(seed: UInt64) async throws {
    let session = try await RecordedSession(contents: true)
    let file = try RecordingFile(at: session.file)
    let whole = try file.next(limit: 1_000).map(\.entry)
    var state = seed
    func random(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var altered = 0
    for _ in 0..<40 {
      let entries = whole.map { entry in
        var bytes = entry.canonicalBytes
        for _ in 0...random(below: 3) { bytes[random(below: bytes.count)] = UInt8(random(below: 256)) }
        guard random(below: 2) == 0, let other = try? RecordingEntry(canonicalBytes: bytes) else { return entry }
        altered += 1
        return other
      }
      check(try shown(entries))
    }
    #expect(altered > 40)
  }
}
