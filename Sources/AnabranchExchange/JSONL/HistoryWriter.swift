public import Anabranch

/// Where a writer puts bytes: called with a few at a time, in order; what it throws ends the writing.
public typealias ByteSink = ([UInt8]) throws -> Void

/// Writes a history, one step at a time.
public protocol HistoryWriter {
  /// Writes the next step; warnings are about reading, and are not written.
  ///
  /// Throws what the sink throws; what was written before stands.
  mutating func write(_ event: HistoryEvent) throws
  /// Writes what comes last. Nothing is written afterwards.
  mutating func finish() throws
}
