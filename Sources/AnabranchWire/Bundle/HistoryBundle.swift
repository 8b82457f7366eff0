internal import AnabranchCore

/// A bug report: a history without anything that was written in it, which still verifies, orders and merges as it did.
/// `docs/format.md` has the layout, and what of a history is left in it.
public enum HistoryBundle {
  /// The version of the layout.
  public static let version: UInt8 = 1
  /// Bytes of an entry: a change, and the shapes of all its contents.
  public static let entryBytesMax = 2 * Limits.frameBytesMax
  static let framing = EntryFraming(
    magic: Array("ANBRBUN".utf8), version: version, domain: .bundle, entryBytesMax: entryBytesMax, name: "a bundle")
  /// What every file begins with.
  public static let header: [UInt8] = framing.header

  /// An entry as it stands in a file, its length first.
  public static func bytes(of entry: BundleEntry) -> [UInt8] {
    framing.bytes(of: entry.canonicalBytes)
  }
}

/// Reads a bundle, however it is cut into pieces: entry by entry, as they stand.
///
/// Holds at most one entry and what arrived with it, and refuses a length before reading what it announces. Once it has thrown it
/// throws the same again. What the entries amount to ``BundledHistory`` says.
public struct BundleDecoder: Sendable {
  private var entries = EntryDecoder(HistoryBundle.framing)

  /// A decoder at the beginning of a file.
  public init() {}

  /// Takes the next bytes of the file; after a failure it drops them. O(bytes).
  public mutating func append(_ bytes: [UInt8]) {
    entries.append(bytes)
  }

  /// How many bytes no entry was made of yet.
  public var undecodedBytes: Int {
    entries.undecodedBytes
  }

  /// The next entry; nil until more bytes come.
  public mutating func next() throws(WireError) -> BundleEntry? {
    try entries.next { (body) throws(WireError) in try BundleEntry(canonicalBytes: body) }
  }
}
