import AnabranchCore
import AnabranchWire
import SeededRandom
import Testing

@Suite("Bundles")
struct BundleTests {
  private static let header = LogHeader.device(key: .zero, nonce: Bytes16(high: 0, low: 1))

  private static func pseudonym(_ random: inout RandomStream) -> Pseudonym? {
    random.chance(2, in: 3) ? Pseudonym(random.bytes16()) : nil
  }

  private static func shape(_ random: inout RandomStream) -> ContentShape {
    let one = Pseudonym(random.bytes16())
    let scalars = random.one(of: 0, 1, 300, ContentShape.scalarsMax)
    switch random.below(9) {
    case 0: return .text(scalars: scalars)
    case 1: return .flag(random.chance(1, in: 2))
    case 2: return .value(one)
    case 3: return .field(name: one, value: pseudonym(&random))
    case 4:
      return .message(
        .init(
          scalars: scalars, text: pseudonym(&random), author: pseudonym(&random), model: pseudonym(&random),
          verbatim: pseudonym(&random)))
    case 5:
      return .conversation(
        .init(title: pseudonym(&random), current: pseudonym(&random), archived: random.chance(1, in: 2)))
    case 6: return .attachment(.init(name: one, mediaType: pseudonym(&random), blob: pseudonym(&random)))
    case 7: return .piece
    default: return .opaque(one)
    }
  }

  /// A bundle that is whole, with all kinds of entries.
  private static func entries(_ random: inout RandomStream) -> [BundleEntry] {
    let branch = LogHeader.branch(of: header.log, first: 2, hash: random.digest())
    var entries: [BundleEntry] = [
      .about(
        BundleOrigin(
          program: random.words(0...3), schema: 7, level: 6, space: random.bytes16(), own: header.log,
          isRosterBinding: true, stateHash: random.digest(), logHash: random.digest())),
      .log(header, parent: nil), .log(branch, parent: header.log),
    ]
    let count = random.number(in: 1...5)
    for number in 0..<count {
      let places = (0..<UInt32(random.number(in: 0...4))).map { $0 * 3 }
      entries.append(
        .change(
          BundledChange(
            log: UInt32(number % 2), bytes: random.bytes(random.number(in: 1...40)),
            signature: random.chance(1, in: 2) ? random.bytes(64) : nil,
            shapes: places.map { .init(place: $0, shape: shape(&random)) })))
    }
    entries += [
      .view(
        BundledView(
          .imported(random.bytes16()), fingerprint: random.digest(),
          parts: [.frame: random.bytes16(), .texts: random.bytes16()])), .fault(random.words(1...5)),
      .failure(property: 5, seen: random.words(1...4)), .run("seed = 1"), .end(changes: UInt64(count), views: 1),
    ]
    return entries
  }

  private static func file(_ entries: [BundleEntry]) -> [UInt8] {
    entries.reduce(HistoryBundle.header) { $0 + HistoryBundle.bytes(of: $1) }
  }

