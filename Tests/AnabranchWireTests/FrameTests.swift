import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@Suite("Frames")
struct FrameTests {
  static func arbitrary(_ random: inout RandomStream) -> Frame {
    func position() -> LogPosition {
      LogPosition(
        log: UInt32(random.number(in: 0...Limits.logsMax - 1)), sequence: random.one(of: 1, 128, .max))
    }
    switch random.number(in: 1...12) {
    case 1:
      return .hello(
        Hello(
          device: random.digest(), log: LogID(random.bytes16()), name: random.words(1...3), semanticsLevel: 1,
          credit: UInt32(truncatingIfNeeded: random.next()), space: random.bytes16(),
          features: Hello.Features(rawValue: random.next()))
      )
    case 2:
      let logs = (0..<random.number(in: 0...5)).map { _ in LogID(random.bytes16()) }.sorted()
      return .have(
        logs.map { HeldLog(log: $0, sequence: random.one(of: 1, 300, .max), hash: random.bytes16()) })
    case 3:
      return .logs(
        (0..<random.number(in: 0...3)).map { _ in
          random.chance(1, in: 2)
            ? .device(key: random.digest(), nonce: random.bytes16())
            : .branch(of: LogID(random.bytes16()), first: 9, hash: random.digest())
        })
    case 4:
      let runs = (0..<random.number(in: 0...3)).map { _ in
        ChangeBatch.Run(
          first: LogPosition(log: 3, sequence: UInt32(random.number(in: 1...99))),
          changes: (0..<random.number(in: 1...3)).map { _ in random.bytes(random.number(in: 0...50)) })
      }
      let signatures = (0..<random.number(in: 0...2)).map { _ in
        ChangeBatch.Signature(at: position(), signature: random.bytes(64))
      }
      return .changes(ChangeBatch(runs: runs, signatures: signatures))
    case 5: return .acknowledge((0..<random.number(in: 0...4)).map { _ in position() })
    case 6: return .credit(UInt32(truncatingIfNeeded: random.next()))
    case 7: return .ping(random.next())
    case 8: return .pong(random.next())
    case 9: return .blob(arbitraryBlobFrame(&random))
    case 10: return .words(arbitraryWords(&random))
    case 11:
      var points: [ForkProbe.Point] = []
      for _ in 0..<random.number(in: 1...ForkProbe.pointsMax) {
        let sequence = (points.last?.sequence ?? 0) + UInt32(random.number(in: 1...70_000))
        points.append(ForkProbe.Point(sequence: sequence, hash: random.bytes16()))
      }
      return .fork(ForkProbe(log: LogID(random.bytes16()), points: points))
    default: return .close(Closing(random.one(of: .done, .violation, .own), random.words(0...5)))
    }
  }

  private static func arbitraryBlobFrame(_ random: inout RandomStream) -> BlobFrame {
    let blob = BlobID(random.digest())
    switch random.number(in: 1...6) {
    case 1: return .wants((0..<random.number(in: 0...3)).map { _ in BlobID(random.digest()) })
    case 2:
      let offers = (0..<random.number(in: 0...3)).map { _ in
        BlobOffer(blob: BlobID(random.digest()), byteCount: random.one(of: 0, 300, Limits.blobBytesMax))
      }
      return .offers(BlobOffers(isAnswer: random.chance(1, in: 2), blobs: offers))
    case 3: return .request(blob, random.one(of: .outline, .block(0), .block(16_383)))
    case 4: return .outline(blob, (0..<random.number(in: 0...3)).map { _ in random.digest() })
    case 5: return .block(blob, random.one(of: 0, 16_383), random.bytes(random.number(in: 0...60)))
    default: return .lacks(blob)
    }
  }

