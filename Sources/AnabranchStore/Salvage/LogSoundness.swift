public import AnabranchCore

/// How far a log can be read, and is what its author wrote.
public struct LogSoundness: Hashable, Sendable {
  /// Which log.
  public var log: LogID
  /// The device that writes it; nil where nothing of it is known.
  public var device: Digest?
  /// The changes from the first to this one have the hashes that are kept of them, each built on the one before.
  public var sound: UInt32
  /// The last change of which anything is there.
  public var last: UInt32
  /// The last change that it is known to have had: of which anything is there, or on which others build, or which a repair could not keep,
  /// or of which this device's notes, or another device, say so where it is the own log.
  public var known: UInt32 = 0
  /// The last change that a repair could not keep; 0 where there is none, or all up to there is sound.
  public var unkept: UInt32 = 0
  /// How many bytes the sound ones have.
  public var bytes: UInt64
  /// Why the rest is not sound; nil where all is.
  public var fault: String?
  /// Changes behind the sound ones that cannot be read, or do not have their hash, or are not there though others behind them are. Empty
  /// where it was not asked for, as in a survey for a repair.
  public var damaged: [ClosedRange<UInt32>] = []
  /// Changes behind the sound ones that can be read and, where what is kept of the one before tells, have their hash: nobody can prove them
  /// before all up to there is here. Empty where it was not asked for.
  public var readable: [ClosedRange<UInt32>] = []
  /// The changes at which a signature is kept that is not the author's.
  public var forged: [UInt32]

  /// What is wrong with it, one sentence each.
  var faults: [String] {
    (fault.map { [$0] } ?? [])
      + forged.map { "log \(log) is not what its author signed at change \($0)" }
  }
}
