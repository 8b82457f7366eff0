internal import AnabranchCore

/// Follows both directions of a connection frame by frame, beside the session and without a say in it.
///
/// It is told the bytes of the session, decrypted. As long as nobody looks it only counts its way from frame to frame, and keeps
/// which logs were announced: so whoever begins to look in the middle of a session is told of whole frames, and of which logs they are.
/// What no frame may be like ends the direction here too, and never traps. Holds at most one frame of each direction.
public struct SessionTrace: Sendable {
  /// How much is wanted of what crosses.
  public enum Depth: Int, Comparable, Sendable {
    /// Nothing now.
    case nothing
    /// What frames say, without contents.
    case structure
    /// The whole frames as well.
    case contents

    /// What is wanted less comes first.
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  private var (sending, receiving) = (FrameFollower(), FrameFollower())
  private var announced: [RecordedFrame.Direction: [LogID]] = [:]
  private var blobs: [BlobID: UInt32] = [:]

  /// A connection on which nothing was said yet.
  public init() {}

  /// Blobs that are told apart in one session.
  static let blobsMax = 16 * Limits.blobsMax

  /// The frames that `bytes` complete, which are the next ones in that direction. O(bytes).
  public mutating func follow(_ bytes: [UInt8], _ direction: RecordedFrame.Direction, _ depth: Depth) -> [RecordedFrame]
  {
    let isWatched = depth > .nothing
    let pieces =
      switch direction {
      case .sent: sending.follow(bytes) { isWatched || $0 == FrameKind.logs.rawValue }
      case .received: receiving.follow(bytes) { isWatched || $0 == FrameKind.logs.rawValue }
      }
    return pieces.compactMap { piece in
      let summary = summary(of: piece, direction)
      guard isWatched else { return nil }
      return RecordedFrame(
        direction, kind: piece.kind, bytes: piece.bytes, summary: summary,
        contents: depth == .contents ? piece.body : nil)
    }
  }

  private mutating func summary(of piece: FrameFollower.Piece, _ direction: RecordedFrame.Direction) -> FrameSummary {
    if let fault = piece.fault { return .unreadable(fault) }
    guard let body = piece.body else { return .partial }
    do throws(WireError) {
      return summary(of: try Frame(body), direction)
    } catch {
      return .unreadable(error.message)
    }
  }

  private mutating func summary(of frame: Frame, _ direction: RecordedFrame.Direction) -> FrameSummary {
    switch frame {
    case .hello(let hello): return .hello(hello)
    case .have(let logs): return .have(logs)
    case .logs(let headers): return .logs(headers.map { announce($0.log, direction) })
    case .changes(let batch): return .changes(summary(of: batch, direction))
    case .acknowledge(let positions):
      // By the numbers of the side that hears it.
      let other: RecordedFrame.Direction = direction == .sent ? .received : .sent
      return .acknowledge(positions.map { FrameSummary.Reach(log($0.log, other), sequence: $0.sequence) })
    case .credit(let bytes): return .credit(bytes)
    case .ping(let number): return .ping(number)
    case .pong(let number): return .pong(number)
    case .close(let closing): return .close(closing)
    case .words(let words):
      return .words(
        FrameSummary.Words(
          device: words.device, change: words.change, counter: words.counter,
          pieces: UInt32(clamping: words.pieces.count),
          bytes: UInt32(clamping: words.pieces.reduce(0) { $0 + $1.inserted.utf8.count })))
    case .blob(let frame): return .blob(summary(of: frame))
    case .fork(let probe): return .fork(probe)
    case .pairing(let frame): return .pairing(frame)
    }
  }

  /// Notes a log under the next number of its side. Of more logs than a session has, the rest have no names.
  private mutating func announce(_ log: LogID, _ direction: RecordedFrame.Direction) -> FrameSummary.Log {
    let number = announced[direction, default: []].count
    if number < Limits.logsMax { announced[direction, default: []].append(log) }
    return FrameSummary.Log(number: UInt32(clamping: number), log: log)
  }

  private func log(_ number: UInt32, _ direction: RecordedFrame.Direction) -> FrameSummary.Log {
    let logs = announced[direction] ?? []
    return FrameSummary.Log(number: number, log: Int(number) < logs.count ? logs[Int(number)] : nil)
  }

  private func summary(of batch: ChangeBatch, _ direction: RecordedFrame.Direction) -> FrameSummary.Batch {
    var summary = FrameSummary.Batch(changes: 0, signatures: UInt32(clamping: batch.signatures.count), logs: [])
    var places: [UInt32: Int] = [:]
    for run in batch.runs {
      // A run has at least one change, and ends at 2³² or before.
      let (first, count) = (run.first.sequence, UInt32(clamping: run.changes.count))
      let last = first &+ (count &- 1)
      let bytes = UInt32(clamping: run.changes.reduce(0) { $0 + $1.count })
      summary.changes &+= count
      if let place = places[run.first.log] {
        summary.logs[place].first = min(summary.logs[place].first, first)
        summary.logs[place].last = max(summary.logs[place].last, last)
        summary.logs[place].changes &+= count
        summary.logs[place].bytes &+= bytes
      } else {
        places[run.first.log] = summary.logs.count
        summary.logs.append(
          .init(log(run.first.log, direction), first: first, last: last, changes: count, bytes: bytes))
      }
    }
    return summary
  }

  private mutating func summary(of frame: BlobFrame) -> FrameSummary.Blob {
    switch frame {
    case .wants(let blobs):
      for blob in blobs { _ = number(of: blob) }
      return .wants(UInt32(clamping: blobs.count))
    case .offers(let offers):
      for offer in offers.blobs { _ = number(of: offer.blob) }
      // At most 2¹² blobs of 2³² bytes.
      return .offers(
        UInt32(clamping: offers.blobs.count), bytes: offers.blobs.reduce(0) { $0 &+ $1.byteCount },
        isAnswer: offers.isAnswer)
    case .request(let blob, let part): return .request(number(of: blob), part)
    case .outline(let blob, let blocks): return .outline(number(of: blob), blocks: UInt32(clamping: blocks.count))
    case .block(let blob, let index, let bytes):
      return .block(number(of: blob), index, bytes: UInt32(clamping: bytes.count))
    case .lacks(let blob): return .lacks(number(of: blob))
    }
  }

  private mutating func number(of blob: BlobID) -> UInt32 {
    if let number = blobs[blob] { return number }
    guard blobs.count < Self.blobsMax else { return 0 }
    let number = UInt32(clamping: blobs.count + 1)
    blobs[blob] = number
    return number
  }
}
