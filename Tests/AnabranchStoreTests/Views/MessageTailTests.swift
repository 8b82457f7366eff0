import AnabranchCore
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("The newest messages in the row of their conversation")
struct MessageTailTests {
  private static let conversation = OperationKey(ordinal: 3, sequence: 7, index: 0).rawValue

  private func plain(_ rows: [MessageRow]) -> [[Int64?]] {
    rows.map { [$0.key, Int64($0.role.rawValue), $0.created, $0.line, $0.origin?.rawValue] + $0.parents }
  }

  private func key(_ random: inout RandomStream) -> ObjectKey {
    switch random.below(5) {
    case 0: -Int64(random.number(in: 1...1_000_000))
    case 1: random.one(of: Int64.min, -1, 0, .max)
    case 2: Int64(bitPattern: random.next())
    default:
      OperationKey(
        ordinal: random.number(in: 0...4_095), sequence: UInt32(random.below(1_000)),
        index: UInt32(random.below(70_000))
      ).rawValue
    }
  }

  private func row(after last: ObjectKey, _ random: inout RandomStream) -> MessageRow {
    let key = key(&random)
    let parents: [ObjectKey] =
      switch random.below(4) {
      case 0: []
      case 1: [last]
      case 2: [self.key(&random)]
      default: (0..<random.number(in: 2...5)).map { _ in self.key(&random) }
      }
    return MessageRow(
      key: key, role: Role(rawValue: UInt8(random.below(256))),
      created: random.one(of: 0, .min, .max, 1_700_000_000_000 + Int64(random.below(100_000))),
      line: random.one(of: nil, key, self.key(&random)), parents: parents,
      origin: random.one(of: nil, OperationKey(rawValue: self.key(&random))))
  }

  @Test("What was added is read, in its order, whether it was written meanwhile or not", arguments: UInt64(0)..<40)
  func anyRows(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    var tail = MessageTail(of: Self.conversation)
    var rows: [MessageRow] = []
    for _ in 0..<30 {
      rows.append(row(after: rows.last?.key ?? Self.conversation, &random))
      try tail.append(try #require(rows.last))
      if random.chance(1, in: 3) { tail = MessageTail(tail.bytes, of: Self.conversation) }
      #expect(try plain(tail.rows()) == plain(rows))
    }
    for key in rows.map(\.key) {
      #expect(try plain([#require(try tail.row(key))]) == plain([#require(rows.first { $0.key == key })]))
    }
    #expect(try tail.row(Self.conversation + 12_345) == nil)
  }

  @Test("A plain message after another one takes as many bytes as its time and place need")
  func bytes() throws {
    let first = MessageRow(
      key: OperationKey(ordinal: 3, sequence: 8, index: 0).rawValue, role: .user, created: 1_700_000_000_000, line: nil,
      parents: [], origin: nil)
    let second = MessageRow(
      key: OperationKey(ordinal: 3, sequence: 9, index: 1).rawValue, role: .assistant, created: 1_700_000_000_900,
      line: nil, parents: [first.key], origin: nil)
    let imported = MessageRow(
      key: -2, role: .user, created: 1_600_000_000_000, line: second.key, parents: [],
      origin: OperationKey(ordinal: 0, sequence: 1, index: 5))
    var tail = MessageTail(of: Self.conversation)
    try tail.append(first)
    #expect(tail.bytes == [0, 1, 2, 0, 0x80, 0xa0, 0xab, 0xfe, 0xf9, 0x62])
    try tail.append(second)
    #expect(tail.bytes.dropFirst(10) == [1, 2, 2, 1, 0x88, 0x0e])
    try tail.append(imported)
    #expect(tail.bytes[16] == 0b1_1000 && tail.bytes.suffix(3) == [0x85, 0x80, 0x20])
  }

  @Test("Other bytes are named as damage, or read as some messages", arguments: UInt64(0)..<40)
  func anyBytes(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    var tail = MessageTail(of: Self.conversation)
    for _ in 0..<5 { try tail.append(row(after: Self.conversation, &random)) }
    #expect(throws: StoreError.self) { try MessageTail(tail.bytes.dropLast() + [0x80], of: Self.conversation).rows() }
    for _ in 0..<200 {
      var bytes = tail.bytes
      for _ in 0..<random.number(in: 1...4) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      bytes.removeLast(random.below(4))
      var other = MessageTail(bytes, of: Self.conversation)
      do {
        let rows = try other.rows()
        try other.append(row(after: Self.conversation, &random))
        #expect(try plain(other.rows().dropLast()) == plain(rows))
      } catch let error as StoreError {
        #expect(error.code == .damaged && error.remedy == StoreError.repairing)
      }
    }
  }
}
