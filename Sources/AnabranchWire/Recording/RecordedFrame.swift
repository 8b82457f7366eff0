/// A frame that crossed a connection.
public struct RecordedFrame: Hashable, Sendable {
  /// Which way it went.
  public enum Direction: UInt8, Hashable, Sendable {
    /// From this device.
    case sent = 0
    /// To this device.
    case received = 1
  }

  /// Which way it went.
  public var direction: Direction
  /// The number of its kind; 0 where its length was none that a frame has.
  public var kind: UInt8
  /// Its bytes on the stream, the length field included.
  public var bytes: UInt32
  /// What it says.
  public var summary: FrameSummary
  /// How many entries of the summary's list are left out.
  public var omitted: UInt32
  /// The whole frame, its length field apart; nil where contents are not wanted.
  public var contents: [UInt8]?

  /// A frame of `kind`.
  public init(
    _ direction: Direction, kind: UInt8, bytes: UInt32, summary: FrameSummary, omitted: UInt32 = 0,
    contents: [UInt8]? = nil
  ) {
    self.direction = direction
    self.kind = kind
    self.bytes = bytes
    self.summary = summary
    self.omitted = omitted
    self.contents = contents
  }

  /// The same without what anybody wrote.
  public var withoutContents: RecordedFrame {
    var copy = self
    copy.contents = nil
    return copy
  }

  /// The same without contents, and with at most `max` entries in a list: what many of may wait in memory.
  public func abridged(to max: Int) -> RecordedFrame {
    var copy = withoutContents
    func cut<Element>(_ list: [Element]) -> [Element] {
      copy.omitted = UInt32(clamping: UInt64(copy.omitted) + UInt64(list.count - min(list.count, max)))
      return Array(list.prefix(max))
    }
    switch summary {
    case .have(let logs): copy.summary = .have(cut(logs))
    case .logs(let logs): copy.summary = .logs(cut(logs))
    case .acknowledge(let logs): copy.summary = .acknowledge(cut(logs))
    case .changes(var batch):
      batch.logs = cut(batch.logs)
      copy.summary = .changes(batch)
    default: break
    }
    return copy
  }
}
