import AnabranchCore
import AnabranchTestSupport
import SeededRandom
import Testing

@testable import AnabranchWire

/// A session that is followed from outside.
@Suite("Traces of sessions")
struct SessionTraceTests {
  @Test("However the stream is cut, the same frames are told", arguments: UInt64(0)..<30)
  func pieces(seed: UInt64) {
    var random = RandomStream(seed: seed, "traces")
    let frames = (0..<20).map { _ in FrameTests.arbitrary(&random) }
    let stream = frames.flatMap(\.canonicalBytes)
    var (whole, pieced) = (SessionTrace(), SessionTrace())
    let expected = whole.follow(stream, .received, .contents)
    #expect(expected.map(\.contents) == frames.map { Array($0.canonicalBytes.dropFirst(Frame.lengthBytes)) })
    #expect(expected.map { Int($0.bytes) } == frames.map(\.canonicalBytes.count))
    var told: [RecordedFrame] = []
    var start = 0
    while start < stream.count {
      let end = min(start + random.number(in: 1...40), stream.count)
      told += pieced.follow(Array(stream[start..<end]), .received, .contents)
      start = end
    }
    #expect(told == expected)
  }

  @Test("Whoever begins to look in the middle is told of whole frames, and which logs they are of")
  func inTheMiddle() {
    var random = RandomStream(seed: 3, "middle")
    let headers = (0..<3).map { _ in LogHeader.device(key: random.digest(), nonce: random.bytes16()) }
    let run = ChangeBatch.Run(first: LogPosition(log: 2, sequence: 5), changes: [[1], [2, 2]])
    let changes = Frame.changes(ChangeBatch(runs: [run])).canonicalBytes
    var trace = SessionTrace()
    #expect(trace.follow(Frame.logs(headers).canonicalBytes, .sent, .nothing).isEmpty)
    #expect(trace.follow(Array(changes.prefix(9)), .sent, .nothing).isEmpty)
    let told = trace.follow(Array(changes.dropFirst(9)) + changes, .sent, .structure)
    let log = FrameSummary.Log(number: 2, log: headers[2].log)
    let stretch = FrameSummary.Batch.Stretch(log, first: 5, last: 6, changes: 2, bytes: 3)
    #expect(told.map(\.summary) == [.partial, .changes(.init(changes: 2, signatures: 0, logs: [stretch]))])
    #expect(told.map(\.kind) == [4, 4] && told.allSatisfy { $0.contents == nil })
    // An acknowledgement is by the numbers of the side that hears it.
    let acknowledgement = Frame.acknowledge([LogPosition(log: 2, sequence: 6), LogPosition(log: 7, sequence: 1)])
    let back = trace.follow(acknowledgement.canonicalBytes, .received, .structure)
    #expect(
      back.map(\.summary) == [.acknowledge([.init(log, sequence: 6), .init(.init(number: 7, log: nil), sequence: 1)])])
  }

  @Test("Without contents nothing is left of what people wrote, nor of the names of files")
  func noContents() throws {
    var random = RandomStream(seed: 5, "marked")
    let marker = Array("jacarandas".utf8)
    let blob = BlobID(random.digest())
    var words = FrameTests.arbitraryWords(&random)
    words.pieces = [words.pieces[0]]
    words.pieces[0].edits = [TextEdit(.insert, at: 0, count: 10)]
    (words.pieces[0].start, words.pieces[0].inserted) = (0, "jacarandas")
    let frames: [Frame] = [
      .changes(ChangeBatch(runs: [.init(first: LogPosition(log: 0, sequence: 1), changes: [marker, marker])])),
      .words(words), .blob(.block(blob, 0, marker)), .blob(.wants([blob])), .blob(.lacks(blob)),
      .blob(.offers(BlobOffers(isAnswer: true, blobs: [BlobOffer(blob: blob, byteCount: 9)]))),
      .blob(.request(blob, .outline)), .blob(.outline(blob, [random.digest()])),
    ]
    var trace = SessionTrace()
    let told = trace.follow(frames.flatMap(\.canonicalBytes), .sent, .structure)
    #expect(told.map(\.kind) == [4, 10, 15, 11, 16, 12, 13, 14])
    for frame in told {
      let bytes = Recording.bytes(of: RecordingEntry(uptime: 1, connection: 1, .frame(frame)))
      for secret in [marker, Array(blob.digest.bytes.prefix(4))] {
        #expect(!bytes.indices.contains { bytes[$0...].starts(with: secret) }, "\(frame)")
      }
    }
    #expect(told.map(\.summary).contains(.blob(.lacks(1))), "blobs have numbers")
  }

  @Test("What no frame is like is told once, and ends its direction")
  func faults() {
    var trace = SessionTrace()
    let told = trace.follow(
      [0, 0, 0, 1, 99] + [0xff, 0xff, 0xff, 0xff] + Frame.ping(1).canonicalBytes, .sent, .structure)
    #expect(told.map(\.kind) == [99, 0] && told.map(\.bytes) == [5, 4])
    for frame in told { if case .unreadable = frame.summary { continue } else { Issue.record("\(frame)") } }
    #expect(trace.follow(Frame.ping(1).canonicalBytes, .sent, .structure).isEmpty)
    #expect(trace.follow(Frame.ping(1).canonicalBytes, .received, .structure).map(\.summary) == [.ping(1)])
  }
}