  static func arbitraryWords(_ random: inout RandomStream) -> Words {
    func operation() -> OperationID {
      OperationID(
        log: LogID(random.bytes16()), sequence: random.one(of: 1, 300, .max), index: UInt32(random.below(70_000)))
    }
    var pieces: [Words.Piece] = []
    for index in 0..<random.number(in: 1...3) {
      var edits: [TextEdit] = []
      var inserted = ""
      for _ in 0..<random.number(in: 1...3) {
        let text = random.words(1...3) + random.one(of: "", "é", "🌊")
        edits.add(TextEdit(.insert, at: random.below(1_000), count: text.unicodeScalars.count))
        inserted += text
        if random.chance(1, in: 2) { edits.add(TextEdit(.deleteForward, at: random.below(1_000), count: 2)) }
      }
      let start = random.below(inserted.unicodeScalars.count + 1)
      pieces.append(
        Words.Piece(
          index: UInt32(index * 200 + random.below(200)),
          object: random.chance(1, in: 2) ? .imported(random.bytes16()) : .native(operation()),
          text: random.one(of: .body, .draft, TextKind(rawValue: 900)),
          predecessors: (0..<random.number(in: 0...2)).map { _ in operation() }, edits: edits, start: UInt32(start),
          inserted: String(String.UnicodeScalarView(inserted.unicodeScalars.dropFirst(start)))))
    }
    return Words(
      device: random.digest(), change: operation().change, counter: random.one(of: 1, 128, .max), pieces: pieces)
  }

  /// The bytes without the length before them.
  private static func body(_ frame: Frame) -> [UInt8] {
    Array(frame.canonicalBytes.dropFirst(Frame.lengthBytes))
  }

  private static func code(_ bytes: [UInt8]) -> WireError.Code? {
    do throws(WireError) {
      _ = try Frame(bytes)
      return nil
    } catch {
      return error.code
    }
  }

  @Test(
    "They are read back; every changed bit and every truncation is refused or another frame",
    arguments: UInt64(0)..<120)
  func roundTrip(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let frame = Self.arbitrary(&random)
    let bytes = Self.body(frame)
    #expect(try Frame(bytes) == frame)
    var wrong: [Int] = []
    for position in bytes.indices {
      if (try? Frame(Array(bytes[..<position]))) != nil { wrong.append(position) }
      for bit in 0..<8 {
        var altered = bytes
        altered[position] ^= 1 << UInt8(bit)
        if let read = try? Frame(altered), Self.body(read) != altered { wrong.append(position) }
      }
    }
    #expect(wrong.isEmpty)
    #expect(Self.code(bytes + [0]) == .trailing)
  }

  @Test("However the stream is cut, the same frames come out", arguments: UInt64(0)..<30)
  func dripFeed(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let frames = (0..<8).map { _ in Self.arbitrary(&random) }
    let stream = frames.flatMap(\.canonicalBytes)
    for most in [1, 2, 7, 100, stream.count] {
      var decoder = FrameDecoder()
      var read: [Frame] = []
      var rest = stream[...]
      while !rest.isEmpty {
        let piece = rest.prefix(most == 1 ? 1 : random.number(in: 1...most))
        rest = rest.dropFirst(piece.count)
        decoder.append(piece)
        while let frame = try decoder.next() { read.append(frame) }
      }
      #expect(read == frames)
    }
  }

  @Test("A length of zero or above the limit is refused on its four bytes alone, and for good")
  func lengths() {
    for length in [UInt32(0), UInt32(Limits.frameBytesMax) + 1, .max] {
      var writer = ByteWriter()
      writer.write(fixed: length)
      var decoder = FrameDecoder()
      for byte in writer.bytes.dropLast() {
        decoder.append([byte])
        #expect(throws: Never.self) { try decoder.next() }
      }
      decoder.append(writer.bytes.suffix(1))
      #expect(throws: WireError.self) { try decoder.next() }
      decoder.append(Frame.ping(1).canonicalBytes)
      #expect(throws: WireError.self) { try decoder.next() }
    }
    var decoder = FrameDecoder()
    var writer = ByteWriter()
    writer.write(fixed: UInt32(Limits.frameBytesMax))
    decoder.append(writer.bytes)
    #expect(throws: Never.self) { try decoder.next() }
  }

