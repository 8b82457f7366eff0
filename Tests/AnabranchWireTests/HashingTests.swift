import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@Suite("Hashes")
struct HashingTests {
  /// The Merkle tree hash of RFC 6962, §2.1, from leaf hashes, as it is defined: split at the largest power of two.
  private static func reference(_ leaves: ArraySlice<Digest>) -> Digest {
    guard leaves.count > 1 else { return leaves.first ?? .zero }
    var split = 1
    while split * 2 < leaves.count { split *= 2 }
    let left = reference(leaves.prefix(split))
    let right = reference(leaves.dropFirst(split))
    return Hashing.hash(.node, (left.bytes + right.bytes)[...])
  }

  @Test("The root is that of RFC 6962")
  func merkleRoot() {
    var random = RandomStream(seed: 1)
    var leaves: [Digest] = []
    for _ in 0...130 {
      #expect(Hashing.merkleRoot(leaves) == Self.reference(leaves[...]))
      leaves.append(random.digest())
    }
    #expect(Hashing.merkleRoot([]) == .zero)
  }

  @Test("What is hashed as one thing is never hashed as another")
  func domains() {
    let bytes: [UInt8] = [1, 2, 3]
    let all = (UInt8(0)...9).compactMap { Hashing.Domain(rawValue: $0) }
    #expect(all.count == 10)
    #expect(Set(all.map { Hashing.hash($0, bytes[...]) }).count == 10)
  }

  @Test("Every byte of the bytes and of what came before goes into the chain", arguments: UInt64(0)..<20)
  func chain(seed: UInt64) throws {
    let arbitrary = ArbitraryChange(seed: seed)
    let sealed = arbitrary.sealed
    var hashes: Set<Digest> = [sealed.hash]
    for byte in 0..<Digest.count {
      var previous = arbitrary.context.previous.bytes
      previous[byte] ^= 1
      let context = SealedChange.Context(id: arbitrary.context.id, previous: try #require(Digest(previous)))
      hashes.insert(try SealedChange(bytes: sealed.bytes, context: context).hash)
    }
    // The same bytes at another place of the log, as far as their references reach there.
    let place = ChangeID(log: arbitrary.context.id.log, sequence: arbitrary.context.id.sequence ^ 1 << 20)
    let elsewhere = SealedChange.Context(id: place, previous: arbitrary.context.previous)
    let moved = try? SealedChange(bytes: sealed.bytes, context: elsewhere)
    hashes.insert(moved?.hash ?? .zero)
    #expect(hashes.count == 2 + Digest.count)
  }

  @Test("Whoever changes one byte anywhere in a log changes its head", arguments: UInt64(0)..<5)
  func head(seed: UInt64) throws {
    let generated = HistoryGenerator.history(
      seed: seed, options: HistoryGenerator.Options(replicas: 1, steps: 8))
    let first = try #require(generated.changes.first).change.id.log
    let changes = generated.changes.filter { $0.change.id.log == first }
    let header = try #require(generated.headers[first])
    func head(_ bytes: [[UInt8]]) -> Digest? {
      var head = LogHead(sequence: 0, hash: header.foundingHash)
      for change in bytes {
        guard let context = SealedChange.Context(after: head, in: first),
          let read = try? SealedChange(bytes: change, context: context)
        else { return nil }
        head = LogHead(sequence: context.id.sequence, hash: read.hash)
      }
      return head.hash
    }
    let bytes = changes.map(\.bytes)
    #expect(head(bytes) == changes.last?.hash)
    for change in bytes.indices {
      for position in bytes[change].indices {
        var altered = bytes
        altered[change][position] ^= 0x10
        #expect(head(altered) != changes.last?.hash)
      }
    }
  }

  @Test("An imported object's name keeps apart where its parts end")
  func importedNames() {
    let names = [
      Hashing.imported(source: "a", path: ["b", "c"]), Hashing.imported(source: "a", path: ["bc"]),
      Hashing.imported(source: "ab", path: ["c"]), Hashing.imported(source: "a", path: ["b", "c", ""]),
    ]
    #expect(Set(names).count == names.count)
  }

  @Test("Log headers are read back, and name their logs", arguments: UInt64(0)..<20)
  func logHeaders(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    for header in [
      LogHeader.device(key: random.digest(), nonce: random.bytes16()),
      .branch(of: LogID(random.bytes16()), first: UInt32(seed), hash: random.digest()),
    ] {
      let bytes = header.canonicalBytes
      var reader = ByteReader(bytes)
      #expect(try LogHeader(&reader) == header)
      #expect(reader.remaining == 0)
      #expect(header.log.bytes == header.foundingHash.head)
      for count in bytes.indices {
        var short = ByteReader(Array(bytes[..<count]))
        #expect(throws: WireError.self) { try LogHeader(&short) }
      }
    }
    var other = ByteReader([3] + random.bytes(60))
    #expect(throws: WireError.self) { try LogHeader(&other) }
  }

  @Test("The hash of all heads depends on each, and not on their order")
  func heads() {
    var random = RandomStream(seed: 2)
    var heads = (UInt32(1)...4).map { number in
      (log: LogID(random.bytes16()), head: LogHead(sequence: number, hash: random.digest()))
    }
    let whole = StateHash.log(heads: heads)
    #expect(StateHash.log(heads: heads.reversed()) == whole)
    heads[2].head.sequence += 1
    #expect(StateHash.log(heads: heads) != whole)
    #expect(StateHash.log(heads: []) != whole)
  }
}
