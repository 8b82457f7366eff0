import AnabranchCore
import AnabranchTestSupport
import SeededRandom
import Testing

@testable import AnabranchWire

@Suite("The bytes of changes")
struct ChangeCodecTests {
  /// Whether every structure that was understood is written again as it stands, and so is the whole.
  private static func writesAgain(_ sealed: SealedChange) throws -> Bool {
    let header = try ChangeHeader(of: sealed.change.id, in: sealed.bytes)
    let isSame = sealed.change.operations.allSatisfy { operation in
      operation.mutation == .unknown
        || header.table.structure(of: operation.mutation, time: header.time)[...]
          == operation.envelope.structure
    }
    return isSame && sealed.redacted { _ in false } == sealed
  }

  @Test("What is sealed is read back, and sealed again to the same bytes", arguments: UInt64(0)..<300)
  func roundTrip(seed: UInt64) throws {
    let arbitrary = ArbitraryChange(seed: seed)
    let sealed = arbitrary.sealed
    let read = try SealedChange(bytes: sealed.bytes, context: arbitrary.context)
    #expect(read == sealed)
    #expect(try Self.writesAgain(read))

    var again = OpenChange(
      id: read.change.id, time: read.change.time, wall: read.change.wall, action: read.change.action)
    for operation in read.change.operations {
      let index = again.append(
        Draft(
          kind: operation.envelope.kind, target: operation.envelope.target, mutation: operation.mutation,
          content: operation.envelope.content))
      #expect(index == operation.index)
    }
    let resealed = SealedChange(
      sealing: again, context: arbitrary.context, dependencies: read.change.dependencies.reversed())
    #expect(resealed == sealed)

    let header = try ChangeHeader(of: read.change.id, in: read.bytes)
    #expect(header.time == read.change.time && header.wall == read.change.wall)
    #expect(header.action == read.change.action && header.dependencies == read.change.dependencies)
  }

  @Test(
    "Every changed bit is refused, or read as another change that is written as those bytes",
    arguments: UInt64(0)..<10)
  func flippedBits(seed: UInt64) throws {
    let arbitrary = ArbitraryChange(seed: seed)
    let sealed = arbitrary.sealed
    var wrong: [Int] = []
    for position in sealed.bytes.indices {
      for bit in 0..<8 {
        var bytes = sealed.bytes
        bytes[position] ^= 1 << UInt8(bit)
        do throws(WireError) {
          let read = try SealedChange(bytes: bytes, context: arbitrary.context)
          let isSame = (try? Self.writesAgain(read)) ?? false
          if !isSame || read.bytes != bytes || read.hash == sealed.hash { wrong.append(position) }
        } catch {
          continue
        }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test("Every value of every byte of a short change", arguments: [UInt64(3), 11])
  func everyByte(seed: UInt64) throws {
    let arbitrary = ArbitraryChange(seed: seed)
    let sealed = arbitrary.sealed
    var wrong: [Int] = []
    for position in sealed.bytes.indices.prefix(120) {
      for value in UInt8.min...UInt8.max where value != sealed.bytes[position] {
        var bytes = sealed.bytes
        bytes[position] = value
        guard let read = try? SealedChange(bytes: bytes, context: arbitrary.context) else { continue }
        if try !Self.writesAgain(read) || read.hash == sealed.hash { wrong.append(position) }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test("Every truncation is refused, and so is a byte too many", arguments: UInt64(0)..<60)
  func truncations(seed: UInt64) {
    let arbitrary = ArbitraryChange(seed: seed)
    let bytes = arbitrary.sealed.bytes
    for count in bytes.indices {
      #expect(throws: WireError.self) {
        try SealedChange(bytes: Array(bytes[..<count]), context: arbitrary.context)
      }
    }
    #expect(Self.failure(bytes + [0], arbitrary.context)?.code == .trailing)
  }

  @Test("Random bytes never crash the reader", arguments: UInt64(0)..<10)
  func noise(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let arbitrary = ArbitraryChange(seed: seed)
    for _ in 0..<300 {
      // Behind a true header, so that the operations are reached.
      let header = Array(arbitrary.sealed.bytes.prefix(random.number(in: 0...60)))
      let bytes = header + random.bytes(random.number(in: 0...200))
      guard let read = try? SealedChange(bytes: bytes, context: arbitrary.context) else { continue }
      #expect((try? Self.writesAgain(read)) == true)
    }
  }

  @Test("A time the format cannot hold is cut for its writer as for its readers")
  func timesAreCut() throws {
    let id = ChangeID(log: LogID(Bytes16(high: 1, low: 1)), sequence: 1)
    let context = SealedChange.Context(id: id, previous: .zero)
    var open = OpenChange(id: id, time: HybridTime(milliseconds: 5, counter: 0), wall: 5, action: 1)
    for created in [Int64.min, -1, .max] {
      _ = open.append(
        Draft(
          kind: .createConversation, target: nil,
          mutation: .createConversation(CreateConversation(created: created))))
    }
    let sealed = SealedChange(sealing: open, context: context, dependencies: [])
    #expect(
      sealed.change.operations.map(\.mutation)
        == [0, 0, Limits.millisecondsMax].map { .createConversation(CreateConversation(created: $0)) })
    #expect(try SealedChange(bytes: sealed.bytes, context: context) == sealed)
  }

  static func failure(_ bytes: [UInt8], _ context: SealedChange.Context) -> WireError? {
    do throws(WireError) {
      _ = try SealedChange(bytes: bytes, context: context)
      return nil
    } catch {
      return error
    }
  }
}
