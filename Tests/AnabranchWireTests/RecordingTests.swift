import AnabranchCore
import AnabranchTestSupport
import SeededRandom
import Testing

@testable import AnabranchWire

/// Recordings as bytes: read as they were written, and never believed where they were not.
@Suite("Recordings")
struct RecordingTests {
  /// What crosses in a session that never was: frames of all kinds, both ways.
  private static func entries(_ random: inout RandomStream) -> [RecordingEntry] {
    var trace = SessionTrace()
    var events: [RecordingEntry.Event] = [
      .started(wall: random.one(of: 0, -1, 1_700_000_000_000, .max, .min), hasContents: true),
      .began(.init(wall: .max, isDialled: random.chance(1, in: 2), address: "127.0.0.1:4850")),
      .proved(device: random.digest(), name: random.words(0...2)),
    ]
    for _ in 0..<random.number(in: 1...12) {
      let direction: RecordedFrame.Direction = random.one(of: .sent, .received)
      let bytes = FrameTests.arbitrary(&random).canonicalBytes
      let depth: SessionTrace.Depth = random.one(of: .structure, .contents)
      for frame in trace.follow(bytes, direction, depth) {
        events.append(.frame(random.chance(1, in: 3) ? frame.abridged(to: 1) : frame))
      }
    }
    let closing = random.chance(1, in: 2) ? Closing(.violation, random.words(0...3)) : nil
    let origin: RecordingEntry.Ending.Origin = random.one(of: .nobody, .here, .peer, .connection)
    events.append(
      .ended(.init(origin, closing, sentBytes: random.next(), receivedBytes: random.next())))
    events.append(.stopped)
    return events.map { RecordingEntry(uptime: random.next(), connection: random.next() >> 60, $0) }
  }

  private static func file(_ entries: [RecordingEntry]) -> [UInt8] {
    Recording.header + entries.flatMap(Recording.bytes)
  }

  /// All that a decoder makes of a file; what it throws at the end of it.
  private static func decoded(_ file: [UInt8]) -> (entries: [RecordingEntry], failure: WireError?, rest: Int) {
    var decoder = RecordingDecoder()
    decoder.append(file)
    var entries: [RecordingEntry] = []
    do throws(WireError) {
      while let entry = try decoder.next() { entries.append(entry) }
      return (entries, nil, decoder.undecodedBytes)
    } catch {
      return (entries, error, 0)
    }
  }

  @Test("What was written is read, in whatever pieces it comes", arguments: UInt64(0)..<40)
  func roundTrip(seed: UInt64) throws {
    var random = RandomStream(seed: seed, "recordings")
    let entries = Self.entries(&random)
    for entry in entries { #expect(try RecordingEntry(canonicalBytes: entry.canonicalBytes) == entry) }
    let file = Self.file(entries)
    var (decoder, read, start): (RecordingDecoder, [RecordingEntry], Int) = (RecordingDecoder(), [], 0)
    while start < file.count {
      let end = min(start + random.number(in: 1...200), file.count)
      decoder.append(Array(file[start..<end]))
      while let entry = try decoder.next() { read.append(entry) }
      start = end
    }
    #expect(read == entries && decoder.undecodedBytes == 0 && decoder.position == UInt64(file.count))
  }

  @Test("Cut anywhere, a file has the entries that are whole, and is no failure")
  func cutAnywhere() {
    var random = RandomStream(seed: 7, "cuts")
    let entries = Self.entries(&random)
    let file = Self.file(entries)
    var ends = [Recording.header.count]
    for entry in entries { ends.append((ends.last ?? 0) + Recording.bytes(of: entry).count) }
    for length in 0...file.count {
      let read = Self.decoded(Array(file[..<length]))
      let whole = max(0, ends.filter { $0 <= length }.count - 1)
      #expect(read.failure == nil && read.entries == Array(entries[..<whole]), "cut to \(length) bytes")
      let end = ends.last { $0 <= length } ?? 0
      #expect(read.rest == length - end)
    }
  }

  @Test("One altered byte is noticed wherever it is, and what is before it is read", arguments: UInt64(0)..<6)
  func alteredByte(seed: UInt64) {
    var random = RandomStream(seed: seed, "alterations")
    let entries = Self.entries(&random)
    let file = Self.file(entries)
    for place in file.indices {
      var altered = file
      altered[place] ^= UInt8(1 << random.number(in: 0...7))
      let read = Self.decoded(altered)
      // A length that became too great looks as if the file was cut.
      #expect(read.failure != nil || read.rest > 0, "byte \(place)")
      #expect(read.entries.count < entries.count && entries.starts(with: read.entries))
    }
  }

  @Test("Bytes that nobody wrote are refused, or are an entry whose bytes they are", arguments: UInt64(0)..<60)
  func hostileEntries(seed: UInt64) {
    var random = RandomStream(seed: seed, "hostile entries")
    var understood = 0
    for entry in Self.entries(&random) {
      for _ in 0..<60 {
        var bytes = entry.canonicalBytes
        for _ in 0..<random.number(in: 1...4) { Self.mutate(&bytes, &random) }
        guard let read = try? RecordingEntry(canonicalBytes: bytes) else { continue }
        understood += 1
        #expect(read.canonicalBytes == bytes)
        if case .frame(let frame) = read.event { _ = (frame.written, frame.abridged(to: 3)) }
      }
    }
    #expect(understood > 0, "some of them are entries, or the test would try nothing")
  }

  @Test("A file that was altered at random never does more than throw", arguments: UInt64(0)..<60)
  func hostileFiles(seed: UInt64) {
    var random = RandomStream(seed: seed, "hostile files")
    let file = Self.file(Self.entries(&random))
    for _ in 0..<30 {
      var bytes = file
      for _ in 0..<random.number(in: 1...8) { Self.mutate(&bytes, &random) }
      let read = Self.decoded(bytes)
      #expect(read.failure != nil || read.rest >= 0)
    }
  }

  private static func mutate(_ bytes: inout [UInt8], _ random: inout RandomStream) {
    guard !bytes.isEmpty else { return bytes = random.bytes(4) }
    let place = random.number(in: 0...bytes.count - 1)
    switch random.number(in: 0...4) {
    case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 1: bytes[place] = random.one(of: 0, 1, 0x7f, 0x80, 0xff)
    case 2: bytes.remove(at: place)
    case 3: bytes.insert(contentsOf: random.bytes(random.number(in: 1...9)), at: place)
    default: bytes.removeLast(bytes.count - place)
    }
  }

  @Test("What is no recording, or of a later version, is told apart")
  func otherFiles() {
    #expect(Self.decoded(Array("SQLite format 3".utf8)).failure?.code == .invalid)
    #expect(Self.decoded(Array("ANBRREC".utf8) + [2]).failure?.code == .version)
    #expect(Self.decoded(Recording.header + [0, 0, 0, 0, 0, 0, 0, 0]).failure?.code == .limit)
    #expect(Self.decoded(Recording.header + [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]).failure?.code == .limit)
  }
}
