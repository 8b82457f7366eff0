internal import Anabranch

/// Finds where the lines of a source lie, without holding any of them.
///
/// Lines end at U+000A; the last needs none. A carriage return before it stays part of the line.
/// Complexity: each byte is looked at once; memory is one window.
final class LineScanner {
  private let source: any ByteSource
  private var window: [UInt8]
  private var base: Int64 = 0
  private var index = 0
  private var filled = 0

  /// Lines of `source`; `windowBytes` is how much is read at a time.
  init(_ source: any ByteSource, windowBytes: Int = JSONReader.windowBytesDefault) {
    self.source = source
    self.window = [UInt8](repeating: 0, count: max(1, windowBytes))
  }

  /// The bytes of the next line without its end, or nil behind the last one.
  func next() throws(AnabranchError) -> Range<Int64>? {
    let start = base + Int64(index)
    while true {
      if index == filled {
        guard try refill() else {
          return start < base ? start..<base : nil
        }
      }
      if let end = endInWindow() {
        let line = start..<(base + Int64(end))
        index = end + 1
        return line
      }
      index = filled
    }
  }

  private func endInWindow() -> Int? {
    window.withUnsafeBufferPointer { bytes in
      var at = index
      while at < filled {
        if bytes[at] == 0x0A { return at }
        at += 1
      }
      return nil
    }
  }

  private func refill() throws(AnabranchError) -> Bool {
    base += Int64(filled)
    index = 0
    filled = 0
    let result = window.withUnsafeMutableBytes { buffer in
      Result { () throws(AnabranchError) in try source.read(at: base, into: buffer) }
    }
    filled = try result.get()
    return filled > 0
  }
}
