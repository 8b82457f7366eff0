import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Testing

@Suite("What the reader of changes refuses")
struct ChangeLimitsTests {
  private typealias Handmade = HandmadeChange

  @Test("The simplest change by hand is read")
  func valid() {
    #expect(Handmade().failure == nil)
  }

  @Test("Another version of the layout is refused as such")
  func version() {
    #expect(Handmade(version: 2).failure == .version)
    #expect(Handmade(version: 0).failure == .version)
  }

  @Test("An action starts at change 1 or later")
  func action() {
    #expect(Handmade(actionDistance: 4).failure == nil)
    #expect(Handmade(actionDistance: 5).failure == .invalid)
    #expect(Handmade(actionDistance: 1 << 32).failure == .limit)
  }

  @Test("Dependencies ascend, each log once, never the own, from change 1 on")
  func dependencies() {
    let log = Handmade.log
    #expect(Handmade(dependencies: [(log(2), 1), (log(3), 1)]).failure == nil)
    #expect(Handmade(dependencies: [(log(3), 1), (log(2), 1)]).failure == .nonCanonical)
    #expect(Handmade(dependencies: [(log(2), 1), (log(2), 2)]).failure == .nonCanonical)
    #expect(Handmade(dependencies: [(log(100), 1)]).failure == .nonCanonical)
    #expect(Handmade(dependencies: [(log(2), 0)]).failure == .invalid)
    #expect(Handmade(dependencies: [(log(2), 1 << 32)]).failure == .limit)
  }

  @Test("A count beyond its limit or beyond the bytes is refused before anything is allocated")
  func hugeCounts() {
    #expect(Handmade(dependencyCount: UInt64(Limits.logsMax)).failure == .truncated)
    #expect(Handmade(dependencyCount: UInt64(Limits.logsMax) + 1).failure == .limit)
    #expect(Handmade(dependencyCount: .max).failure == .limit)
    #expect(Handmade(operationCount: 0).failure == .invalid)
    #expect(Handmade(operationCount: UInt64(Limits.operationsMax)).failure == .truncated)
    #expect(Handmade(operationCount: UInt64(Limits.operationsMax) + 1).failure == .limit)
    #expect(Handmade(operationCount: .max).failure == .limit)
  }

  @Test("A huge count within a structure makes it unknown, not the change unreadable")
  func hugeCountsInStructures() throws {
    for kind in [OperationKind.appendText, .writeRegister, .removeElement, .createMessage] {
      for count in [UInt64(Limits.referencesMax), 1 << 40, .max] {
        var structure = ByteWriter()
        if kind == .createMessage { structure.write([1, 0, 0] as [UInt8]) }
        if kind == .writeRegister || kind == .removeElement { structure.write(varint: 1) }
        structure.write(varint: count)
        let change = Handmade(
          operations: [Handmade.operation(kind: UInt64(kind.rawValue), structure: structure.bytes)])
        let read = try SealedChange(bytes: change.bytes, context: Handmade.context)
        #expect(read.change.operations.map(\.mutation) == [.unknown])
        #expect(read.bytes == change.bytes)
      }
    }
  }

  @Test("Spans are at least 1 and together at most the limit")
  func spans() {
    let most = UInt64(Limits.identifiersMax)
    func failure(_ spans: UInt64...) -> WireError.Code? {
      Handmade(operations: spans.map { Handmade.operation(kind: 99, span: $0) }).failure
    }
    #expect(failure(0) == .invalid)
    #expect(failure(most) == nil)
    #expect(failure(most + 1) == .limit)
    #expect(failure(most - 1, 1) == nil)
    #expect(failure(most, 1) == .limit)
    #expect(failure(.max) == .limit)
  }

  @Test("Contents and changes keep to their limits")
  func sizes() {
    func content(_ count: Int) -> [UInt8] {
      var writer = ByteWriter()
      writer.write(UInt8(1))
      writer.write(Bytes16(high: 7, low: 7))
      writer.write(counted: [UInt8](repeating: 0, count: count))
      return writer.bytes
    }
    func failure(_ contents: [UInt8]...) -> WireError.Code? {
      Handmade(operations: contents.map { Handmade.operation(content: $0) }).failure
    }
    #expect(failure(content(Limits.contentBytesMax)) == nil)
    #expect(failure(content(Limits.contentBytesMax + 1)) == .limit)
    #expect(failure(content(Limits.contentBytesMax), content(Limits.contentBytesMax)) == .limit)
  }

  @Test("Presence bytes, references and content marks have no other values")
  func marks() {
    func failure(_ operations: [UInt8]..., after sequence: UInt64? = nil) -> WireError.Code? {
      Handmade(dependencies: sequence.map { [(Handmade.log(1), $0)] } ?? [], operations: operations).failure
    }
    func operation(on target: UInt8...) -> [UInt8] { Handmade.operation(target: [1] + target) }
    #expect(failure(Handmade.operation(target: [2])) == .invalid)
    #expect(failure(Handmade.operation(content: [3])) == .invalid)
    // Own log, four changes back: the first; five back there is none.
    #expect(failure(operation(on: 1, 4, 0)) == nil)
    #expect(failure(operation(on: 1, 5, 0)) == .invalid)
    // The own change: an operation refers to what stands before it, and neither to itself nor to what follows.
    #expect(failure(Handmade.operation(), operation(on: 1, 0, 0)) == nil)
    #expect(failure(Handmade.operation(), operation(on: 1, 0, 1)) == .invalid)
    #expect(failure(operation(on: 1, 0, 1), Handmade.operation()) == .invalid)
    // Another log, as far as the change depends on it, and where it depends on none.
    #expect(failure(operation(on: 2, 1, 0), after: 2) == nil)
    #expect(failure(operation(on: 2, 2, 0), after: 2) == nil)
    #expect(failure(operation(on: 2, 3, 0), after: 2) == .invalid)
    #expect(failure(operation(on: 2, 0, 0), after: 2) == .invalid)
    #expect(failure(operation(on: 2, 1, 0)) == .invalid)
    #expect(failure(operation(on: 3, 1, 0), after: 2) == .invalid)
    // An index of 2¹⁹, one too many.
    #expect(failure(operation(on: 1, 1, 0x80, 0x80, 0x20)) == .limit)
  }

  @Test("A structure that refers beyond what its change depends on has no effect, and is kept")
  func referencesInStructures() throws {
    func mutation(_ sequence: UInt8) throws -> Mutation? {
      var structure = ByteWriter()
      structure.write([1, 1, 2, sequence, 0] as [UInt8])
      let change = Handmade(
        dependencies: [(Handmade.log(1), 2)],
        operations: [Handmade.operation(kind: 4, target: [1, 2, 1, 0], structure: structure.bytes)])
      let read = try SealedChange(bytes: change.bytes, context: Handmade.context)
      #expect(read.bytes == change.bytes)
      return read.change.operations.first?.mutation
    }
    let seen = OperationID(log: Handmade.log(1), sequence: 2, index: 0)
    #expect(try mutation(2) == .writeRegister(WriteRegister(register: .title, predecessors: [seen])))
    #expect(try mutation(3) == .unknown)
  }

  @Test("The place after the last sequence there is does not exist")
  func lastSequence() {
    let log = Handmade.log(1)
    #expect(SealedChange.Context(after: LogHead(sequence: .max, hash: .zero), in: log) == nil)
    #expect(SealedChange.Context(after: LogHead(sequence: 0, hash: .zero), in: log)?.id.sequence == 1)
  }
}
