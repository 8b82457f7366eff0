internal import AnabranchCore
internal import AnabranchWire

/// The input is a stream from a peer; and, on its own, the bytes of one frame without its length.
///
/// Promised: frames do not depend on how the stream was cut; each is written again to the bytes it was read from; what is not a
/// frame yet is kept, and never more than a frame; after an error there is nothing but that error.
enum FramesTarget {
  static func check(_ input: UnsafeRawBufferPointer) throws(BrokenPromise) {
    let bytes = Array(input)
    if let frame = try? Frame(bytes) {
      try BrokenPromise.unless(
        Array(frame.canonicalBytes.dropFirst(Frame.lengthBytes)) == bytes, "a frame has one form in bytes")
      try checkStream(frame.canonicalBytes + bytes)
    }
    try checkStream(bytes)
  }

  private static func checkStream(_ bytes: [UInt8]) throws(BrokenPromise) {
    let whole = try Decoded(bytes, inPiecesOf: max(1, bytes.count))
    for piece in [1, 7] {
      try BrokenPromise.unless(
        try Decoded(bytes, inPiecesOf: piece) == whole, "frames are the same in pieces of \(piece) bytes as at once")
    }
    let written = whole.frames.flatMap(\.canonicalBytes)
    try BrokenPromise.unless(bytes.starts(with: written), "frames are written again to the bytes they were read from")
    if whole.failure == nil {
      try BrokenPromise.unless(bytes.count == written.count + whole.undecodedBytes, "no byte is lost")
    }
  }

  /// What a decoder makes of a stream.
  private struct Decoded: Equatable {
    var frames: [Frame] = []
    var failure: WireError?
    var undecodedBytes = 0

    init(_ bytes: [UInt8], inPiecesOf count: Int) throws(BrokenPromise) {
      var decoder = FrameDecoder()
      var start = 0
      while start < bytes.count, failure == nil {
        let end = min(start + count, bytes.count)
        decoder.append(bytes[start..<end])
        start = end
        do throws(WireError) {
          while let frame = try decoder.next() { frames.append(frame) }
        } catch {
          failure = error
        }
        try BrokenPromise.unless(
          decoder.undecodedBytes < Frame.lengthBytes + Limits.frameBytesMax, "less than a frame is kept")
      }
      undecodedBytes = decoder.undecodedBytes
      guard let failure else { return }
      decoder.append(bytes)
      let again = Result { () throws(WireError) in try decoder.next() }
      try BrokenPromise.unless(again == .failure(failure), "after an error comes the same again")
    }
  }

  static var seeds: [FuzzTarget.Seed] {
    var seeds: [FuzzTarget.Seed] = []
    for (name, frame) in SampleFrames.all {
      seeds.append(FuzzTarget.Seed("body-\(name)", Array(frame.canonicalBytes.dropFirst(Frame.lengthBytes))))
    }
    seeds.append(FuzzTarget.Seed("stream", SampleFrames.all.flatMap(\.frame.canonicalBytes)))
    let position = Frame.acknowledge([LogPosition(log: 1, sequence: 2)])
    return seeds + FuzzTarget.Seed.overlong(Array(position.canonicalBytes.dropFirst(Frame.lengthBytes)), from: 1)
  }
}
