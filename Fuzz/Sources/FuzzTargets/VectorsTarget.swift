internal import AnabranchCore
internal import AnabranchWire

/// The input is what a side says it holds: a frame `have`, without its length and its kind. The first byte of each hash says
/// how another side differs in that log.
///
/// Promised: the frame has one form; the vector of it says what it says; merging is the least upper bound, in whatever order and
/// however often; and the difference of two vectors is what one lacks of the other.
enum VectorsTarget {
  private static let kind: UInt8 = 2

  static func check(_ input: UnsafeRawBufferPointer) throws(BrokenPromise) {
    let body = [kind] + Array(input)
    guard case .have(let logs)? = try? Frame(body) else { return }
    try BrokenPromise.unless(
      Array(Frame.have(logs).canonicalBytes.dropFirst(Frame.lengthBytes)) == body, "what is held has one form in bytes")
    let one = VersionVector(logs.map { ($0.log, $0.sequence) })
    try BrokenPromise.unless(
      one.entries.elementsEqual(logs) { $0.log == $1.log && $0.sequence == $1.sequence },
      "a vector has each log that is held, in order")
    try BrokenPromise.unless(
      one.changes == logs.reduce(0) { $0 + UInt64($1.sequence) }, "a vector holds as many changes as its logs")
    try checkLaws(one, VersionVector(logs.map { ($0.log, other($0)) }))
  }

  /// How far another side holds that log.
  private static func other(_ held: HeldLog) -> UInt32 {
    switch held.hash.bytes[0] % 4 {
    case 0: held.sequence
    case 1: held.sequence - 1
    case 2: held.sequence.addingReportingOverflow(1).overflow ? 0 : held.sequence + 1
    default: 0
    }
  }

  private static func checkLaws(_ one: VersionVector, _ other: VersionVector) throws(BrokenPromise) {
    let both = one.merging(other)
    try BrokenPromise.unless(
      both == other.merging(one) && both == both.merging(one) && both.includes(one) && both.includes(other),
      "merging commutes, and includes both")
    let expected: CausalRelation =
      switch (both == one, both == other) {
      case (true, true): .equal
      case (true, false): .after
      case (false, true): .before
      case (false, false): .concurrent
      }
    try BrokenPromise.unless(one.relation(to: other) == expected, "the relation is that of the merged vector")
    var caughtUp = other
    for (log, sequences) in one.missing(from: other) {
      try BrokenPromise.unless(
        sequences.lowerBound == other[log] + 1 && one.contains(ChangeID(log: log, sequence: sequences.upperBound)),
        "what is missing follows what is held")
      caughtUp[log] = sequences.upperBound
    }
    try BrokenPromise.unless(caughtUp == both, "who gets what is missing holds all")
  }

  static var seeds: [FuzzTarget.Seed] {
    let held = (1...4).map { number in
      HeldLog(
        log: LogID(Bytes16(high: UInt64(number), low: 1)), sequence: [1, 2, 300, .max][number - 1],
        hash: Bytes16(high: UInt64(number) << 56, low: 0))
    }
    func said(_ logs: [HeldLog]) -> [UInt8] {
      Array(Frame.have(logs).canonicalBytes.dropFirst(Frame.lengthBytes + 1))
    }
    let some = [0, 1, 2, 3, 4].map { FuzzTarget.Seed("logs-\($0)", said(Array(held.prefix($0)))) }
    return some + held.map { FuzzTarget.Seed("log-\($0.sequence)", said([$0])) }
      + FuzzTarget.Seed.overlong(said([held[0]]), from: 0)
  }
}
