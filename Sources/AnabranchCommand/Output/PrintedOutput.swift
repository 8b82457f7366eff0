/// What was printed so far. What a command prints when it is run again is passed over as long as it is the same.
struct PrintedOutput {
  /// Bytes that were printed, and the hash of all of them.
  private var printed = (count: 0, hash: Hasher().finalized)
  /// Bytes that this run has put out, and the hash of these.
  private var count = 0
  private var hash = Hasher()

  /// Whether this run has put out all that was printed.
  var isAllAgain: Bool { count >= printed.count }

  /// Begins another run.
  mutating func beginAgain() {
    (count, hash) = (0, Hasher())
  }

  /// What of `bytes`, which come next, is to be printed; nil where what came again is not what was printed.
  mutating func take(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
    let awaited = max(0, printed.count - count)
    let (again, new) = (bytes.prefix(awaited), bytes.dropFirst(awaited))
    add(again)
    if !again.isEmpty, isAllAgain, hash.finalized != printed.hash { return nil }
    guard !new.isEmpty else { return new }
    add(new)
    printed = (count, hash.finalized)
    return new
  }

  private mutating func add(_ bytes: ArraySlice<UInt8>) {
    count += bytes.count
    bytes.withUnsafeBytes { hash.combine(bytes: $0) }
  }
}

extension Hasher {
  /// The hash of what came so far; more may come.
  fileprivate var finalized: Int {
    let copy = self
    return copy.finalize()
  }
}
