/// Names an object: a conversation or a message.
///
/// What was made here is named by the operation that made it. What was imported takes its name from its
/// source, so that two devices which import the same thing apart mean one object.
public enum ObjectID: Hashable, Sendable {
  /// Made by that operation.
  case native(OperationID)
  /// Imported; the sixteen bytes are a hash of the source's name and its identifiers there.
  case imported(Bytes16)
}

extension ObjectID {
  /// The sixteen bytes a person sees, as thirty-two hexadecimal digits.
  ///
  /// For a native object: the bits of the sequence in reverse order, then the index in 24 bits, both masked
  /// with bytes 9 to 15 of the log's identifier, then bytes 0 to 8 of it. The reversal puts what varies most
  /// first, so that short prefixes tell objects apart, and a prefix still narrows the search to the sequences
  /// that agree in their lowest bits: no index is needed to find an object by what a person typed. The form
  /// is the same on every replica.
  public var printed: Bytes16 {
    switch self {
    case .imported(let bytes):
      return bytes
    case .native(let id):
      let log = id.log.bytes
      let reversed = UInt64(Self.reversed(id.sequence))
      let varying = reversed << 32 | UInt64(id.index & Self.indexMax) << 8
      let mask = log.low << 8
      return Bytes16(
        high: (varying ^ mask) & ~0xff | log.high >> 56,
        low: log.high << 8 | log.low >> 56)
    }
  }

  /// The operation of `log` that prints as `printed`; nil where `printed` names no object of that log.
  ///
  /// The inverse of ``printed`` for a log that is known. O(1).
  public init?(printed: Bytes16, log: LogID) {
    let suffix = Bytes16(
      high: log.bytes.high >> 56, low: log.bytes.high << 8 | log.bytes.low >> 56)
    guard printed.high & 0xff == suffix.high, printed.low == suffix.low else { return nil }
    let varying = printed.high & ~0xff ^ log.bytes.low << 8
    let sequence = Self.reversed(UInt32(truncatingIfNeeded: varying >> 32))
    guard sequence > 0 else { return nil }
    self = .native(
      OperationID(
        log: log, sequence: sequence, index: UInt32(truncatingIfNeeded: varying >> 8) & Self.indexMax))
  }

  /// The sequences of `log`, up to `last`, whose objects' printed form can start with `prefix` bits.
  ///
  /// `bits` is how many leading bits of `prefix` count, at most 32 of them are used. The candidates are one
  /// in 2^bits of all sequences. O(candidates).
  public static func candidates(
    prefix: UInt32, bits: Int, in log: LogID, last: UInt32
  ) -> StrideThrough<UInt64> {
    let used = Swift.min(Swift.max(bits, 0), 32)
    let mask = UInt32(truncatingIfNeeded: log.bytes.low >> 24)
    let fixed = used == 0 ? 0 : (prefix ^ mask) & ~UInt32(truncatingIfNeeded: UInt64(UInt32.max) >> used)
    let step = UInt64(1) << used
    let first = UInt64(reversed(fixed))
    // There is no change 0.
    return stride(from: first == 0 ? step : first, through: UInt64(last), by: Int(step))
  }

  /// The greatest index within a change that the printed form has room for.
  public static let indexMax: UInt32 = 0xff_ffff

  private static func reversed(_ value: UInt32) -> UInt32 {
    var (rest, result): (UInt32, UInt32) = (value, 0)
    for _ in 0..<32 {
      result = result << 1 | rest & 1
      rest >>= 1
    }
    return result
  }
}

extension ObjectID: Comparable {
  /// The order of the printed forms: the same on every replica, and the one a person sees.
  ///
  /// A forger can make two objects that print alike; then native ones come first, in the order of operations, so
  /// that the order is total for them too.
  public static func < (a: Self, b: Self) -> Bool {
    let (first, second) = (a.printed, b.printed)
    guard first == second else { return first < second }
    switch (a, b) {
    case (.native(let a), .native(let b)): return a < b
    case (.native, .imported): return true
    case (.imported, _): return false
    }
  }
}

extension ObjectID: CustomStringConvertible {
  /// Thirty-two lowercase hexadecimal digits.
  public var description: String {
    Hexadecimal.encode(printed.bytes)
  }
}
