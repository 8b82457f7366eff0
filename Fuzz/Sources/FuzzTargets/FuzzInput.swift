/// An input taken apart from its beginning on: where a target needs numbers beside bytes.
///
/// An input that is too short reads on as zeros, so that every input means something.
struct FuzzInput {
  private var bytes: ArraySlice<UInt8>

  init(_ input: UnsafeRawBufferPointer) {
    self.init(of: Array(input))
  }

  init(of bytes: [UInt8]) {
    self.bytes = bytes[...]
  }

  /// Whether all of it was taken.
  var isEmpty: Bool { bytes.isEmpty }

  /// One byte.
  mutating func byte() -> UInt8 {
    bytes.popFirst() ?? 0
  }

  /// A number of two bytes, the greater first.
  mutating func number() -> Int {
    Int(byte()) << 8 | Int(byte())
  }

  /// The next `count` bytes, or as many as there are.
  mutating func take(_ count: Int) -> [UInt8] {
    defer { bytes = bytes.dropFirst(count) }
    return Array(bytes.prefix(count))
  }

  /// All that is left.
  mutating func rest() -> [UInt8] {
    take(bytes.count)
  }
}

/// Puts together what ``FuzzInput`` takes apart.
struct FuzzScript {
  private(set) var bytes: [UInt8] = []

  /// Adds those bytes.
  mutating func add(_ more: UInt8...) {
    bytes += more
  }

  /// Adds a number of two bytes.
  mutating func add(number: Int) {
    bytes += [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
  }

  /// Adds bytes behind their number.
  mutating func add(counted more: [UInt8]) {
    add(number: more.count)
    bytes += more
  }
}
