internal import AnabranchCore
internal import AnabranchWire

/// Every number a session goes by, in one place.
public enum SyncLimits {
  /// Bytes of changes a session asks its host for at a time: 256 KiB, a quarter of a frame, so that a batch and
  /// its framing always fit one. A single larger change travels alone.
  public static let batchBytes = Limits.frameBytesMax / 4
  /// Bytes of `changes` frames a peer may have under way to us: 16 batches, so that one round trip of 100 ms
  /// still allows 40 MB a second.
  public static let creditWindow: UInt32 = 4 << 20
  /// The least room a greeting may offer: one frame and its length, or a large change could never be sent.
  public static let creditMin = Limits.frameBytesMax + Frame.lengthBytes
  /// Room is given back once this much was used up: a quarter of the window, so that a short live change costs no
  /// credit frame, and what is left, 3 MiB, is above ``creditMin``.
  public static let creditReturnBytes = Int(creditWindow) / 4
  /// Bytes a session keeps that it has not decoded yet. A peer that keeps to its credit needs the window for
  /// changes, one frame each for what has no credit (announcements, acknowledgements), and room for the parts of blobs
  /// that it was asked for.
  public static let backlogBytesMax =
    Int(creditWindow) + 2 * (Limits.frameBytesMax + Frame.lengthBytes) + blobPartsAtOnce * blobPartBytesMax

  /// Parts of blobs that a side has asked for, or stores, at a time: 2 MiB in blocks, so that a round trip of 100 ms
  /// allows 20 MB a second, and a change waits for no more than that.
  public static let blobPartsAtOnce = 8
  /// Bytes of a frame with a part of a blob: the longest outline, of half a frame, its name and its head.
  public static let blobPartBytesMax = Limits.frameBytesMax / 2 + 64
  /// Blobs that a side fetches at a time, so that small ones need no round trip each.
  public static let blobsAtOnce = 8
  /// Requests for parts of blobs that a side keeps: twice as many as this implementation has under way.
  public static let blobRequestsMax = 2 * blobPartsAtOnce
  /// Blobs that a side asks for in one session, and that it remembers the other one to have asked for: sixteen lists.
  public static let blobsAskedMax = 16 * Limits.blobsMax

  /// A peer is told what is being written at most that often: 20 times a second, which the eye takes for at once.
  public static let wordsInterval: Duration = .milliseconds(50)
  /// Words that nothing was heard of for that long are not shown any more: five rests, after each of which the change
  /// itself would have followed.
  public static let wordsSilenceMax: Duration = .milliseconds(5 * OpenChange.restMsMax)
  /// Logs whose words are remembered at a time.
  public static let wordsLogsMax = 64

  /// From the start until both greetings and vectors are there; an absolute deadline, whatever trickles in.
  public static let greetingMax: Duration = .seconds(5)
  /// How long a code that lets a device in is good for, and a person has to decide.
  public static let pairingMax: Duration = .seconds(120)
  /// Wrong codes that are tried before no other one is listened to.
  public static let pairingTriesMax = 5
  /// After this long without a byte from the peer it is asked for a sign of life.
  public static let pingAfter: Duration = .seconds(15)
  /// After this long without a byte the peer is taken for gone: three pings.
  public static let silenceMax: Duration = pingAfter * 3
  /// How long a record of the encrypted stream may take to come, of 64 KiB at most: 5 kbit/s. Where its length was altered on
  /// the way, what follows would be taken for it until then, and for a sign of life.
  public static let recordMax: Duration = .seconds(120)
  /// After this long without what it owes, a part of a blob or in an exchange anything, a peer is given up that does give
  /// signs of life: time for a block over 7 kbit/s.
  public static let debtMax: Duration = .seconds(300)
  /// How long a session that ended an exchange waits for the peer's last acknowledgements: as long as for a sign
  /// of life, since the peer may still be writing a whole window to disk.
  public static let doneMax: Duration = silenceMax
  /// How long a session that shuts down waits for the peer's last word.
  public static let shutdownMax: Duration = .seconds(2)
}
