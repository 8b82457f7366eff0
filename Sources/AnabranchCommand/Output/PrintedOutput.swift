/// What was printed so far. What a command prints when it is run again is passed over as long as it is the same.
struct PrintedOutput {
  /// How many bytes there were, and the FNV-1a hash of all of them (Fowler, Noll and Vo), however they were cut: it tells two runs of one
  /// command apart, and withstands nobody.
  private struct Extent {
    var count = 0
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ bytes: ArraySlice<UInt8>) {
      count += bytes.count
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
  }

  /// What was printed.
  private var printed = Extent()
  /// What this run has put out.
  private var current = Extent()

  /// Whether this run has put out all that was printed.
  var isAllAgain: Bool { current.count >= printed.count }

  /// Begins another run.
  mutating func beginAgain() {
    current = Extent()
  }

  /// What of `bytes`, which come next, is to be printed; nil where what came again is not what was printed.
  mutating func take(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
    let awaited = max(0, printed.count - current.count)
    let (again, new) = (bytes.prefix(awaited), bytes.dropFirst(awaited))
    current.add(again)
    if !again.isEmpty, isAllAgain, current.hash != printed.hash { return nil }
    guard !new.isEmpty else { return new }
    current.add(new)
    printed = current
    return new
  }
}