  @Test("After a broken frame nothing more is read")
  func failureStays() {
    var decoder = FrameDecoder()
    decoder.append([0, 0, 0, 1, 77] + Frame.ping(1).canonicalBytes)
    for _ in 0..<2 { #expect(throws: WireError.self) { try decoder.next() } }
  }

  @Test("Counts that the bytes cannot hold are refused before anything is allocated")
  func hugeCounts() {
    for kind in UInt8(2)...5 {
      for count in [UInt64(Limits.logsMax), 1 << 20, 1 << 40, .max] {
        var writer = ByteWriter()
        writer.write(kind)
        writer.write(varint: count)
        writer.write([UInt8](repeating: 0, count: 3))
        #expect([.truncated, .limit].contains(Self.code(writer.bytes)))
      }
    }
  }

  @Test("Order, numbers and runs are checked")
  func invalid() {
    let low = HeldLog(log: LogID(Bytes16(high: 0, low: 1)), sequence: 1, hash: Bytes16(high: 0, low: 0))
    var high = low
    high.log = LogID(Bytes16(high: 0, low: 2))
    #expect(Self.code(Self.body(.have([low, high]))) == nil)
    #expect(Self.code(Self.body(.have([high, low]))) == .nonCanonical)
    #expect(Self.code(Self.body(.have([low, low]))) == .nonCanonical)
    high.sequence = 0
    #expect(Self.code(Self.body(.have([high]))) == .nonCanonical)
    #expect(Self.code(Self.body(.acknowledge([LogPosition(log: 0, sequence: 0)]))) == .invalid)
    #expect(
      Self.code(Self.body(.acknowledge([LogPosition(log: UInt32(Limits.logsMax), sequence: 1)]))) == .limit)
    let last = LogPosition(log: 0, sequence: .max)
    func batch(_ changes: [[UInt8]]) -> Frame {
      .changes(ChangeBatch(runs: [.init(first: last, changes: changes)]))
    }
    #expect(Self.code(Self.body(batch([[1]]))) == nil)
    #expect(Self.code(Self.body(batch([[1], [2]]))) == .invalid)
    #expect(Self.code(Self.body(batch([]))) == .invalid)
    #expect(Self.code([0]) == .invalid && Self.code([18]) == .invalid && Self.code([]) == .truncated)
    let point = ForkProbe.Point(sequence: 7, hash: Bytes16(high: 0, low: 0))
    func probe(_ points: [ForkProbe.Point]) -> Frame { .fork(ForkProbe(log: low.log, points: points)) }
    #expect(Self.code(Self.body(probe([point]))) == nil)
    #expect(Self.code(Self.body(probe([]))) == .invalid)
    #expect(Self.code(Self.body(probe([point, point]))) == .nonCanonical)
    #expect(Self.code(Self.body(probe([ForkProbe.Point(sequence: 0, hash: point.hash)]))) == .nonCanonical)
    let many = (1...UInt32(ForkProbe.pointsMax) + 1).map { ForkProbe.Point(sequence: $0, hash: point.hash) }
    #expect(Self.code(Self.body(probe(many))) == .limit)
    #expect(Self.code([1] + Array("ANBS".utf8)) == .invalid)
  }

  @Test("Words have a change, a counter, pieces in order, and as many scalars as they say")
  func invalidWords() {
    let log = LogID(Bytes16(high: 0, low: 1))
    let piece = Words.Piece(
      index: 3, object: .imported(Bytes16(high: 0, low: 2)), text: .body, predecessors: [],
      edits: [TextEdit(.insert, at: 0, count: 5)], start: 2, inserted: "abc")
    let words = Words(device: .zero, change: ChangeID(log: log, sequence: 1), counter: 1, pieces: [piece])
    func code(_ change: (inout Words) -> Void) -> WireError.Code? {
      var altered = words
      change(&altered)
      return Self.code(Self.body(.words(altered)))
    }
    #expect(code { _ in } == nil)
    #expect(code { $0.change = ChangeID(log: log, sequence: 0) } == .invalid)
    #expect(code { $0.counter = 0 } == .invalid)
    #expect(code { $0.pieces = [] } == .invalid)
    #expect(code { $0.pieces = [piece, piece] } == .nonCanonical)
    #expect(code { $0.pieces[0].start = 3 } == .invalid)
    #expect(code { $0.pieces[0].start = .max } == .invalid)
    #expect(code { $0.pieces[0].inserted = "ab" } == .invalid)
    #expect(code { $0.pieces[0].edits = [] } == .invalid)
    #expect(code { $0.pieces[0].index = Limits.identifiersMax } == .limit)
    #expect(code { $0.pieces[0].predecessors = [OperationID(log: log, sequence: 0, index: 0)] } == .limit)
    #expect(code { $0.pieces[0].object = .native(OperationID(log: log, sequence: 0, index: 0)) } == .limit)
  }

