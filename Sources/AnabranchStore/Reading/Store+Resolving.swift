public import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension Store {
  /// What an identifier, or the beginning of one, can stand for.
  public struct Candidate: Hashable, Sendable {
    /// The object.
    public var id: ObjectID
    /// What it is.
    public var kind: ObjectKind
  }

  /// The least number of digits that are enough to name an object.
  public static let prefixDigitsMin = 4

  /// The objects whose printed identifier starts with `prefix`, in ascending order; at most `limit`.
  ///
  /// Nil where `prefix` is too short, too long, or no hexadecimal number. Native objects are found without an
  /// index: the sequences that can print so are one in 16 to the power of digits.
  public func candidates(prefix: String, limit: Int = 16) throws(StoreError) -> [Candidate]? {
    guard let range = Self.printedRange(prefix) else { return nil }
    return try reading { db in
      var found = try importedCandidates(range, limit: limit, db)
      for record in state.records where record.head.sequence > 0 {
        found += try nativeCandidates(range, digits: prefix.utf8.count, record, db)
      }
      return Array(found.sorted { $0.id < $1.id }.prefix(limit))
    }
  }

  /// What printed identifiers can be that start with `prefix`; nil where it is too short, too long, or no hexadecimal
  /// number.
  static func printedRange(_ prefix: String) -> ClosedRange<Bytes16>? {
    let digits = Array(prefix.lowercased().utf8)
    guard (prefixDigitsMin...32).contains(digits.count),
      digits.allSatisfy({ Hexadecimal.value(of: $0) != nil }),
      let low = Bytes16(Hexadecimal.decode(String(decoding: digits, as: UTF8.self).padded(with: "0")) ?? []),
      let high = Bytes16(Hexadecimal.decode(String(decoding: digits, as: UTF8.self).padded(with: "f")) ?? [])
    else { return nil }
    return low...high
  }

  /// Imported messages and conversations; what was only referred to is neither.
  private func importedCandidates(
    _ range: ClosedRange<Bytes16>, limit: Int, _ db: Database
  ) throws -> [Candidate] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT id, imported.conversation IS NULL AS whole FROM imported
          LEFT JOIN conversation ON conversation.key = -number
          WHERE id BETWEEN ? AND ? AND (imported.conversation IS NOT NULL OR source IS NOT NULL)
          ORDER BY id LIMIT ?
          """),
      arguments: [Data(range.lowerBound.bytes), Data(range.upperBound.bytes), limit]
    ).compactMap { row in
      let isConversation = try row.decode(Bool.self, forColumn: "whole")
      return try Bytes16(row.decode(Data.self, forColumn: "id")).map {
        Candidate(id: .imported($0), kind: isConversation ? .conversation : .message)
      }
    }
  }

  private func nativeCandidates(
    _ range: ClosedRange<Bytes16>, digits: Int, _ record: LogState.Record, _ db: Database
  ) throws -> [Candidate] {
    var found: [Candidate] = []
    let sequences = ObjectID.candidates(
      prefix: UInt32(truncatingIfNeeded: range.lowerBound.high >> 32), bits: min(digits * 4, 32),
      in: record.id,
      last: record.head.sequence)
    for sequence in sequences where sequence > 0 {
      let change = ChangeID(log: record.id, sequence: UInt32(sequence))
      guard let key = state.key(of: change), let held = try db.change(key, state) else { continue }
      for operation in held.operations {
        let id = ObjectID.native(
          OperationID(log: change.log, sequence: change.sequence, index: operation.index))
        guard range.contains(id.printed) else { continue }
        switch operation.mutation {
        case .createConversation: found.append(Candidate(id: id, kind: .conversation))
        case .createMessage: found.append(Candidate(id: id, kind: .message))
        case .addElement(let add) where add.set == .attachments: found.append(Candidate(id: id, kind: .attachment))
        default: break
        }
      }
    }
    return found
  }
}

extension String {
  /// Thirty-two digits: these, then `digit` as often as needed.
  fileprivate func padded(with digit: Character) -> String {
    self + String(repeating: digit, count: 32 - count)
  }
}
