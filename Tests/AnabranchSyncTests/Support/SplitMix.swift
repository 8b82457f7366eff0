/// A small generator of our own, so that a seed means the same run everywhere (Steele et al., 2014).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  /// A number from 0 to `end` - 1.
  mutating func below(_ end: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(end)).high)
  }

  /// Whether a one-in-`n` chance came true.
  mutating func oneIn(_ n: Int) -> Bool {
    below(n) == 0
  }
}
