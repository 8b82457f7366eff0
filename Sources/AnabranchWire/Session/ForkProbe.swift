public import AnabranchCore

/// Hashes of changes of a log that two replicas hold differently: so they find the first one in which they differ.
public struct ForkProbe: Hashable, Sendable {
  /// A change's number, and what the speaker holds there.
  public struct Point: Hashable, Sendable {
    /// The sequence, at least 1.
    public var sequence: UInt32
    /// The first sixteen bytes of the hash.
    public var hash: Bytes16

    /// The change at `sequence`, whose hash starts with `hash`.
    public init(sequence: UInt32, hash: Bytes16) {
      (self.sequence, self.hash) = (sequence, hash)
    }
  }

  /// The log.
  public var log: LogID
  /// In ascending order, one to ``pointsMax``.
  public var points: [Point]

  /// A probe of `log` at `points`.
  public init(log: LogID, points: [Point]) {
    (self.log, self.points) = (log, points)
  }

  /// A probe has at most so many points.
  public static let pointsMax = 32

  func write(to writer: inout ByteWriter) {
    writer.write(FrameKind.fork)
    writer.write(log.bytes)
    writer.write(count: points.count)
    for point in points {
      writer.write(varint: UInt64(point.sequence))
      writer.write(point.hash)
    }
  }

  /// Reads the fields of a probe, whose kind was read already.
  init(_ reader: inout ByteReader) throws(WireError) {
    log = LogID(try reader.bytes16())
    points = []
    for _ in 0..<(try reader.count(max: Self.pointsMax, of: "points", bytesEach: Bytes16.count + 1)) {
      let point = Point(sequence: try reader.varint32("a sequence"), hash: try reader.bytes16())
      guard point.sequence > (points.last?.sequence ?? 0) else {
        throw WireError(.nonCanonical, "expected points in ascending order, from 1 on", offset: reader.position)
      }
      points.append(point)
    }
    guard !points.isEmpty else {
      throw WireError(.invalid, "expected a point of a log, got none", offset: reader.position)
    }
  }
}
