/// An array in blocks of a fixed size: appending never moves what is there, so growing takes no second copy of it, and
/// what is reserved and not used is a part of one block. Access in O(1), appending in amortised O(1).
struct BlockArray<Element: Sendable>: Sendable {
  /// As a power of two.
  private static var blockBits: Int { 8 }
  private static var blockSize: Int { 1 << blockBits }

  /// All are full but the last one.
  private var blocks: [[Element]] = []
  private(set) var count = 0

  mutating func append(_ element: Element) {
    if count & (Self.blockSize - 1) == 0 {
      blocks.append([])
      // Most arrays are shorter than a block, and grow as any other.
      if count > 0 { blocks[blocks.count - 1].reserveCapacity(Self.blockSize) }
    }
    blocks[blocks.count - 1].append(element)
    count += 1
  }
}

extension BlockArray: RandomAccessCollection, MutableCollection {
  var startIndex: Int { 0 }
  var endIndex: Int { count }

  subscript(index: Int) -> Element {
    get { blocks[index >> Self.blockBits][index & (Self.blockSize - 1)] }
    set { blocks[index >> Self.blockBits][index & (Self.blockSize - 1)] = newValue }
  }
}
