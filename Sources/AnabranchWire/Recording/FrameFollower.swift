/// Cuts one direction of a connection into frames without holding them, unless their bytes are wanted.
struct FrameFollower: Sendable {
  /// A frame that has come to its end.
  struct Piece {
    var kind: UInt8
    /// Its bytes, the length field included.
    var bytes: UInt32
    /// The bytes behind its length; nil where they were not kept.
    var body: [UInt8]?
    /// Why no frame is like that; nothing is cut after it.
    var fault: String?
  }

  /// What has come of a length.
  private var head: [UInt8] = []
  /// Bytes that the frame has behind its length, and those of them that are to come; nil between frames.
  private var open: (length: Int, rest: Int, kind: UInt8?)?
  private var body: [UInt8]?
  private var hasFailed = false

  /// Takes the next bytes, and returns the frames that end in them. `keeps` is asked for each kind whether the bytes of such a frame
  /// are wanted, when it begins. O(bytes kept, and frames).
  mutating func follow(_ bytes: [UInt8], keeps: (UInt8) -> Bool) -> [Piece] {
    var pieces: [Piece] = []
    var rest = bytes[...]
    while !rest.isEmpty, !hasFailed {
      if let fault = step(&rest, keeps) { pieces.append(fault) }
      if let open, open.rest == 0, let kind = open.kind {
        pieces.append(Piece(kind: kind, bytes: UInt32(clamping: open.length + Frame.lengthBytes), body: body))
        (self.open, body) = (nil, nil)
      }
    }
    return pieces
  }

  /// Takes what `rest` has of a length, or of a frame.
  private mutating func step(_ rest: inout ArraySlice<UInt8>, _ keeps: (UInt8) -> Bool) -> Piece? {
    guard var frame = open else {
      let part = rest.prefix(Frame.lengthBytes - head.count)
      head += part
      rest = rest.dropFirst(part.count)
      guard head.count == Frame.lengthBytes else { return nil }
      let length = head.reduce(0) { $0 << 8 | Int($1) }
      head = []
      guard (1...Limits.frameBytesMax).contains(length) else {
        hasFailed = true
        let fault = "expected a frame of 1 to \(Limits.frameBytesMax) bytes, got \(length)"
        return Piece(kind: 0, bytes: UInt32(Frame.lengthBytes), body: nil, fault: fault)
      }
      open = (length, length, nil)
      return nil
    }
    let part = rest.prefix(frame.rest)
    if frame.kind == nil, let kind = part.first {
      frame.kind = kind
      body = keeps(kind) ? [] : nil
    }
    body?.append(contentsOf: part)
    frame.rest -= part.count
    open = frame
    rest = rest.dropFirst(part.count)
    return nil
  }
}
