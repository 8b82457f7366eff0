internal import AnabranchCore

/// An operation, and so a native object, as one integer: twelve bits for the log's ordinal, thirty-two for the
/// sequence, nineteen for the index.
///
/// Local to one database, because ordinals are. Imported objects have negative keys, so the sign tells them apart.
struct OperationKey: RawRepresentable, Hashable, Comparable {
  let rawValue: Int64

  init(rawValue: Int64) {
    self.rawValue = rawValue
  }

  init(ordinal: Int, sequence: UInt32, index: UInt32) {
    rawValue = Int64(ordinal) << 51 | Int64(sequence) << 19 | Int64(index & OperationID.indexMax)
  }

  var ordinal: Int { Int(rawValue >> 51) }
  var sequence: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 19) }
  var index: UInt32 { UInt32(truncatingIfNeeded: rawValue) & OperationID.indexMax }

  /// The change it stands in.
  var change: ChangeKey { ChangeKey(rawValue: rawValue >> 19) }

  /// All keys of one log; those of the last one end at the greatest integer.
  static func range(ofOrdinal ordinal: Int) -> ClosedRange<Int64> {
    let first = Int64(ordinal) << 51
    return first...(first | (1 << 51 - 1))
  }

  /// All keys of one change.
  static func range(of change: ChangeKey) -> ClosedRange<Int64> {
    let first = change.rawValue << 19
    return first...(first | Int64(OperationID.indexMax))
  }

  static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A change as one integer, the rowid of the log: the log's ordinal, then thirty-two bits of sequence.
struct ChangeKey: RawRepresentable, Hashable {
  let rawValue: Int64

  init(rawValue: Int64) {
    self.rawValue = rawValue
  }

  init(ordinal: Int, sequence: UInt32) {
    rawValue = Int64(ordinal) << 32 | Int64(sequence)
  }

  /// All keys of one log.
  static func range(ofOrdinal ordinal: Int) -> ClosedRange<Int64> {
    let first = Int64(ordinal) << 32
    return first...(first | (1 << 32 - 1))
  }

  var ordinal: Int { Int(rawValue >> 32) }
  var sequence: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
}

/// An object as one integer: its ``OperationKey``, or minus the number of an imported object.
typealias ObjectKey = Int64

/// Lists of integers in a column: eight bytes each, most significant first.
enum KeyList {
  static func bytes(_ keys: [Int64]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(keys.count * 8)
    for key in keys { UInt64(bitPattern: key).appendBigEndian(to: &bytes) }
    return bytes
  }

  static func keys(_ bytes: some Collection<UInt8>) -> [Int64] {
    var keys: [Int64] = []
    var iterator = bytes.makeIterator()
    while let word = UInt64(bigEndianFrom: &iterator) { keys.append(Int64(bitPattern: word)) }
    return keys
  }
}