  @Test("A piece of an answer of 8,000 scalars costs 118 bytes more than itself")
  func costOfWords() {
    let log = LogID(Bytes16(high: 0, low: 1))
    let message = OperationID(log: log, sequence: 7, index: 0)
    let piece = Words.Piece(
      index: 0, object: .native(message), text: .body, predecessors: [message],
      edits: [TextEdit(.insert, at: 0, count: 8_006)], start: 8_000, inserted: " river")
    let words = Words(device: .zero, change: ChangeID(log: log, sequence: 8), counter: 1_000, pieces: [piece])
    #expect(Frame.words(words).canonicalBytes.count == 6 + 118)
  }

  @Test("Words of the greatest size are read, one byte more is refused")
  func greatestWords() throws {
    func frame(_ count: Int) -> [UInt8] {
      let piece = Words.Piece(
        index: 0, object: .imported(Bytes16(high: 0, low: 2)), text: .body, predecessors: [],
        edits: [TextEdit(.insert, at: 0, count: count)], inserted: String(repeating: "a", count: count))
      let change = ChangeID(log: LogID(Bytes16(high: 0, low: 1)), sequence: 1)
      return Self.body(.words(Words(device: .zero, change: change, counter: 1, pieces: [piece])))
    }
    let rest = frame(100_000).count - 100_000
    #expect(frame(Limits.wordsBytesMax - rest).count == Limits.wordsBytesMax)
    #expect(Self.code(frame(Limits.wordsBytesMax - rest)) == nil)
    #expect(Self.code(frame(Limits.wordsBytesMax - rest + 1)) == .limit)
  }

  @Test("A long reason is cut between two scalars and stays readable")
  func longReason() throws {
    for offset in 0..<4 {
      let reason = String(repeating: "a", count: offset) + String(repeating: "🌊", count: 400)
      let read = try Frame(Self.body(.close(Closing(.violation, reason))))
      guard case .close(let closing) = read else { throw WireError(.invalid, "expected a close frame") }
      #expect(reason.hasPrefix(closing.reason))
      #expect((Limits.reasonBytesMax - 3...Limits.reasonBytesMax).contains(closing.reason.utf8.count))
    }
  }

  @Test("A change of the greatest size travels in one frame")
  func greatestChange() throws {
    let change = [UInt8](repeating: 0, count: Limits.changeBytesMax)
    let run = ChangeBatch.Run(first: LogPosition(log: 4_095, sequence: .max), changes: [change])
    let bytes = Self.body(.changes(ChangeBatch(runs: [run])))
    #expect(bytes.count <= Limits.frameBytesMax)
    #expect(throws: Never.self) { try Frame(bytes) }
  }

  /// What a device says it is called stands in lists and sentences.
  @Test func namesOfDevicesAreInOneLine() throws {
    for name in ["", " ", "two\nlines", "two\u{2028}lines", "two\r\nlines"] {
      for frame in [PairingFrame.welcome(name: name, role: .owner), .request(name: name)] {
        var decoder = FrameDecoder()
        decoder.append(Frame.pairing(frame).canonicalBytes)
        #expect(throws: WireError.self) { try decoder.next() }
      }
    }
  }
}
