internal import Anabranch

/// Reads JSON step by step from bytes that need not fit into memory.
///
/// The caller asks for what it expects: `beginObject`, `nextKey`, `string`… A value nobody wants is skipped
/// without being decoded, and ``skip()`` tells where it lies, so that ``seek(to:)`` can come back to it.
/// Nothing recurses; memory is one window and the longest string.
///
/// It takes more than the standard allows in three places, because nothing is lost by it: control characters
/// may stand raw in a string, half a surrogate pair and bytes that are not UTF-8 become U+FFFD and are
/// counted in ``repairs``. What ``skip()`` passes over is only checked for its quotes and brackets.
/// It does not build trees, and it does not turn numbers into anything: they stay text.
///
/// Its fields are read with every byte, and only ever by its own methods one at a time; a runtime check that
/// they are not touched twice at once costs a quarter of the time, so it is left out for them.
///
/// Every method throws `format` where the bytes are not what was asked for, `io` where they cannot be read.
final class JSONReader {
  /// How deep values may nest, the outermost being 1.
  static let depthMax = 512
  /// How many bytes are read at a time: 256 KiB.
  static let windowBytesDefault = 256 << 10
  /// How many bytes are read at least, if there are so many: 32 KiB.
  private static let readAheadBytes: Int64 = 32 << 10
  /// How long a number's text may be.
  static let numberBytesMax = 1_024

  /// An open object or list: whether it is an object, and whether a member has been read.
  struct Container {
    var isObject: Bool
    var isEmpty = true
  }

  private let source: any ByteSource
  private let capacity: Int
  private let depthLimit: Int
  /// The bytes from ``base`` on; ``filled`` of them may be read, ``loaded`` are there.
  let window: UnsafeMutablePointer<UInt8>
  @exclusivity(unchecked) private var base: Int64
  @exclusivity(unchecked) private var loaded = 0
  @exclusivity(unchecked) private var limit: Int64
  /// The next byte to read, in the window.
  @exclusivity(unchecked) var index = 0
  @exclusivity(unchecked) private(set) var filled = 0
  /// The string last decoded.
  @exclusivity(unchecked) var scratch: [UInt8] = []
  @exclusivity(unchecked) private var containers: [Container] = []
  /// What had to be mended so far; whoever reports it sets it back.
  @exclusivity(unchecked) var repairs = JSONRepairs()

  /// Reads all of `source`, `windowBytes` at a time, nested to `depthLimit` levels.
  init(
    _ source: any ByteSource, windowBytes: Int = JSONReader.windowBytesDefault,
    depthLimit: Int = JSONReader.depthMax
  ) {
    self.depthLimit = depthLimit
    self.source = source
    self.capacity = max(1, windowBytes)
    self.window = .allocate(capacity: capacity)
    self.base = 0
    self.limit = source.count
  }

  deinit {
    window.deallocate()
  }

  /// Where the next byte lies in the source.
  var offset: Int64 { base + Int64(index) }
  /// How many containers are open.
  var depth: Int { containers.count }

  /// Passes over a byte order mark, which some editors put first.
  func skipByteOrderMark() throws(AnabranchError) {
    let start = offset
    for byte: UInt8 in [0xEF, 0xBB, 0xBF] {
      guard try takeByte() == byte else {
        jump(to: start)
        return
      }
    }
  }

  /// Goes to `range`, forgets what was open, and treats its end as the end of all.
  func seek(to range: Range<Int64>) {
    containers.removeAll(keepingCapacity: true)
    limit = min(range.upperBound, source.count)
    jump(to: range.lowerBound)
  }

  /// Goes on at `target`, which lies where the value just asked for begins or ends.
  func jump(to target: Int64) {
    if target >= base && target <= base + Int64(loaded) {
      index = Int(target - base)
    } else {
      base = target
      index = 0
      loaded = 0
    }
    filled = max(index, Int(min(Int64(loaded), limit - base)))
  }

  /// What was read from `start` to here, where all of it is still in the window.
  func bytes(since start: Int64) -> UnsafeBufferPointer<UInt8>? {
    guard start >= base, start <= offset else { return nil }
    let first = Int(start - base)
    return UnsafeBufferPointer(start: window + first, count: index - first)
  }

  /// Reads on; false at the end.
  ///
  /// What lies a little behind the end of what was asked for comes along: it is mostly what is asked for next.
  func refill() throws(AnabranchError) -> Bool {
    guard base + Int64(filled) < limit else { return false }
    base += Int64(filled)
    index = 0
    filled = 0
    loaded = 0
    let wanted = min(Int64(capacity), max(limit - base, Self.readAheadBytes), source.count - base)
    loaded = try source.read(at: base, into: UnsafeMutableRawBufferPointer(start: window, count: Int(wanted)))
    filled = Int(min(Int64(loaded), limit - base))
    return filled > 0
  }

  /// The next byte that is not white space, without taking it; nil at the end.
  func significantByte() throws(AnabranchError) -> UInt8? {
    while true {
      var at = index
      while at < filled {
        let byte = window[at]
        if byte > 0x20 || (byte != 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09) {
          index = at
          return byte
        }
        at += 1
      }
      index = at
      guard try refill() else { return nil }
    }
  }

  /// Takes the next byte whatever it is; nil at the end.
  func takeByte() throws(AnabranchError) -> UInt8? {
    if index == filled {
      guard try refill() else { return nil }
    }
    defer { index += 1 }
    return window[index]
  }

  /// Opens a container. Throws when it lies deeper than ``depthMax``.
  func open(isObject: Bool) throws(AnabranchError) {
    guard containers.count < depthLimit else {
      throw AnabranchError(
        .format, "at byte \(offset), values nest deeper than \(depthLimit) levels",
        remedy: "no known tool writes such a file; make the export anew")
    }
    containers.append(Container(isObject: isObject))
    index += 1
  }

  /// Comes to the next member of the container that is open: true if there is one, false if it closed.
  func member(ofObject isObject: Bool) throws(AnabranchError) -> Bool {
    guard let top = containers.last, top.isObject == isObject else {
      throw expected(isObject ? "an object" : "a list")
    }
    let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
    var byte = try significantByte()
    if byte == close {
      index += 1
      containers.removeLast()
      return false
    }
    if !top.isEmpty {
      guard byte == UInt8(ascii: ",") else {
        throw expected("a comma or the end of \(isObject ? "an object" : "a list")")
      }
      index += 1
      byte = try significantByte()
    }
    guard byte != nil else { throw expected("another value") }
    containers[containers.count - 1].isEmpty = false
    return true
  }

  /// The error that says what was expected here and what stands here instead.
  func expected(_ what: String) -> AnabranchError {
    let found = index < filled ? JSONReader.describe(window[index]) : "the end"
    return AnabranchError(
      .format, "at byte \(offset), \(what) was expected and \(found) was found",
      remedy: "the file is damaged or cut off; download or export it again")
  }

  private static func describe(_ byte: UInt8) -> String {
    (0x21...0x7E).contains(byte) ? "‘\(Character(Unicode.Scalar(byte)))’" : "byte \(byte)"
  }
}