  @Test("What is written is read as it was", arguments: UInt64(0)..<40)
  func roundTrip(seed: UInt64) throws {
    var random = RandomStream(seed: seed, "bundles")
    let entries = Self.entries(&random)
    for entry in entries { #expect(try BundleEntry(canonicalBytes: entry.canonicalBytes) == entry) }
    let history = try BundledHistory(Self.file(entries))
    let changes = entries.compactMap { if case .change(let change) = $0 { change } else { nil } }
    #expect(history.changes.map(\.change) == changes && history.logs.count == 2)
    #expect(history.changes.first?.id == ChangeID(log: Self.header.log, sequence: 1))
    #expect(history.run == "seed = 1" && history.failure?.property == 5 && history.faults.count == 1)
  }

  @Test("Cut anywhere, it is refused: who reads it is told that something is missing")
  func cutAnywhere() {
    var random = RandomStream(seed: 3, "bundles")
    let file = Self.file(Self.entries(&random))
    for length in 0..<file.count {
      let error = #expect(throws: WireError.self) { try BundledHistory(Array(file[..<length])) }
      #expect(error?.code == .truncated, "cut to \(length) bytes")
    }
    #expect(throws: WireError.self) { try BundledHistory(file + HistoryBundle.bytes(of: .fault("x"))) }
  }

  @Test("One altered byte is noticed wherever it is")
  func alteredByte() {
    var random = RandomStream(seed: 5, "bundles")
    let file = Self.file(Self.entries(&random))
    for place in file.indices {
      var altered = file
      altered[place] ^= UInt8(1 << random.number(in: 0...7))
      #expect(throws: WireError.self, "byte \(place)") { try BundledHistory(altered) }
    }
  }

  @Test("Entries that nobody wrote are refused, or are an entry whose bytes they are", arguments: UInt64(0)..<60)
  func hostileEntries(seed: UInt64) {
    var random = RandomStream(seed: seed, "hostile bundles")
    var understood = 0
    for entry in Self.entries(&random) {
      for _ in 0..<60 {
        var bytes = entry.canonicalBytes
        for _ in 0..<random.number(in: 1...4) { Self.mutate(&bytes, &random) }
        guard let read = try? BundleEntry(canonicalBytes: bytes) else { continue }
        understood += 1
        #expect(read.canonicalBytes == bytes)
      }
    }
    #expect(understood > 0, "some of them are entries, or the test would try nothing")
  }

  @Test("Whatever stands in what order, reading it never does more than throw", arguments: UInt64(0)..<60)
  func hostileFiles(seed: UInt64) throws {
    var random = RandomStream(seed: seed, "hostile files")
    for _ in 0..<30 {
      var entries = random.shuffled(Self.entries(&random) + Self.entries(&random))
      entries = Array(entries.prefix(random.number(in: 0...entries.count)))
      var bytes = Self.file(entries)
      if random.chance(1, in: 2) { Self.mutate(&bytes, &random) }
      guard let history = try? BundledHistory(bytes) else { continue }
      // Of shapes that are of nothing there are no stand-ins.
      _ = try? StandIns(for: history) { (_) throws(WireError) in nil }
    }
  }

  private static func mutate(_ bytes: inout [UInt8], _ random: inout RandomStream) {
    guard !bytes.isEmpty else { return bytes = random.bytes(4) }
    let place = random.number(in: 0...bytes.count - 1)
    switch random.below(4) {
    case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 1: bytes[place] = random.one(of: 0, 1, 0x7f, 0x80, 0xff)
    case 2: bytes.remove(at: place)
    default: bytes.insert(contentsOf: random.bytes(random.number(in: 1...9)), at: place)
    }
  }

  @Test("What is no bundle, of a later version, or out of order is told apart")
  func otherFiles() throws {
    func code(_ bytes: [UInt8]) -> WireError.Code? {
      #expect(throws: WireError.self) { try BundledHistory(bytes) }?.code
    }
    #expect(code(Array("SQLite format 3".utf8)) == .invalid)
    #expect(code(Array("ANBRBUN".utf8) + [2]) == .version)
    #expect(code(HistoryBundle.header + [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]) == .limit)
    var random = RandomStream(seed: 9, "bundles")
    let entries = Self.entries(&random)
    #expect(code(Self.file(Array(entries.dropFirst()))) == .truncated)
    #expect(code(Self.file([entries[0]] + entries)) == .invalid)
    #expect(code(Self.file([entries[0]] + entries.dropFirst(3))) == .invalid, "changes of logs that are not told")
    #expect(code(Self.file(entries.dropLast() + [.end(changes: 9, views: 1)])) == .invalid)
  }
}

@Suite("Shapes and stand-ins")
struct ContentShapeTests {
  private static let pseudonyms = Pseudonyms(key: Digest(head: .init(high: 1, low: 2), tail: .init(high: 3, low: 4)))

  private static func shape(_ draft: Draft) -> ContentShape {
    let id = ChangeID(log: LogID(Bytes16(high: 0, low: 1)), sequence: 2)
    var open = OpenChange(id: id, time: .zero, wall: 0, action: 2)
    _ = open.append(draft)
    let sealed = SealedChange(sealing: open, context: .init(id: id, previous: .zero), dependencies: [])
    let operation = sealed.change.operations[0]
    return ContentShape(
      of: operation, whole: operation.envelope.content.bytes, form: operation.envelope.kind, by: pseudonyms)
  }

