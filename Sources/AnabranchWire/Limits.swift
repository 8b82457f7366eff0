internal import AnabranchCore

/// Every limit of the formats, in one place. What exceeds one is refused, not cut.
public enum Limits {
  /// Bytes of one frame, its length field apart: 1 MiB, so that a peer can make us hold no more than that.
  public static let frameBytesMax = 1 << 20
  /// Bytes of one operation's content. Longer contents are cut into chunks.
  public static let contentBytesMax = 256 * 1024
  /// Bytes of one change: an open change is sealed at 64 KiB, and the operation that fills it may bring a content
  /// of 256 KiB and a structure; half a frame leaves room for both and lets every change travel in one frame.
  public static let changeBytesMax = frameBytesMax / 2
  /// Operations in one change: an open change counts at least 128 bytes for each and is sealed at 64 KiB,
  /// after 512 of them; sixteen times as many leave room for another writer's way of counting.
  public static let operationsMax = 8 * 1024
  /// Identifiers that all operations of a change take together: 2¹⁹, as many as the longest change has bytes, since
  /// each stands for one Unicode scalar or one operation. The printed form has room for 2²⁴.
  public static let identifiersMax = OperationID.indexMax + 1
  /// Logs that one replica can tell apart, and so dependencies of one change and entries of one vector.
  public static let logsMax = 4096
  /// References in one list: parents, predecessors, chunks, additions.
  public static let referencesMax = 4096
  /// Bytes of a block of a blob, but for the last one: a quarter of a frame, so that a change never waits for long.
  public static let blockBytes = frameBytesMax / 4
  /// Bytes of a blob: 4 GiB, so that the hashes of all its blocks, 32 bytes each, take half a frame.
  public static let blobBytesMax: UInt64 = 4 << 30
  /// Blobs that one frame names.
  public static let blobsMax = 4096
  /// Bytes of a device's name.
  public static let nameBytesMax = 256
  /// Bytes of the reason a peer gives for ending a session.
  public static let reasonBytesMax = 1024
  /// Bytes of a frame of words, its length field apart, and what one device's words may count to: twice what an open
  /// change holds, whose operations count more than their bytes here.
  public static let wordsBytesMax = 2 * OpenChange.bytesMax
  /// The greatest time in milliseconds since 1970: 2⁴⁸ − 1.
  public static let millisecondsMax: Int64 = 1 << 48 - 1
}