  private static func write(_ register: RegisterKind, _ bytes: [UInt8]) -> Draft {
    Draft(
      kind: .writeRegister, target: .imported(Bytes16(high: 0, low: 9)),
      mutation: .writeRegister(WriteRegister(register: register, predecessors: [])),
      content: .present(salt: Bytes16(high: 0, low: 0), bytes: bytes[...]))
  }

  @Test("Equal values have equal pseudonyms, and others have others, also under another key or for another use")
  func pseudonyms() {
    let title = Self.pseudonyms.of("Lisbon", as: .title)
    #expect(title == Self.pseudonyms.of("Lisbon", as: .title))
    #expect(title != Self.pseudonyms.of("Lisbon", as: .tag) && title != Self.pseudonyms.of("Lisbo", as: .title))
    #expect(title != Pseudonyms(key: .zero).of("Lisbon", as: .title))
  }

  @Test("A shape has nothing of what was written, and its stand-in is of the same shape")
  func shapes() throws {
    let hash = Digest(head: .init(high: 77, low: 0), tail: .init(high: 0, low: 0))
    let title = Self.shape(Self.write(.title, Array("Secret".utf8)))
    #expect(title == .value(Self.pseudonyms.of("Secret", as: .title)))
    #expect(title.standIn(for: hash).count == 32 && !title.standIn(for: hash).contains(UInt8(ascii: "S")))
    #expect(Self.shape(Self.write(.archived, [1])) == .flag(true) && ContentShape.flag(true).standIn(for: hash) == [1])
    #expect(Self.shape(Self.write(.archived, [2])) == .opaque(Self.pseudonyms.of([2], as: .other)))
    let broken = Self.shape(Self.write(.title, [0xff, 0xfe]))
    #expect(broken == .opaque(Self.pseudonyms.of([0xff, 0xfe], as: .other)))
    #expect(String(validating: broken.standIn(for: hash), as: UTF8.self) == nil, "what is no text stays none")
    let field = Self.shape(Self.write(.fields, FieldContent(name: "state", value: nil).canonicalBytes))
    #expect(field == .field(name: Self.pseudonyms.of("state", as: .fieldName), value: nil))
    #expect(FieldContent(canonicalBytes: field.standIn(for: hash)[...])?.value == nil)

    let body = MessageContent(text: "né🙂", author: "web", verbatim: "{}")
    let said = Draft(
      kind: .createMessage, target: .imported(Bytes16(high: 0, low: 9)),
      mutation: .createMessage(CreateMessage(parents: [], line: .continued, role: .user, created: 0, length: 3)),
      content: .present(salt: Bytes16(high: 0, low: 0), bytes: body.canonicalBytes[...]))
    let message = try #require(MessageContent(canonicalBytes: Self.shape(said).standIn(for: hash)[...]))
    #expect(message.text.unicodeScalars.count == 3 && message.model == nil)
    #expect(message.author == Self.pseudonyms.of("web", as: .author).text)
    #expect(message.text != body.text && message.verbatim?.count == 32)
  }

  @Test("Texts of other contents read differently, and what a purge left reads as it did within the whole")
  func texts() {
    func hash(_ number: UInt64) -> Digest { Digest(head: .init(high: number, low: 0), tail: .init(high: 0, low: 0)) }
    let whole = ContentShape.text(scalars: 10).standIn(for: hash(5))
    #expect(whole.count == 10 && whole != ContentShape.text(scalars: 10).standIn(for: hash(6)))
    let purge = PurgePast(
      of: OperationID(log: LogID(Bytes16(high: 0, low: 1)), sequence: 1, index: 0), gone: [2..<5], count: 10,
      isImmediate: false)
    let left = ContentShape.text(scalars: 7).standIn(for: hash(6), leftOf: .init(hash(5), nil, by: purge))
    #expect(left == Array(whole[..<2] + whole[5...]))
  }
}
